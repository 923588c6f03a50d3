// Package dbtest opens real stores for tests.
package dbtest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"notifer/db"
)

// OnDisk keeps all stores of a process on the disk. TestMain sets it for tests of the store itself: there a sync takes long, so that
// writes meet in one commit.
var OnDisk bool

// Other stores are in memory, as most tests would only wait for the syncs. In a container this file system may be small, and then they are
// on the disk too.
const (
	memory = "/dev/shm"
	prefix = "notifer-store-"
	enough = 1 << 30
)

// empty is the file of a store that nothing has been written to, and whether stores may be in memory. It is made once: the migrations
// take longer than most tests.
var empty = sync.OnceValue(func() (e struct {
	file     []byte
	inMemory bool
	err      error
}) {
	removeOld()
	dir, err := inMemory()
	if e.inMemory = err == nil; err != nil {
		dir, e.err = os.MkdirTemp("", prefix)
	}
	if e.err != nil {
		return e
	}
	defer os.RemoveAll(dir)
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		e.err = err
		return e
	}
	free, _, known := d.DiskFree()
	e.inMemory = e.inMemory && known && free >= enough
	if e.err = d.Close(); e.err == nil {
		e.file, e.err = os.ReadFile(filepath.Join(dir, db.FileName))
	}
	return e
})

func inMemory() (dir string, err error) {
	return os.MkdirTemp(memory, prefix+strconv.Itoa(os.Getpid())+"-")
}

// removeOld removes what tests that were killed have left in memory.
func removeOld() {
	old, _ := filepath.Glob(filepath.Join(memory, prefix+"*"))
	for _, dir := range old {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), prefix), "-")
		if pid, err := strconv.Atoi(number); err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			os.RemoveAll(dir)
		}
	}
}

// Dir is a directory for a store that need not outlive the machine; it goes away with the test. A benchmark's is on the disk.
func Dir(t testing.TB) string {
	t.Helper()
	if _, bench := t.(*testing.B); !bench && !OnDisk && empty().inMemory {
		if dir, err := inMemory(); err == nil {
			t.Cleanup(func() { os.RemoveAll(dir) })
			return dir
		}
	}
	return t.TempDir()
}

// New opens an empty store in a directory of Dir.
func New(t testing.TB) *db.DB {
	t.Helper()
	dir, e := Dir(t), empty()
	err := e.err
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, db.FileName), e.file, 0o600)
	}
	if err != nil {
		t.Fatalf("make store: %v", err)
	}
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatalf("open store: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return d
}

// Topic makes a user and a private topic of that name.
func Topic(t testing.TB, d *db.DB, name string) db.Topic {
	t.Helper()
	u := db.User{Email: name + "@home.example", Username: name, PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatalf("create user: %v", err)
	}
	p := db.NewTopic(name, u)
	if err := d.CreateTopic(&p, db.By{Name: u.Username}); err != nil {
		t.Fatalf("create topic: %v", err)
	}
	return p
}
