package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"notifer/db"
	"notifer/server/cli"
)

// stocked makes a data directory with an account, a topic and a token called NAS, and returns its flag.
func stocked(t *testing.T) string {
	t.Helper()
	files, err := stock()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() + "/data"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return "--data-dir=" + dir
}

// stock is the files of such a directory. It is made once: the hash of the password and three stores take longer than most tests.
var stock = sync.OnceValues(func() (map[string][]byte, error) {
	top, err := os.MkdirTemp("", "notifer-stock-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(top)
	dir, password := filepath.Join(top, "data"), filepath.Join(top, "password")
	if err := os.WriteFile(password, []byte("correct horse battery\n"), 0o600); err != nil {
		return nil, err
	}
	for _, args := range [][]string{
		{"user", "add", "ann@example.org", "--password-file", password},
		{"topic", "create", "disks"},
		{"token", "create", "disks", "NAS"},
	} {
		var errs bytes.Buffer
		if code := cli.Main(append(args, "--data-dir="+dir), strings.NewReader(""), io.Discard, &errs); code != 0 {
			return nil, fmt.Errorf("notifer %q = %d: %s", args, code, errs.String())
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
})

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

// A file that is no database is called that, without the words of SQLite's error.
func TestFileThatIsNoDatabase(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "notifer.db"), []byte("neither SQLite nor anything like it"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "notifer.db")
	for _, args := range [][]string{
		{"user", "list", "--data-dir", dir},
		{"check", "--data-dir", dir},
		{"restore", file, "--data-dir", t.TempDir()},
	} {
		code, out, errs := run(t, args...)
		if code != 1 || !strings.Contains(out+errs, "the file does not begin as a SQLite database does") || strings.Contains(out+errs, "(26)") {
			t.Errorf("%v: exit %d, %q, %q", args, code, out, errs)
		}
	}
}

// What a backup and its restoration are called is read by scripts too.
func TestBackupAndRestoreAsJSON(t *testing.T) {
	dir, copied := t.TempDir(), filepath.Join(t.TempDir(), "copy.db")
	if code, _, errs := run(t, "user", "add", "ann@home.example", "--password-file", writeFile(t, "pw", "correct horse battery"), "--data-dir", dir); code != 0 {
		t.Fatal(errs)
	}
	if code, out, errs := run(t, "backup", copied, "--json", "--data-dir", dir); code != 0 || out != "{\n  \"file\": \""+copied+"\"\n}\n" {
		t.Errorf("backup: exit %d, %q, %q", code, out, errs)
	}
	var done struct{ Restored, Replaced string }
	code, out, errs := run(t, "restore", copied, "--json", "--data-dir", dir)
	if err := json.Unmarshal([]byte(out), &done); code != 0 || err != nil || done.Restored != filepath.Join(dir, "notifer.db") || !strings.HasPrefix(done.Replaced, done.Restored+".replaced-") {
		t.Errorf("restore: exit %d, %q, %q, %v", code, out, errs, err)
	}
}

// TestRestoreNamesDamagedMessages: the only backup may be one in which a text is damaged. It is restored, and who restores it learns which
// message nobody can read.
func TestRestoreNamesDamagedMessages(t *testing.T) {
	dir := t.TempDir()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	u := db.User{Username: "ann", Email: "ann@example.org"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	topic := db.NewTopic("ops", u)
	m := db.Message{Topic: "ops", Body: "the disk is full", Priority: 3}
	if err := d.CreateTopic(&topic, db.By{Name: "test"}); err != nil {
		t.Fatal(err)
	}
	m.TopicID = topic.ID
	if err := d.Publish(&m, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if code, _, errs := run(t, "backup", copied, "--data-dir", dir); code != 0 {
		t.Fatal(errs)
	}
	code, out, errs := run(t, "restore", copied, "--data-dir", dir)
	if code != 0 || errs != "" || !strings.HasSuffix(out, "\ntokens and keys revoked or rotated since this backup work as they did then: revoke them again\n") {
		t.Errorf("a sound backup: exit %d, %q, %q", code, out, errs)
	}
	text, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, bytes.ReplaceAll(text, []byte(m.Body), []byte("the disk is FULL")), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs = run(t, "restore", copied, "--data-dir", dir)
	if code != 0 || !strings.Contains(errs, m.ID.String()) || !strings.Contains(errs, "DELETE /api/") {
		t.Errorf("a damaged message: exit %d, %q, want 0, its id and how to delete it", code, errs)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "notifer.db-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A secret is one line: a second one is a mistake that no sign-in form lets anybody type.
func TestSecretsAreOneLine(t *testing.T) {
	const lines = "correct horse battery\nstaple\n"
	code, _, errs := run(t, "user", "add", "tom@example.org", "--password-file", writeFile(t, "password", lines), stocked(t))
	if code != 1 || !strings.Contains(errs, "more than one line") {
		t.Errorf("a file: exit %d, %q", code, errs)
	}
	var said bytes.Buffer
	code = cli.Main([]string{"user", "add", "tom@example.org", "--password-file", "-", stocked(t)}, strings.NewReader(lines), io.Discard, &said)
	if code != 1 || !strings.Contains(said.String(), "more than one line") {
		t.Errorf("the standard input: exit %d, %q", code, &said)
	}
}
