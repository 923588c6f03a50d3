package auth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"notifer/server/auth"
	"notifer/server/auth/secrets"
)

// TestAuthorizationThatIsNotOurs: what belongs to a proxy counts as absent, and a secret of ours is found where senders that know
// only user and password can put it.
func TestAuthorizationThatIsNotOurs(t *testing.T) {
	f := newForge(t)
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	token, key := secrets.NewToken(), secrets.NewKey()
	for _, row := range []struct{ header, bearer, password, aside string }{
		{"Bearer " + f.grant.Access, f.grant.Access, "", ""},
		{"bearer  " + f.grant.Access, f.grant.Access, "", ""},
		{"Bearer " + token, token, "", ""},
		{"Bearer " + key, key, "", ""},
		{"Bearer tk_mistyped", "tk_mistyped", "", ""},
		{basic(token, ""), token, "", ""},
		{basic("", token), "", token, ""},
		{basic("ada", key), "", key, ""},
		{basic(token, key), token, key, ""},
		{basic("ada", "correct horse"), "", "", "Basic"},
		{"basic !", "", "", "Basic"},
		{basic("", token) + "\n", "", "", "Basic"}, // one spelling only
		{"Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", "", "", "Bearer"},
		{"Bearer " + f.grant.Refresh, "", "", "Bearer"},
		{"Bearer " + f.grant.Access + "\n", "", "", "Bearer"},
		{"Bearer " + strings.Repeat("a.", 5000), "", "", "Bearer"},
		{`Digest username="tk_"`, "", "", "Digest"},
		{"Negotiate YII=", "", "", "Negotiate"},
		{"Evil\x1b[31m x", "", "", "another scheme"},
		{"Bearer", "", "", "empty"},
		{"", "", "", "empty"},
	} {
		var in auth.Presented
		f.a.SetAuthorization(&in, row.header)
		if in.Bearer != row.bearer || in.Password != row.password || in.SetAside != row.aside || in.Misplaced {
			t.Errorf("%q: %+v, want bearer %q, password %q, set aside %q", row.header, in, row.bearer, row.password, row.aside)
		}
	}
	for _, misplaced := range []string{token, "Token " + token, "Digest " + key} {
		var in auth.Presented
		f.a.SetAuthorization(&in, misplaced)
		if _, err := f.a.Authenticate(context.Background(), in); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("%q: %v, want not authenticated", misplaced, err)
		}
	}
}

// TestEveryCredentialHasOneSpelling adds to each credential what decoders pass over.
func TestEveryCredentialHasOneSpelling(t *testing.T) {
	f := newForge(t)
	jwt := f.grant.Access
	dot := strings.LastIndex(jwt, ".")
	cookie, err := f.a.SignIn(context.Background(), f.grant.User, "test", "", auth.BrowserCookie)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{"\n", "\r", "\r\n", " ", "\t", "=", "%0A", "\x00"} {
		for _, text := range []string{jwt + c, c + jwt, jwt[:dot+5] + c + jwt[dot+5:], jwt[:10] + c + jwt[10:]} {
			if err := f.present(text); !errors.Is(err, auth.ErrUnauthenticated) {
				t.Errorf("a JWT with %q in it: %v, want not authenticated", c, err)
			}
			in := auth.Presented{Query: text, QueryJWT: true}
			if _, err := f.a.Authenticate(context.Background(), in); !errors.Is(err, auth.ErrUnauthenticated) {
				t.Errorf("a JWT with %q in it, in the query: %v, want not authenticated", c, err)
			}
		}
		if _, err := f.a.Refresh(context.Background(), f.grant.Refresh+c); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("a refresh token and %q: %v, want not authenticated", c, err)
		}
		if p, err := f.a.Authenticate(context.Background(), auth.Presented{Cookie: cookie.SID + c}); err != nil || !p.Anonymous() {
			t.Errorf("a cookie and %q: %v, want nobody", c, err)
		}
	}
	if err := f.present(jwt); err != nil {
		t.Error(err)
	}
}
