package manage_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/auth/secrets"
	"notifer/server/manage"
)

func TestTokenValues(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	good := func(change func(*manage.TokenValues)) manage.TokenValues {
		v := manage.TokenValues{Name: ptr("CI"), Permissions: []string{"publish"}}
		change(&v)
		return v
	}
	now := h.d.Now()
	for name, row := range map[string]struct {
		v    manage.TokenValues
		kind error
	}{
		"the least":                {good(func(v *manage.TokenValues) {}), nil},
		"no name":                  {good(func(v *manage.TokenValues) { v.Name = nil }), auth.ErrInvalid},
		"an empty name":            {good(func(v *manage.TokenValues) { v.Name = ptr(" \t ") }), auth.ErrInvalid},
		"a name nobody sees":       {good(func(v *manage.TokenValues) { v.Name = ptr("\u200b\u2060") }), auth.ErrInvalid},
		"a name that turns around": {good(func(v *manage.TokenValues) { v.Name = ptr("a\u202eb") }), auth.ErrInvalid},
		"longest name":             {good(func(v *manage.TokenValues) { v.Name = ptr(strings.Repeat("ä", 60)) }), nil},
		"too long a name":          {good(func(v *manage.TokenValues) { v.Name = ptr(strings.Repeat("ä", 61)) }), auth.ErrInvalid},
		"no permission":            {good(func(v *manage.TokenValues) { v.Permissions = nil }), auth.ErrInvalid},
		"a comma list":             {good(func(v *manage.TokenValues) { v.Permissions = []string{"publish, subscribe"} }), nil},
		"another permission":       {good(func(v *manage.TokenValues) { v.Permissions = []string{"publish", "admin"} }), auth.ErrInvalid},
		"a long note":              {good(func(v *manage.TokenValues) { v.Note = ptr(strings.Repeat("x", 201)) }), auth.ErrInvalid},
		"a note of two lines":      {good(func(v *manage.TokenValues) { v.Note = ptr("a\nb") }), auth.ErrInvalid},
		"an end ahead":             {good(func(v *manage.TokenValues) { v.Expires = ptr(now.Add(time.Hour)) }), nil},
		"never":                    {good(func(v *manage.TokenValues) { v.Expires = &time.Time{} }), nil},
		"an end behind":            {good(func(v *manage.TokenValues) { v.Expires = ptr(now.Add(-time.Hour)) }), auth.ErrInvalid},
		"year 10000":               {good(func(v *manage.TokenValues) { v.Expires = ptr(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)) }), auth.ErrInvalid},
		"networks":                 {good(func(v *manage.TokenValues) { v.Networks = &[]string{"10.0.0.0/8", "::1"} }), nil},
		"an empty network":         {good(func(v *manage.TokenValues) { v.Networks = &[]string{"10.0.0.0/8", " "} }), auth.ErrInvalid},
		"no network":               {good(func(v *manage.TokenValues) { v.Networks = &[]string{"house"} }), auth.ErrInvalid},
		"too many networks": {good(func(v *manage.TokenValues) {
			v.Networks = ptr(strings.Split(strings.Repeat("10.0.0.0/8,", 100)+"::1", ","))
		}), auth.ErrInvalid},
		"a priority":          {good(func(v *manage.TokenValues) { v.Priority = ptr(5) }), nil},
		"no priority":         {good(func(v *manage.TokenValues) { v.Priority = ptr(0) }), nil},
		"a priority too high": {good(func(v *manage.TokenValues) { v.Priority = ptr(6) }), auth.ErrInvalid},
		"tags":                {good(func(v *manage.TokenValues) { v.Tags = &[]string{"A", " b ", "a"} }), nil},
		"a tag with a space":  {good(func(v *manage.TokenValues) { v.Tags = &[]string{"a b"} }), auth.ErrInvalid},
	} {
		_, err := h.NewToken(h.ann, &h.topic, row.v)
		wantKind(t, name, err, row.kind)
	}
	for _, level := range []string{db.Public, db.Protected} {
		topic := h.topic
		topic.AccessLevel = level
		_, err := h.NewToken(h.ann, &topic, good(func(*manage.TokenValues) {}))
		wantKind(t, "a "+level+" topic", err, auth.ErrMalformed)
	}
}

// TestTokenEveryProblemIsNamed: a form shows all that is wrong at once.
func TestTokenEveryProblemIsNamed(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	_, err := h.NewToken(h.ann, &h.topic, manage.TokenValues{Name: ptr(""), Note: ptr("a\nb"), Networks: &[]string{"house"}, Priority: ptr(9),
		Tags: &[]string{"!"}, Expires: ptr(h.d.Now().Add(-time.Hour))})
	var fields []string
	for _, p := range err.(manage.Errors) {
		fields = append(fields, p.Field)
	}
	if got, want := strings.Join(fields, " "), "permissions name note expires_at networks default_priority default_tags"; got != want {
		t.Errorf("fields %s, want %s", got, want)
	}
}

func TestTokenLifetime(t *testing.T) {
	h := newHouse(t, manage.Rules{DefaultExpiry: 30 * 24 * time.Hour, MaxExpiry: 90 * 24 * time.Hour})
	now := h.d.Now()
	for name, row := range map[string]struct {
		end  *time.Time
		kind error
	}{
		"none is named":    {nil, nil},
		"the longest":      {ptr(now.Add(90 * 24 * time.Hour)), nil},
		"a day more":       {ptr(now.Add(91 * 24 * time.Hour)), auth.ErrInvalid},
		"never":            {&time.Time{}, auth.ErrInvalid},
		"one that is over": {ptr(now.Add(-time.Second)), auth.ErrInvalid},
	} {
		made, err := h.NewToken(h.ann, &h.topic, manage.TokenValues{Name: ptr("CI"), Permissions: []string{"publish"}, Expires: row.end})
		wantKind(t, name, err, row.kind)
		if row.end == nil && made.ExpiresAt.Sub(now).Round(time.Hour) != 30*24*time.Hour {
			t.Errorf("without an end it expires at %v, want in 30 days", made.ExpiresAt)
		}
	}
	declared, err := h.ImportToken(t.Context(), h.ann, &h.topic, manage.TokenValues{Name: ptr("declared"), Permissions: []string{"publish"}}, secrets.NewToken())
	if err != nil || !declared.ExpiresAt.IsZero() {
		t.Fatalf("a declared token expires at %v, %v, want never", declared.ExpiresAt, err)
	}
	// What a change does not name is older than the rule, and stays.
	changed, err := h.UpdateToken(h.ann, &h.topic, declared.ID, manage.TokenValues{Note: ptr("in the hall")})
	if err != nil || changed.Note != "in the hall" || !changed.ExpiresAt.IsZero() {
		t.Errorf("a note of a token without an end: %+v, %v", changed, err)
	}
	_, err = h.UpdateToken(h.ann, &h.topic, declared.ID, manage.TokenValues{Expires: &time.Time{}})
	wantKind(t, "never, named again", err, auth.ErrInvalid)
}

// TestDeclaredSecretsAreNotShared: who gives two topics the same file with a secret reads that it is the secret, not the name.
func TestDeclaredSecretsAreNotShared(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	other, err := h.CreateTopic(h.ann, "doorbell", manage.TopicValues{})
	if err != nil {
		t.Fatal(err)
	}
	v := manage.TokenValues{Name: ptr("camera"), Permissions: []string{"publish"}}
	secret := secrets.NewToken()
	made, err := h.ImportToken(t.Context(), h.ann, &h.topic, v, secret)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.ImportToken(t.Context(), h.ann, &other, v, secret)
	if wantKind(t, "a secret in use", err, auth.ErrConflict); err != nil && !strings.Contains(err.Error(), "secret") {
		t.Errorf("a secret in use: %v, want it to name the secret", err)
	}
	_, err = h.ImportToken(t.Context(), h.ann, &h.topic, v, secrets.NewToken())
	if wantKind(t, "a name in use", err, auth.ErrConflict); err != nil && !strings.Contains(err.Error(), "camera") {
		t.Errorf("a name in use: %v, want it to name the name", err)
	}
	_, revoked := h.RevokeToken(h.ann, &h.topic, made.ID)
	if err := errors.Join(revoked, h.DeleteTopic(h.ann, h.topic)); err != nil {
		t.Fatal(err)
	}
	_, err = h.ImportToken(t.Context(), h.ann, &other, v, secret)
	if wantKind(t, "a secret that has ended", err, auth.ErrConflict); err != nil && !strings.Contains(err.Error(), "ended") {
		t.Errorf("a secret that has ended: %v, want it to say so", err)
	}
}

func TestTokenChanges(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	made, _, err := h.CreateToken(t.Context(), h.ann, &h.topic, manage.TokenValues{Name: ptr(" The  CI "), Permissions: []string{"publish"}})
	if err != nil || made.Name != "The CI" {
		t.Fatalf("%q, %v", made.Name, err)
	}
	_, _, err = h.CreateToken(t.Context(), h.ann, &h.topic, manage.TokenValues{Name: ptr("the ci"), Permissions: []string{"publish"}})
	wantKind(t, "a name in use", err, auth.ErrConflict)
	_, err = h.UpdateToken(h.ann, &h.topic, made.ID, manage.TokenValues{Permissions: []string{"subscribe"}})
	wantKind(t, "other permissions", err, auth.ErrInvalid)
	_, err = h.UpdateToken(h.ann, &h.topic, "token_none", manage.TokenValues{Note: ptr("x")})
	wantKind(t, "no such token", err, auth.ErrNotFound)
	for grace, kind := range map[time.Duration]error{0: nil, 7 * 24 * time.Hour: nil, -time.Second: auth.ErrInvalid, 8 * 24 * time.Hour: auth.ErrInvalid} {
		_, _, err := h.RotateToken(t.Context(), h.ann, &h.topic, made.ID, grace)
		wantKind(t, "a grace of "+grace.String(), err, kind)
	}
	if _, err := h.RevokeToken(h.ann, &h.topic, made.ID); err != nil {
		t.Fatal(err)
	}
	_, err = h.RevokeToken(h.ann, &h.topic, made.ID)
	wantKind(t, "revoked twice", err, auth.ErrNotFound)
	_, err = h.UpdateToken(h.ann, &h.topic, made.ID, manage.TokenValues{Note: ptr("x")})
	wantKind(t, "a change of an ended one", err, auth.ErrConflict)
	_, _, err = h.RotateToken(t.Context(), h.ann, &h.topic, made.ID, 0)
	wantKind(t, "a rotation of an ended one", err, auth.ErrConflict)
}

// TestTokensOfKeys: an API key hands out only what it may do itself.
func TestTokensOfKeys(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	both, _, err := h.CreateToken(t.Context(), h.ann, &h.topic, manage.TokenValues{Name: ptr("both"), Permissions: []string{"publish", "subscribe"}})
	if err != nil {
		t.Fatal(err)
	}
	for scopes, may := range map[string][3]bool{ // publish, subscribe, both
		"topics:write": {}, "publish,topics:write": {true, false, false}, "subscribe,topics:write": {false, true, false},
		"publish,subscribe,topics:write": {true, true, true}, "*": {true, true, true},
	} {
		for i, permissions := range [][]string{{"publish"}, {"subscribe"}, {"publish", "subscribe"}} {
			kind := auth.ErrForbidden
			if may[i] {
				kind = nil
			}
			_, err := h.NewToken(h.byKey(scopes), &h.topic, manage.TokenValues{Name: ptr("x"), Permissions: permissions})
			wantKind(t, scopes+" makes "+strings.Join(permissions, ","), err, kind)
		}
		kind := auth.ErrForbidden
		if may[2] {
			kind = nil
		}
		_, _, err := h.RotateToken(t.Context(), h.byKey(scopes), &h.topic, both.ID, time.Hour)
		wantKind(t, scopes+" rotates", err, kind)
	}
}

// A secret of somebody else's program may be of any characters; what is shown of it is whole ones.
func TestMaskedSecretIsText(t *testing.T) {
	for secret, want := range map[string]string{
		"":                        "",
		"whsec_0123456789abcdef":  "whsec…",
		"schlüsselschlüssel12345": "schlü…",
		strings.Repeat("🔑", 8):    "🔑…",
	} {
		if got := manage.MaskedSecret(secret); got != want {
			t.Errorf("MaskedSecret(%q) = %q, want %q", secret, got, want)
		}
	}
}
