package cli_test

import (
	"strings"
	"testing"
)

func TestUsageErrorsSayWhatToType(t *testing.T) {
	t.Chdir(t.TempDir()) // restore makes ./data
	for _, row := range []struct {
		args []string
		try  string
	}{
		{[]string{"confg"}, "Try: notifer config"},
		{[]string{"config", "chek"}, "Try: notifer config check"},
		{[]string{"config", "--nope"}, "Try: notifer config --help"},
		{[]string{"completion"}, "Try: notifer completion --help"},
		{[]string{"completion", "tcsh"}, "Try: notifer completion bash"},
		{[]string{"version", "now"}, "Try: notifer version --help"},
		{[]string{"device", "add"}, "--topics is missing\nTry: notifer device add --topics door,backup-*"},
		{[]string{"restore", "/nowhere.db"}, "there is no file /nowhere.db\nTry: notifer restore FILE"},
		{[]string{"config", "check", "--config", "/nowhere/my notifer.toml"}, "Try: notifer config example > '/nowhere/my notifer.toml'"},
		{[]string{"init", "helm"}, "Try: notifer init helm --dir notifer"},
		{[]string{"help", "nope"}, "unknown command \"nope\"\nTry: notifer --help"},
		{[]string{"help", "confg"}, "Try: notifer config"},
		{[]string{"help", "token", "nope"}, "Try: notifer token --help"},
		{[]string{"scan"}, "PATH is missing\nTry: notifer scan --help"},
		{[]string{"token", "revoke", "disks"}, "TOKEN is missing\nTry: notifer token revoke --help"},
		{[]string{"subscribe", "disks", "--count", "-1", "--server", "none"}, "--count cannot be less than 0\nTry: --count 1"},
		{[]string{"publish", "disks", "x", "--retry", "-1", "--server", "none"}, "--retry cannot be less than 0\nTry: --retry 1"},
		{[]string{"config", "--config", "/nowhere.toml"}, "Try: notifer config example > /nowhere.toml"},
		{[]string{"publish", "disks", "--file", "/nowhere"}, "Try: --file FILE"},
		{[]string{"publish", "disks", "x", "--token-file", "/nowhere"}, "Try: --token-file FILE"},
		{[]string{"init", "docker"}, "Try: notifer init compose"},
		{[]string{"serve", "--data", "x"}, "did you mean --data-dir?\nTry: notifer serve --help"},
		{[]string{"publish", "disks", "-.mount failed"}, "put -- before a text that begins with -"},
		{[]string{"publish", "disks", "--- a/file"}, "put -- before a text that begins with -"},
		{[]string{"publish", "disks", "--titel", "x"}, "did you mean --title?"},
		{[]string{"serve", "--xyzzy"}, "unknown flag: --xyzzy\n"},
	} {
		want := 2
		if row.args[0] == "serve" {
			want = 78
		}
		code, _, errs := run(t, row.args...)
		if code != want || !strings.Contains(errs, row.try) {
			t.Errorf("%v: exit %d, %q, want %d and %q", row.args, code, errs, want, row.try)
		}
	}
}

// TestHealthWithoutAServer is not about the variables of publish and subscribe, which it does not read.
func TestHealthWithoutAServer(t *testing.T) {
	const want = "Try: notifer serve, or --listen with the address that it serves on\n"
	if code, _, errs := run(t, "health", "--listen", "127.0.0.1:1"); code != 4 || !strings.HasSuffix(errs, want) {
		t.Errorf("exit %d, %q, want 4 and %q", code, errs, want)
	}
}

func TestCompletions(t *testing.T) {
	for shell, want := range map[string]string{"bash": "__start_notifer", "zsh": "#compdef notifer", "fish": "complete -c notifer"} {
		code, out, _ := run(t, "completion", shell)
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("completion %s: exit %d, lacks %q", shell, code, want)
		}
	}
}

func TestHelpIsForPeople(t *testing.T) {
	code, out, _ := run(t, "help", "exit-codes")
	if code != 0 || !strings.Contains(out, "4  the server does not answer") {
		t.Errorf("help exit-codes: exit %d:\n%s", code, out)
	}
	if _, out, _ := run(t, "help"); !strings.Contains(out, "works while the server runs, except restore") {
		t.Errorf("the help lists restore, which needs the server stopped, as what works while it runs:\n%s", out)
	}
	for _, args := range [][]string{{"help"}, {"help", "token", "rotate"}} {
		if code, out, _ := run(t, args...); code != 0 || !strings.Contains(out, "Usage:\n  notifer") {
			t.Errorf("%v: exit %d:\n%s", args, code, out)
		}
	}
	if _, out, _ := run(t, "help", "run"); !strings.Contains(out, "0.25, 1, 4 and 16 seconds") {
		t.Errorf("the help of run does not say how long it tries again:\n%s", out)
	}
	code, out, _ = run(t, "--version")
	if code != 0 || !strings.HasPrefix(out, "notifer ") {
		t.Errorf("--version: exit %d, %q", code, out)
	}
}
