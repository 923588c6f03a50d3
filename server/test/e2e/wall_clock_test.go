package e2e_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"notifer/server/test/run"
)

// wallClock is the clock of a server that reads time.Now as it is shipped. A static program asks the kernel itself, past every
// preloaded library, so the server runs in an emulator that is linked dynamically, and that one's clock is libfaketime's.
type wallClock struct {
	t    *testing.T
	file string // what libfaketime adds, in seconds
	bin  string // the program under this clock
}

func newWallClock(t *testing.T) *wallClock {
	t.Helper()
	emulator := "qemu-" + map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	need(t, emulator)
	found, err := filepath.Glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
	if err != nil || len(found) == 0 {
		t.Skip("libfaketime is not installed")
	}
	dir := t.TempDir()
	c := &wallClock{t: t, file: filepath.Join(dir, "clock"), bin: filepath.Join(dir, "notifer")}
	c.set(0)
	script := fmt.Sprintf(`#!/bin/sh
FAKETIME_TIMESTAMP_FILE='%s' FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 LD_PRELOAD='%s' exec %s -U LD_PRELOAD '%s' "$@"
`, c.file, found[0], emulator, run.Binary(t))
	if err := os.WriteFile(c.bin, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return c
}

// set puts the clock this far from the right time. A rename, so that no reader finds half a number.
func (c *wallClock) set(d time.Duration) {
	c.t.Helper()
	next := c.file + ".next"
	if err := os.WriteFile(next, fmt.Appendf(nil, "%+d\n", int64(d.Seconds())), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Rename(next, c.file); err != nil {
		c.t.Fatal(err)
	}
}

func statusWith(t *testing.T, s *run.Server, path, token string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Topic-Token", token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// A board without a battery starts in 1970. Once its clock is set right, people sign in at once.
func TestWallClockSetRight(t *testing.T) {
	t.Parallel()
	c := newWallClock(t)
	c.set(-time.Since(time.Unix(5, 0)))
	s := run.Start(t, run.Using(c.bin))
	early := s.AddAdmin(t, "ann")
	if code := s.JSON(t, "GET", "/auth/me", early, nil, nil); code != http.StatusOK {
		t.Fatalf("/auth/me in 1970 = %d", code)
	}
	if date := dateOf(t, s); date.Year() != 1970 {
		t.Fatalf("the server's date is %s: its clock is not faked", date)
	}
	c.set(0)
	if code := s.JSON(t, "GET", "/auth/me", early, nil, nil); code != http.StatusUnauthorized {
		t.Errorf("/auth/me with a sign-in of 1970 = %d, want 401", code)
	}
	jwt := s.AddUser(t, "bob")
	if code := s.JSON(t, "GET", "/auth/me", jwt, nil, nil); code != http.StatusOK {
		t.Errorf("/auth/me once the clock is right = %d, want 200", code)
	}
}

func dateOf(t *testing.T, s *run.Server) time.Time {
	t.Helper()
	res, err := http.Get(s.URL + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	at, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A clock that is set forward ends what has expired by then, open streams included, and setting it back revives none of it.
func TestWallClockSetForwardAndBack(t *testing.T) {
	t.Parallel()
	c := newWallClock(t)
	s := run.Start(t, run.Using(c.bin), run.Env("NOTIFER_STREAM_HEARTBEAT=1s"))
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "ops", "private")
	token := func(name string, lifetime time.Duration) string {
		var made struct{ Token string }
		body := map[string]any{"name": name, "permissions": []string{"subscribe"}, "expires_at": time.Now().Add(lifetime).UTC().Format(time.RFC3339)}
		if code := s.JSON(t, "POST", "/api/topics/ops/access-tokens", jwt, body, &made); code != http.StatusCreated {
			t.Fatalf("create %s = %d", name, code)
		}
		return made.Token
	}
	short, long := token("short", 30*time.Minute), token("long", 90*24*time.Hour)
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/ops/sse", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Topic-Token", short)
	stream, err := http.DefaultClient.Do(req)
	if err != nil || stream.StatusCode != http.StatusOK {
		t.Fatalf("stream: %v, %v", stream, err)
	}
	defer stream.Body.Close()
	want := func(when string, ofShort int) {
		t.Helper()
		for name, row := range map[string]struct {
			token string
			want  int
		}{"short": {short, ofShort}, "long": {long, 200}} {
			if got := statusWith(t, s, "/ops/json", row.token); got != row.want {
				t.Errorf("%s: the %s token = %d, want %d", when, name, got, row.want)
			}
		}
	}
	want("at first", 200)
	c.set(25 * time.Hour)
	said := false
	for lines := bufio.NewScanner(stream.Body); lines.Scan(); {
		said = said || strings.Contains(lines.Text(), "revoked")
	}
	if !said {
		t.Error("the stream of an expired token ends without a word")
	}
	want("a day later", 401)
	c.set(0)
	want("set back", 401)
}
