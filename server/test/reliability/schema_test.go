package reliability_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// What testdata/schema-NNNN.db.gz hold, each written by the program of its day: ann, her private topic ops with twenty
// messages, two tokens of it and a key.
const (
	oldPassword = "correct horse battery staple"
	oldToken    = "tk_HD0l7ZErYVUpXtalH8DomSFAbQcyRviJS5ceF3seCax"
	oldRevoked  = "tk_UZ9LyfRubyhsjeWsEZCtQozN9iF3A9SOeEsEO04WBsj"
	oldKey      = "noti_HnYiPz1ck1BHbULntpqGxCRshK0wIOyP"
)

// TestOlderSchemas is P16: a store of every older schema is brought up to date with all it holds, also by a program that is
// killed on the way.
func TestOlderSchemas(t *testing.T) {
	stores, err := filepath.Glob("testdata/schema-*.db.gz")
	if err != nil || len(stores) == 0 {
		t.Fatalf("no stores of older schemas: %v", err)
	}
	for _, store := range stores {
		t.Run(filepath.Base(store), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			unpack(t, store, dir)
			for range 5 {
				p := run.Launch(t, run.In(dir))
				pause(time.Millisecond, 60*time.Millisecond)
				p.Kill()
			}
			upgraded(t, run.Start(t, run.In(dir)))
			if copies, _ := filepath.Glob(filepath.Join(dir, "notifer.db.before-*")); len(copies) != 1 {
				t.Errorf("copies made before the upgrade: %v, want one", copies)
			}
			if out, code := run.Run(t, run.Binary(t), "check", "--data-dir", dir); code != 0 {
				t.Errorf("notifer check: exit %d\n%s", code, out)
			}
		})
	}
}

func unpack(t *testing.T, from, dir string) {
	t.Helper()
	packed, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	in, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err == nil {
		err = os.Mkdir(dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "notifer.db"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// upgraded checks that everything in the old store is there and in force.
func upgraded(t *testing.T, p *run.Server) {
	t.Helper()
	base := p.URL
	log := reliability.Log(t, base, "ops", oldToken)
	if len(log) != 20 {
		t.Fatalf("%d messages, want 20", len(log))
	}
	for i, m := range log {
		if want := fmt.Sprint("message ", i+1); m.Body != want {
			t.Errorf("message %d = %q, want %q", i+1, m.Body, want)
		}
	}
	for header, want := range map[[2]string]int{{"X-Topic-Token", oldToken}: 200, {"X-Topic-Token", oldRevoked}: 401, {"X-API-Key", oldKey}: 200} {
		c := &reliability.Call{Method: "POST", URL: base + "/ops", Body: "after the upgrade", Header: map[string]string{header[0]: header[1]}}
		if err := c.Do(); err != nil || c.Status != want {
			t.Errorf("publish with %s = %d %v %s, want %d", header[1], c.Status, err, c.Answer, want)
		}
	}
	ann := reliability.SignIn(t, base, "ann@example.org", oldPassword)
	ann.Must(t, "GET", "/api/topics/ops/access-tokens", nil, nil)
}
