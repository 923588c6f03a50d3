package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"notifer/server/test/run"
)

// adminJSON runs an admin command with --json and decodes what it prints.
func adminJSON(t *testing.T, s *run.Server, into any, args ...string) {
	t.Helper()
	out := s.Admin(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		t.Fatalf("notifer %q --json: %v in %q", args, err, out)
	}
}

// soon holds what an admin command promises: a running server knows of it within a second.
func soon(t *testing.T, what string, claim func() bool) {
	t.Helper()
	start := time.Now()
	run.Until(t, what, claim)
	if took := time.Since(start); took > time.Second+run.Scale(t, 5*time.Second) {
		t.Errorf("%s: took %v, want a second at most", what, took)
	}
}

func TestAdminCommandsWhileServing(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	s.AddUser(t, "ann")
	s.Admin(t, "topic", "create", "disks")
	var token struct{ ID, Token string }
	adminJSON(t, s, &token, "token", "create", "disks", "NAS", "--permissions", "publish,subscribe")
	if !tokenText.MatchString(token.Token) {
		t.Fatalf("token create printed %q", token.Token)
	}
	status := func() int {
		res, _ := call(t, "POST", s.URL+"/disks", "hello", "X-Topic-Token: "+token.Token)
		return res.StatusCode
	}
	soon(t, "the new token publishes", func() bool { return status() == 200 })
	if list := s.Admin(t, "token", "list", "disks"); !strings.Contains(list, "NAS") || strings.Contains(list, token.Token) {
		t.Errorf("token list printed %s", list)
	}
	s.Admin(t, "user", "disable", "ann@example.org")
	soon(t, "a disabled owner's token is refused", func() bool { return status() == 401 })
	s.Admin(t, "user", "enable", "ann@example.org")
	soon(t, "it works again", func() bool { return status() == 200 })
	s.Admin(t, "token", "revoke", "disks", token.ID)
	soon(t, "the revoked token is refused", func() bool { return status() == 401 })
	s.Admin(t, "topic", "delete", "disks", "--yes")
	if list := s.Admin(t, "topic", "list"); strings.Contains(list, "disks") {
		t.Errorf("topic list after the deletion: %s", list)
	}
}

// TestTokenCommandsSayWhatTheAPISays compares the whole token, field by field.
func TestTokenCommandsSayWhatTheAPISays(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	jwt := s.AddUser(t, "ann")
	s.AddTopic(t, jwt, "disks", "private")
	s.Admin(t, "token", "create", "disks", "NAS", "--expires-in", "2h", "--note", "attic")
	var printed, served []map[string]any
	adminJSON(t, s, &printed, "token", "list", "disks")
	if status := s.JSON(t, "GET", "/api/topics/disks/access-tokens", jwt, nil, &served); status != 200 {
		t.Fatalf("list of tokens: %d", status)
	}
	if len(served) != 1 || !reflect.DeepEqual(served, printed) {
		t.Errorf("token list --json differs from the API:\n%v\n%v", printed, served)
	}
	if list := s.Admin(t, "token", "list", "disks"); !strings.Contains(list, "expiring") {
		t.Errorf("token list: %s", list)
	}
}

func TestAccountCommands(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	jwt := s.AddAdmin(t, "ann")
	s.AddUser(t, "ben")
	var key struct{ ID, Key string }
	adminJSON(t, s, &key, "key", "create", "ben", "laptop", "--scopes", "topics:read")
	mine := func() int {
		res, _ := call(t, "GET", s.URL+"/api/topics/my", "", "X-API-Key: "+key.Key)
		return res.StatusCode
	}
	soon(t, "the new key works", func() bool { return mine() == 200 })
	s.Admin(t, "key", "revoke", "ben", key.ID)
	soon(t, "the revoked key is refused", func() bool { return mine() == 401 })
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("another long password\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Admin(t, "user", "passwd", "ann@example.org", "--password-file", file)
	soon(t, "a new password ends the sessions", func() bool { return s.JSON(t, "GET", "/auth/me", jwt, nil, nil) == 401 })
	s.Admin(t, "user", "delete", "ben@example.org", "--yes")
	if list := s.Admin(t, "user", "list"); strings.Contains(list, "ben") || !strings.Contains(list, "ann") {
		t.Errorf("user list: %s", list)
	}
}

// A subscriber on the command line continues after the server was killed and started again, without gaps or duplicates.
func TestSubscribeCommandResumes(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	jwt := s.AddUser(t, "ann")
	s.AddTopic(t, jwt, "disks", "private")
	_, token := s.AddToken(t, jwt, "disks", "wall", "publish", "subscribe")
	cmd := exec.CommandContext(t.Context(), run.Binary(t), "subscribe", "disks", "--since", "all", "--json", "--count", "4")
	cmd.Env = append(os.Environ(), "NOTIFER_URL="+s.URL, "NOTIFER_TOPIC_TOKEN="+token)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for i, text := range []string{"one", "two", "three", "four"} {
		if i == 2 {
			s.Kill()
			s.Restart(t)
		}
		env := []string{"NOTIFER_URL=" + s.URL, "NOTIFER_TOPIC_TOKEN=" + token}
		if r := run.Command(t, env, "", "publish", "disks", text, "--title", "T", "--priority", "4", "--tags", "a,b"); r.Code != 0 {
			t.Fatalf("publish: %s", r.Stderr)
		}
		var m message
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &m) != nil || m.Message != text || m.Priority != 4 || len(m.Tags) != 2 {
			t.Fatalf("subscribe printed %q, want message %q", lines.Text(), text)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("subscribe --count 4 ended with %v", err)
	}
}

// Wrong usage says what to type instead, and a refusal says why; both with an exit code.
func TestCommandsExplainMistakes(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	at := []string{"NOTIFER_URL=" + s.URL}
	for _, c := range []struct {
		env  []string
		args []string
		says string
	}{
		{nil, []string{"servve"}, "serve"},
		{nil, []string{"publish"}, "TOPIC"},
		{at, []string{"publish", "disks", "hello"}, "token"},
		{append(at, "NOTIFER_TOPIC_TOKEN=tk_wrong"), []string{"publish", "disks", "hello"}, "token"},
		{nil, []string{"publish", "disks", "hello", "--priority", "huge"}, "priority"},
		{[]string{"NOTIFER_URL=http://127.0.0.1:1"}, []string{"publish", "disks", "hello", "--retry", "0"}, "127.0.0.1:1"},
		{nil, []string{"user", "add", "not-an-address", "--data-dir", t.TempDir(), "--password-file", "/dev/null"}, "-"},
	} {
		r := run.Command(t, c.env, "", c.args...)
		if r.Code == 0 || !strings.Contains(r.Stderr, c.says) || strings.Contains(r.Stderr, "goroutine") {
			t.Errorf("notifer %q = %d %q, want an error that says %q", c.args, r.Code, r.Stderr, c.says)
		}
	}
}

func TestUnknownSettingNamesTheNearest(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "notifer.toml")
	if err := os.WriteFile(file, []byte("# mine\n\nlisten = \"127.0.0.1:0\"\nlog_levle = \"debug\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := run.Command(t, nil, "", "serve", "--config", file, "--data-dir", t.TempDir())
	if r.Code == 0 || !strings.Contains(r.Stderr, "4") || !strings.Contains(r.Stderr, "log_levle") || !strings.Contains(r.Stderr, "log_level") {
		t.Errorf("serve with an unknown key = %d %q, want its line and log_level", r.Code, r.Stderr)
	}
}

// What a command has changed is in force on the running server when the command ends, so that a script can go on.
func TestCommandsAreInForceWhenTheyEnd(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "disks", "private")
	for n := range 3 {
		name := fmt.Sprint("script-", n)
		token := strings.TrimSpace(s.Admin(t, "token", "create", "disks", name))
		if code, answer := s.Publish(t, "disks", token, "hello"); code != 200 {
			t.Errorf("right after its creation a token = %d %s, want 200", code, answer)
		}
		s.Admin(t, "token", "revoke", "disks", name)
		if code, answer := s.Publish(t, "disks", token, "hello"); code != 401 {
			t.Errorf("right after its revocation a token = %d %s, want 401", code, answer)
		}
	}
}
