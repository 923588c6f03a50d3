package manage_test

import (
	"strings"
	"testing"
	"time"

	"notifer/server/auth"
	"notifer/server/manage"
)

func TestKeyValues(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	now := h.d.Now()
	for name, row := range map[string]struct {
		v      manage.KeyValues
		kind   error
		scopes string
	}{
		"the least":              {manage.KeyValues{Name: "laptop"}, nil, "*"},
		"no name":                {manage.KeyValues{}, auth.ErrInvalid, ""},
		"scopes twice":           {manage.KeyValues{Name: "laptop", Scopes: []string{"topics:read", "publish", "publish"}}, nil, "publish,topics:read"},
		"no scopes":              {manage.KeyValues{Name: "laptop", Scopes: []string{}}, auth.ErrInvalid, ""},
		"another scope":          {manage.KeyValues{Name: "laptop", Scopes: []string{"admin"}}, auth.ErrInvalid, ""},
		"a long description":     {manage.KeyValues{Name: "laptop", Description: strings.Repeat("x", 501)}, auth.ErrInvalid, ""},
		"an end ahead":           {manage.KeyValues{Name: "laptop", Expires: now.Add(time.Hour)}, nil, "*"},
		"an end behind":          {manage.KeyValues{Name: "laptop", Expires: now.Add(-time.Hour)}, auth.ErrInvalid, ""},
		"an end in year 10000":   {manage.KeyValues{Name: "laptop", Expires: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, auth.ErrInvalid, ""},
		"a name that is no text": {manage.KeyValues{Name: "a\x1b[2Jb"}, auth.ErrInvalid, ""},
	} {
		k, err := h.NewKey(h.ann, row.v)
		wantKind(t, name, err, row.kind)
		if err == nil && k.Scopes != row.scopes {
			t.Errorf("%s: scopes %q, want %q", name, k.Scopes, row.scopes)
		}
	}
	for scopes, kind := range map[string]error{"*": nil, "publish": nil, "subscribe": auth.ErrForbidden} {
		by := h.byKey("publish")
		if scopes == "*" {
			by = h.byKey("*")
		}
		_, err := h.NewKey(by, manage.KeyValues{Name: "x", Scopes: []string{scopes}})
		wantKind(t, "a key gives "+scopes, err, kind)
	}
}
