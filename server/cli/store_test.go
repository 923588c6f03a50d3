package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stocked makes a data directory with an account, a topic and a token called NAS, and returns its flag.
func stocked(t *testing.T) string {
	t.Helper()
	at := "--data-dir=" + t.TempDir() + "/data"
	password := writeFile(t, "password", "correct horse battery\n")
	for _, args := range [][]string{
		{"user", "add", "ann@example.org", "--password-file", password},
		{"topic", "create", "disks"},
		{"token", "create", "disks", "NAS"},
	} {
		if code, _, errs := run(t, append(args, at)...); code != 0 {
			t.Fatalf("notifer %q = %d: %s", args, code, errs)
		}
	}
	return at
}

// A mistyped directory is an error and stays as it was; only what makes the first thing in a store makes a store.
func TestAMistypedDirectoryBecomesNoStore(t *testing.T) {
	password := writeFile(t, "password", "correct horse battery\n")
	for _, words := range []string{
		"user list", "user disable ann", "user enable ann", "user delete ann --yes", "user passwd ann --password-file " + password,
		"topic list", "topic create disks", "topic delete disks --yes", "key list ann", "key create ann laptop", "key revoke ann key_1",
		"token list disks", "token create disks NAS", "token show disks NAS", "token rotate disks NAS", "token revoke disks NAS",
		"setup-link", "doctor", "check", "backup " + t.TempDir() + "/copy.db",
	} {
		dir := t.TempDir() + "/mistyped"
		code, _, errs := run(t, append(strings.Fields(words), "--data-dir", dir)...)
		if code != 2 || !strings.Contains(errs, "no database in "+dir) || !strings.Contains(errs, " --data-dir DIR") {
			t.Errorf("%s: exit %d, %q, want 2 and the directory", words, code, errs)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s made %s", words, dir)
		}
	}
	for _, words := range []string{"user add ann@example.org --password-file " + password, "config apply"} {
		dir := t.TempDir() + "/new"
		if code, _, errs := run(t, append(strings.Fields(words), "--data-dir", dir)...); code != 0 {
			t.Errorf("%s on a new directory: exit %d, %q", words, code, errs)
		}
	}
}

func TestBackupNamesTheMissingDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "usb")
	code, _, errs := run(t, "backup", filepath.Join(dir, "notifer.db"), stocked(t))
	if code != 2 || !strings.Contains(errs, "there is no directory "+dir+"\n") || !strings.Contains(errs, "Try: mkdir -p "+dir) {
		t.Errorf("exit %d, %q, want 2 and %s", code, errs, dir)
	}
}
