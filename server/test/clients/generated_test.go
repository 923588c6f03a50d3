package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// TestGeneratedClient: a typed client is generated from the description that a running server shows, compiled with strict rules, and
// publishes and reads.
func TestGeneratedClient(t *testing.T) {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("skipped: %s is not installed", program)
		}
	}
	t.Parallel()
	s := run.Start(t)
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "generated", "private")
	_, token := s.AddToken(t, jwt, "generated", "client", "publish", "subscribe")
	var key struct{ Key string }
	if code := s.JSON(t, "POST", "/api/keys", jwt, map[string]any{"name": "client"}, &key); code != 201 {
		t.Fatalf("POST /api/keys = %d", code)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("typescript")); err != nil {
		t.Fatal(err)
	}
	if err := command(dir, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"); err != nil {
		if unreachable.MatchString(err.Error()) {
			t.Skipf("skipped: the generator cannot be fetched here: %v", err)
		}
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "node_modules", ".bin")
	for _, step := range [][]string{
		{filepath.Join(bin, "openapi-typescript"), s.URL + "/openapi.json", "--output", "schema.d.ts"},
		{filepath.Join(bin, "tsc"), "--project", "."},
	} {
		if err := command(dir, step[0], step[1:]...); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("node", "client.js")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "NOTIFER_URL="+s.URL, "TOKEN="+token, "KEY="+key.Key)
	out, err := cmd.CombinedOutput()
	want := `{"title":"Generated","priority":4,"topics":["generated"],"refused":401,"detail":true}`
	if err != nil || strings.TrimSpace(string(out)) != want {
		t.Errorf("the client: %v, printed %s, want %s", err, out, want)
	}
}
