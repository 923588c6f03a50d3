package auth_test

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server/auth"
	"notifer/server/auth/argon"
	"notifer/server/auth/secrets"
)

var cheap = auth.Options{Params: argon.Params{Memory: 64, Time: 1, Threads: 1}, OpenPublish: true,
	AccessTTL: 24 * time.Hour, RefreshTTL: 720 * time.Hour, SessionMax: 2160 * time.Hour, MaxTokens: 100}

// forge is a signed-in account, with the server's key in the hands of the test.
type forge struct {
	t     testing.TB
	a     *auth.Auth
	d     *db.DB
	grant auth.Grant
	key   []byte
}

func newForge(t testing.TB) *forge {
	t.Helper()
	d := dbtest.New(t)
	a, err := auth.New(context.Background(), d, cheap)
	if err != nil {
		t.Fatal(err)
	}
	u := addUser(t, a, d, "ada", "correct horse", true)
	g, err := a.SignIn(context.Background(), u, "test", "127.0.0.1", auth.APISession)
	if err != nil {
		t.Fatal(err)
	}
	key, err := d.Setting(context.Background(), db.SigningKey)
	if err != nil {
		t.Fatal(err)
	}
	return &forge{t, a, d, g, key}
}

// addUser stores an account with an email address of its name.
func addUser(t testing.TB, a *auth.Auth, d *db.DB, name, password string, admin bool) db.User {
	t.Helper()
	hash, err := a.HashPassword(context.Background(), password)
	u := db.User{Email: name + "@home.example", Username: name, PasswordHash: hash, IsAdmin: admin}
	if err := errors.Join(err, d.CreateUser(&u)); err != nil {
		t.Fatal(err)
	}
	return u
}

// present shows a text as Authorization: Bearer.
func (f *forge) present(text string) error {
	p, err := f.a.Authenticate(context.Background(), auth.Presented{Bearer: text})
	if err == nil && p.Session() == nil {
		return errors.New("nobody is signed in")
	}
	return err
}

func (f *forge) claims(change map[string]any) jwt.MapClaims {
	c := jwt.MapClaims{"sid": f.grant.Session.ID, "sub": f.grant.User.ID, "iss": "notifer", "aud": "notifer-api",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	for k, v := range change {
		if c[k] = v; v == nil {
			delete(c, k)
		}
	}
	return c
}

func (f *forge) sign(method jwt.SigningMethod, key any, header map[string]any, change map[string]any) string {
	f.t.Helper()
	k := jwt.NewWithClaims(method, f.claims(change))
	for name, v := range header {
		k.Header[name] = v
	}
	text, err := k.SignedString(key)
	if err != nil {
		f.t.Fatal(err)
	}
	return text
}

// raw signs whatever stands in the header and the claims with the server's key.
func (f *forge) raw(header, claims string) string {
	enc := base64.RawURLEncoding.EncodeToString
	m := hmac.New(sha256.New, f.key)
	text := enc([]byte(header)) + "." + enc([]byte(claims))
	m.Write([]byte(text))
	return text + "." + enc(m.Sum(nil))
}

// forged are the texts that must not sign anybody in.
func (f *forge) forged() map[string]string {
	hs, key, day := jwt.SigningMethodHS256, any(f.key), time.Now().Add(-24*time.Hour).Unix()
	good := f.grant.Access
	parts := strings.Split(good, ".")
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.t.Fatal(err)
	}
	with := func(claim string, v any) string { return f.sign(hs, key, nil, map[string]any{claim: v}) }
	claims := fmt.Sprintf(`{"sid":%q,"sub":%q,"iss":"notifer","aud":"notifer-api","exp":%d}`, f.grant.Session.ID, f.grant.User.ID, time.Now().Add(time.Hour).Unix())
	return map[string]string{
		"alg none":               f.sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, nil),
		"alg None, unsigned":     base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"None"}`)) + "." + parts[1] + ".",
		"alg HS384":              f.sign(jwt.SigningMethodHS384, key, nil, nil),
		"alg HS512":              f.sign(jwt.SigningMethodHS512, key, nil, nil),
		"alg RS256":              f.sign(jwt.SigningMethodRS256, rsaKey, nil, nil),
		"alg PS256":              f.sign(jwt.SigningMethodPS256, rsaKey, nil, nil),
		"alg says HS384":         f.sign(hs, key, map[string]any{"alg": "HS384"}, nil),
		"alg missing":            f.raw(`{"typ":"JWT"}`, claims),
		"alg a number":           f.raw(`{"alg":256}`, claims),
		"another key":            f.sign(hs, []byte("another key of thirty-two bytes!"), nil, nil),
		"empty key":              f.sign(hs, []byte{}, nil, nil),
		"key is the word random": f.sign(hs, []byte("random"), nil, nil),
		"no exp":                 with("exp", nil),
		"exp 0":                  with("exp", 0),
		"exp negative":           with("exp", -1),
		"exp yesterday":          with("exp", day),
		"exp text":               with("exp", "tomorrow"),
		"iat tomorrow":           with("iat", time.Now().Add(24*time.Hour).Unix()),
		"nbf tomorrow":           with("nbf", time.Now().Add(24*time.Hour).Unix()),
		"no iss":                 with("iss", nil),
		"another iss":            with("iss", "evil"),
		"no aud":                 with("aud", nil),
		"another aud":            with("aud", "notifer-web"),
		"no sid":                 with("sid", nil),
		"unknown sid":            with("sid", secrets.New()),
		"sid a list":             with("sid", []string{f.grant.Session.ID}),
		"no sub":                 with("sub", nil),
		"another sub":            with("sub", "user_aaaaaaaaaaaaaaaa"),
		"refresh token":          f.grant.Refresh,
		"session secret":         f.grant.Session.ID,
		"claims changed":         parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + "." + parts[2],
		"signature cut":          good[:len(good)-4],
		"signature missing":      parts[0] + "." + parts[1] + ".",
		"padding added":          good + "=",
		"space at the end":       good + " ",
		"last bits changed":      lastBits(good),
		"four parts":             good + "." + parts[2],
		"two parts":              parts[0] + "." + parts[1],
		"a thousand dots":        strings.Repeat(".", 1000),
		"8 KiB and more":         f.sign(hs, key, nil, map[string]any{"pad": strings.Repeat("a", 9<<10)}),
		"claims no object":       f.raw(`{"alg":"HS256"}`, `[]`),
		"claims no JSON":         f.raw(`{"alg":"HS256"}`, `{`),
		"not a JWT":              "eyJhbGciOiJIUzI1NiJ9",
	}
}

// lastBits spells the signature's last byte in another way: the two lowest bits of its last character mean nothing.
func lastBits(s string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	at := strings.IndexByte(digits, s[len(s)-1])
	return s[:len(s)-1] + digits[at^1:at^1+1]
}

func TestForgedJWTs(t *testing.T) {
	f := newForge(t)
	if err := f.present(f.grant.Access); err != nil {
		t.Fatalf("the real one: %v", err)
	}
	list := f.forged()
	if len(list) < 30 {
		t.Fatalf("%d forgeries, want 30 and more", len(list))
	}
	for name, text := range list {
		if err := f.present(text); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("%s: %v, want not authenticated", name, err)
		}
	}
}

// TestJWTEndsWithItsSession shows that a JWT is a pointer: what ends the session ends the JWT at once.
func TestJWTEndsWithItsSession(t *testing.T) {
	for name, end := range map[string]func(*forge) error{
		"logout": func(f *forge) error { return f.d.EndSession(f.grant.User.ID, f.grant.Session.ID) },
		"password": func(f *forge) error {
			_, err := f.d.ChangeUser(f.grant.User.ID, func(u *db.User) error { u.PasswordHash = "x"; return nil }, db.Ends{})
			return err
		},
		"disable": func(f *forge) error {
			addUser(f.t, f.a, f.d, "eve", "correct horse", true)
			_, err := f.d.UpdateUser(f.grant.User.ID, func(u *db.User) error { u.Disabled = true; return nil })
			return err
		},
	} {
		f := newForge(t)
		f.d.Notify(f.a.Invalidate, nil)
		if err := f.present(f.grant.Access); err != nil {
			t.Fatal(err)
		}
		if err := end(f); err != nil {
			t.Fatal(err)
		}
		if err := f.present(f.grant.Access); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("after %s: %v, want not authenticated", name, err)
		}
		if _, err := f.a.Refresh(context.Background(), f.grant.Refresh); !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("refresh after %s: %v, want not authenticated", name, err)
		}
	}
}
