package manage_test

import (
	"fmt"
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
		"topics":                 {manage.KeyValues{Name: "phone", Topics: []string{"door", "backup-*", "door"}}, nil, "*"},
		"topics in one text":     {manage.KeyValues{Name: "phone", Topics: []string{"door, backup-*"}}, nil, "*"},
		"every topic":            {manage.KeyValues{Name: "phone", Topics: []string{"*"}}, nil, "*"},
		"no topics":              {manage.KeyValues{Name: "phone", Topics: []string{}}, auth.ErrInvalid, ""},
		"an empty topic":         {manage.KeyValues{Name: "phone", Topics: []string{" , "}}, auth.ErrInvalid, ""},
		"a topic of two letters": {manage.KeyValues{Name: "phone", Topics: []string{"ab"}}, auth.ErrInvalid, ""},
		"a quote in a pattern":   {manage.KeyValues{Name: "phone", Topics: []string{`a"*`}}, auth.ErrInvalid, ""},
		"a set in a pattern":     {manage.KeyValues{Name: "phone", Topics: []string{"[a-z]*"}}, auth.ErrInvalid, ""},
		"a long pattern":         {manage.KeyValues{Name: "phone", Topics: []string{strings.Repeat("a", 64) + "*"}}, auth.ErrInvalid, ""},
		"too many topics":        {manage.KeyValues{Name: "phone", Topics: many(101)}, auth.ErrInvalid, ""},
	} {
		k, err := h.NewKey(h.ann, row.v)
		wantKind(t, name, err, row.kind)
		if err == nil && k.Scopes != row.scopes {
			t.Errorf("%s: scopes %q, want %q", name, k.Scopes, row.scopes)
		}
	}
	limited := h.byKey("*")
	limited.Key.Topics = []string{"door"}
	_, err := h.NewKey(limited, manage.KeyValues{Name: "x", Topics: []string{"door"}})
	wantKind(t, "a limited key makes a key", err, auth.ErrForbidden)
	for scopes, kind := range map[string]error{"*": nil, "publish": nil, "subscribe": auth.ErrForbidden} {
		by := h.byKey("publish")
		if scopes == "*" {
			by = h.byKey("*")
		}
		_, err := h.NewKey(by, manage.KeyValues{Name: "x", Scopes: []string{scopes}})
		wantKind(t, "a key gives "+scopes, err, kind)
	}
}

func many(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("topic-%d", i)
	}
	return list
}
