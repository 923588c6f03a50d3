package e2e_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"notifer/server/test/run"
)

// nobody is a user who owns a data directory, as the service's user does.
const nobody = 65534

// ownedByNobody is a data directory of nobody's with an account in it, in a directory that everybody may pass.
func ownedByNobody(t *testing.T) (dir, password string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("root only")
	}
	top, err := os.MkdirTemp("/tmp", "notifer-root-") // the directory of the tests is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(top) })
	os.Chmod(top, 0o755)
	dir, password = filepath.Join(top, "data"), filepath.Join(top, "password")
	os.WriteFile(password, []byte(run.Password), 0o600)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if r := run.Command(t, nil, "", "user", "add", "ann@example.org", "--password-file", password, "--data-dir", dir); r.Code != 0 {
		t.Fatalf("user add: exit code %d, %s", r.Code, r.Stderr)
	}
	return dir, password
}

func ownerOf(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

// victim is a file of root's that a link in the data directory points to.
func victim(t *testing.T, link string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shadow")
	if err := os.WriteFile(file, []byte("root:x"), 0o600); err != nil {
		t.Fatal(err)
	}
	os.Remove(link)
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	return file
}

func untouched(t *testing.T, file, after string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil || string(text) != "root:x" || ownerOf(t, file) != 0 {
		t.Errorf("after %s: %q, owner %d, %v; want it as it was", after, text, ownerOf(t, file), err)
	}
}

// What root's commands make in another user's data directory belongs to that user.
func TestRootBecomesTheOwnerOfTheData(t *testing.T) {
	dir, password := ownedByNobody(t)
	at := []string{"--data-dir", dir}
	copied := filepath.Join(t.TempDir(), "copy.db")
	for _, args := range [][]string{
		{"topic", "create", "disks"}, {"token", "create", "disks", "nas"}, {"user", "passwd", "ann", "--password-file", password},
		{"check"}, {"backup", copied}, {"restore", copied}, {"user", "list"},
	} {
		if r := run.Command(t, nil, "", append(args, at...)...); r.Code != 0 {
			t.Errorf("notifer %q: exit code %d, %s", args, r.Code, r.Stderr)
		}
	}
	snapshot, empty := filepath.Join(t.TempDir(), "snapshot.db"), filepath.Join(t.TempDir(), "empty.db")
	text, err := os.ReadFile(filepath.Join(dir, "notifer.db"))
	if err := errors.Join(err, os.WriteFile(snapshot, text, 0o600), os.WriteFile(empty, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{snapshot: "", "/dev/zero": "it is not a file", filepath.Dir(empty): "it is not a file", empty: "choose a backup that is whole"} {
		if want != "" {
			want = from + " is not restored: " + want
		}
		if r := run.Command(t, nil, "", append([]string{"restore", from}, at...)...); (r.Code == 0) != (want == "") || !strings.Contains(r.Stderr, want) {
			t.Errorf("restore %s: exit code %d, %s; want %q", from, r.Code, r.Stderr, want)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 3 {
		t.Fatalf("%v, %v", entries, err)
	}
	for _, e := range entries {
		if uid := ownerOf(t, filepath.Join(dir, e.Name())); uid != nobody {
			t.Errorf("%s belongs to user %d", e.Name(), uid)
		}
		if strings.Contains(e.Name(), "notifer-") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 || ownerOf(t, copied) != 0 {
		t.Errorf("the copy: %v, %v", info, err)
	}
	if r := run.Command(t, nil, "", append([]string{"serve", "--listen", "127.0.0.1:0"}, at...)...); r.Code != 78 || !strings.Contains(r.Stderr, "belongs to user 65534") {
		t.Errorf("serve as root: exit code %d, %s", r.Code, r.Stderr)
	}
}

// systemd keeps the data of a service with DynamicUser= where only root can pass.
func TestRootReachesDataBehindAClosedDirectory(t *testing.T) {
	dir, password := ownedByNobody(t)
	os.Chmod(filepath.Dir(dir), 0o700)
	at := []string{"--data-dir", dir}
	copied := filepath.Join(t.TempDir(), "copy.db")
	for _, args := range [][]string{
		{"user", "list"}, {"topic", "create", "disks"}, {"check"}, {"backup", copied}, {"restore", copied}, {"user", "passwd", "ann", "--password-file", password},
	} {
		if r := run.Command(t, nil, "", append(args, at...)...); r.Code != 0 {
			t.Errorf("notifer %q: exit code %d, %s", args, r.Code, r.Stderr)
		}
	}
}

// A service that was taken over plants links where root's next command opens files.
func TestRootFollowsNoLinkInTheData(t *testing.T) {
	dir, password := ownedByNobody(t)
	copied := filepath.Join(t.TempDir(), "copy.db")
	at := []string{"--data-dir", dir}
	if r := run.Command(t, nil, "", append([]string{"backup", copied}, at...)...); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	for _, name := range []string{"notifer.db", "notifer.lock", "notifer.db-wal", "notifer.db.restoring", "notifer-restore.db"} {
		for _, args := range [][]string{{"user", "list"}, {"restore", copied}, {"backup", copied + "2"}, {"check"}, {"user", "passwd", "ann", "--password-file", password}} {
			file := victim(t, filepath.Join(dir, name))
			run.Command(t, nil, "", append(args, at...)...)
			untouched(t, file, name+" and notifer "+args[0])
		}
	}
	// Root's own directory, where another user left something before.
	own := filepath.Join(t.TempDir(), "own")
	os.Mkdir(own, 0o700)
	for _, name := range []string{"notifer.db", "notifer.lock"} {
		file := victim(t, filepath.Join(own, name))
		run.Command(t, nil, "", "user", "add", "ann@example.org", "--password-file", password, "--data-dir", own)
		run.Command(t, nil, "", "restore", copied, "--data-dir", own)
		untouched(t, file, name+" in a directory of root's")
	}
}

// A database that is a link to one of root's must not become readable as a copy, not even while it is made.
func TestRootsCopyIsClosedToTheOwner(t *testing.T) {
	dir, password := ownedByNobody(t)
	secret := filepath.Join(t.TempDir(), "secret")
	if r := run.Command(t, nil, "", "user", "add", "root@example.org", "--password-file", password, "--data-dir", secret); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	os.Remove(filepath.Join(dir, "notifer.db"))
	if err := os.Symlink(filepath.Join(secret, "notifer.db"), filepath.Join(dir, "notifer.db")); err != nil {
		t.Fatal(err)
	}
	target := t.TempDir()
	cmd := exec.Command(run.Binary(t), "backup", filepath.Join(target, "copy.db"), "--data-dir", dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for seen := false; ; {
		found, _ := filepath.Glob(filepath.Join(target, ".notifer-backup-*"))
		for _, scratch := range found {
			if info, err := os.Stat(scratch); err == nil {
				seen = true
				if uid := info.Sys().(*syscall.Stat_t).Uid; uid != 0 || info.Mode().Perm() != 0o700 {
					t.Fatalf("while the copy is made, its directory belongs to user %d with mode %o", uid, info.Mode().Perm())
				}
			}
		}
		select {
		case err := <-done:
			if !seen {
				t.Errorf("the backup made no directory: %v", err)
			}
			return
		default:
		}
	}
}

// Any user may leave a configuration where root happens to be.
func TestRootIgnoresAPlantedConfiguration(t *testing.T) {
	dir, _ := ownedByNobody(t)
	top := filepath.Dir(dir)
	file := victim(t, filepath.Join(dir, "notifer.db"))
	os.WriteFile(filepath.Join(top, "notifer.toml"), []byte("data_dir = \""+dir+"\"\n"), 0o644)
	call := func(owner, mode int) run.Result {
		os.Chown(top, owner, owner)
		os.Chmod(top, os.FileMode(mode))
		cmd := exec.Command(run.Binary(t), "config")
		cmd.Dir = top
		out, _ := cmd.CombinedOutput()
		return run.Result{Stdout: string(out)}
	}
	for _, row := range []struct {
		owner, mode int
		read        bool
	}{{0, 0o755, true}, {nobody, 0o755, false}, {0, 0o777, false}} {
		r := call(row.owner, row.mode)
		if read := strings.Contains(r.Stdout, dir); read != row.read || read == strings.Contains(r.Stdout, "notifer.toml is ignored: root is asking") {
			t.Errorf("directory of user %d with mode %o: read %v, want %v\n%.300s", row.owner, row.mode, read, row.read, r.Stdout)
		}
	}
	untouched(t, file, "notifer config")
}

// A directory that everybody may write to holds what anybody put there.
func TestOpenDataDirectoryIsRefused(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	os.WriteFile(password, []byte(run.Password), 0o600)
	for mode, want := range map[os.FileMode]int{0o777: 1, 0o770: 0, 0o700: 0} {
		dir := filepath.Join(t.TempDir(), "data")
		os.Mkdir(dir, 0o700)
		os.Chmod(dir, mode)
		r := run.Command(t, nil, "", "user", "add", "ann@example.org", "--password-file", password, "--data-dir", dir)
		info, _ := os.Stat(dir)
		if r.Code != want || want == 1 && !strings.Contains(r.Stderr, "chmod go-w "+dir) || want == 0 && info.Mode().Perm()&0o022 != 0 {
			t.Errorf("mode %o: exit code %d, %s, then %v", mode, r.Code, r.Stderr, info.Mode())
		}
	}
}
