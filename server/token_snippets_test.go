package server_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"notifer/web/examples"
)

// TestSnippetsRun runs every snippet whose tool is on this machine, with the secret inside.
func TestSnippetsRun(t *testing.T) {
	t.Parallel()
	s := tokenSite(t)
	secret := s.create("job", "permissions", "subscribe")
	run := map[string][]string{"curl": {"sh"}, "query": {"sh"}, "wget": {"sh"}, "python": {"python3"}, "javascript": {"node"}, "go": {"go", "run"}, "env": {"sh"}}
	want := 1
	s.wantPublish(secret, 200)
	for _, x := range examples.ForToken(examples.Use{Topic: s.url + "/backups", Publish: true}, secret) {
		tool := run[x.ID]
		if tool == nil {
			continue
		}
		needs := tool[0]
		if needs == "sh" {
			needs = map[bool]string{true: "wget", false: "curl"}[x.ID == "wget"]
		}
		if _, err := exec.LookPath(needs); err != nil {
			t.Logf("%s is not here", needs)
			continue
		}
		dir := t.TempDir()
		file := filepath.Join(dir, "snippet."+map[string]string{"go": "go", "javascript": "js"}[x.ID])
		last := x.Steps[len(x.Steps)-1].Code
		if x.ID == "env" {
			write(t, filepath.Join(dir, ".env"), x.Steps[0].Code+"\n")
		}
		write(t, file, last)
		cmd := exec.Command(tool[0], append(tool[1:], file)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s\n%s", x.Name, err, out, last)
			continue
		}
		want++
		topic, err := s.d.Topic(context.Background(), "backups")
		if err != nil || topic.MessageCount != int64(want) {
			t.Errorf("after %s there are %d messages, want %d (%v)", x.Name, topic.MessageCount, want, err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestProxyExamplesLeadHere: they are copied into a proxy's configuration as they stand.
func TestProxyExamplesLeadHere(t *testing.T) {
	s := tokenSite(t)
	here := strings.TrimPrefix(s.url, "http://")
	s.get(tab).says("proxy_pass http://" + here).says("reverse_proxy " + here + " {").says("url: http://" + here)
}
