package auth_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"notifer/db"
	"notifer/server/auth"
)

// parts are a text, what it is split into at dots, and what is inside of those as base64 and JSON.
func parts(text string) []string {
	list := []string{text}
	for _, p := range strings.Split(text, ".") {
		list = append(list, p)
		for _, e := range []*base64.Encoding{base64.RawURLEncoding, base64.StdEncoding} {
			raw, err := e.DecodeString(p)
			if err != nil {
				continue
			}
			list = append(list, string(raw))
			var fields map[string]any
			if json.Unmarshal(raw, &fields) == nil {
				for _, v := range fields {
					if s, ok := v.(string); ok {
						list = append(list, s)
					}
				}
			}
		}
	}
	return list
}

// TestOneSecretPerPurpose shows every part of every secret of a session in every place but its own.
func TestOneSecretPerPurpose(t *testing.T) {
	f := newForge(t)
	ctx := context.Background()
	cookie, err := f.a.SignIn(ctx, f.grant.User, "test", "", auth.BrowserCookie)
	if err != nil {
		t.Fatal(err)
	}
	again, err := f.a.Refresh(ctx, f.grant.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	if cookie.Access != "" || cookie.Refresh != "" || f.grant.SID != "" || again.SID != "" {
		t.Error("a sign-in yields a secret that it is not for")
	}
	for name, secret := range map[string]string{"JWT": again.Access, "first JWT": f.grant.Access, "refresh token": again.Refresh,
		"used refresh token": f.grant.Refresh, "cookie": cookie.SID, "session id": cookie.Session.ID} {
		for _, part := range parts(secret) {
			if part == "" {
				continue
			}
			whole := part == secret
			for place, in := range map[string]auth.Presented{
				"cookie": {Cookie: part}, "bearer": {Bearer: part}, "query": {Query: part, QueryJWT: true}, "token": {TopicToken: part}, "key": {APIKey: part},
			} {
				if whole && (name == "cookie" && place == "cookie" || strings.HasSuffix(name, "JWT") && (place == "bearer" || place == "query")) {
					continue
				}
				if p, err := f.a.Authenticate(ctx, in); err == nil && !p.Anonymous() {
					t.Errorf("a part of the %s works as %s: %q", name, place, part)
				}
			}
			if whole && strings.HasSuffix(name, "refresh token") {
				continue
			}
			if _, err := f.a.Refresh(ctx, part); !errors.Is(err, auth.ErrUnauthenticated) {
				t.Errorf("a part of the %s works as refresh token: %q, %v", name, part, err)
			}
		}
	}
}

// TestASessionEndsAbsolutely refreshes a session without a pause: it ends all the same.
func TestASessionEndsAbsolutely(t *testing.T) {
	ctx, begin := context.Background(), time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	var lived atomic.Int64 // read by the store's own goroutine too
	d, err := db.Open(t.TempDir(), db.Options{Now: func() time.Time { return begin.Add(time.Duration(lived.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	o := cheap
	o.RefreshTTL, o.SessionMax = 24*time.Hour, 72*time.Hour
	a, err := auth.New(ctx, d, o)
	if err != nil {
		t.Fatal(err)
	}
	u := addUser(t, a, d, "ada", "correct horse", true)
	g, err := a.SignIn(ctx, u, "test", "", auth.APISession)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil && lived.Load() < int64(200*time.Hour) {
		lived.Add(int64(10 * time.Hour))
		if g, err = a.Refresh(ctx, g.Refresh); err == nil && g.Session.ExpiresAt.After(begin.Add(72*time.Hour+time.Minute)) { // the time since the start runs meanwhile
			t.Fatalf("after %v the session ends at %v", time.Duration(lived.Load()), g.Session.ExpiresAt)
		}
	}
	if after := time.Duration(lived.Load()); !errors.Is(err, auth.ErrUnauthenticated) || after != 80*time.Hour {
		t.Errorf("the session lived %v, %v; want the refresh after 80 hours refused", after, err)
	}
}

// TestARestoreEndsJWTs: a backup holds no key of JWTs, so those of before a restore end. Sessions are as they were at the backup: the
// program that holds the refresh token goes on.
func TestARestoreEndsJWTs(t *testing.T) {
	f, ctx := newForge(t), t.Context()
	backup, dir := filepath.Join(t.TempDir(), "backup.db"), t.TempDir()
	if err := f.d.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Restore(ctx, dir, backup); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	restored, err := auth.New(ctx, d, cheap)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := restored.Authenticate(ctx, auth.Presented{Bearer: f.grant.Access}); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("a JWT of before the restore: %v, want %v", err, auth.ErrUnauthenticated)
	}
	next, err := restored.Refresh(ctx, f.grant.Refresh)
	if err != nil {
		t.Fatalf("the refresh token of before the restore: %v", err)
	}
	if _, err := restored.Authenticate(ctx, auth.Presented{Bearer: next.Access}); err != nil {
		t.Errorf("the JWT that it was traded for: %v", err)
	}
}
