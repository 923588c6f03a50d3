package reliability_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// TestBackupWhilePublishing is P14: a copy made under load holds every message acknowledged before it began, and serves.
func TestBackupWhilePublishing(t *testing.T) {
	h := newHarness(t)
	p := h.publishers("load", false)
	target := filepath.Join(t.TempDir(), "copy.db")
	var before []reliability.Message
	during(p, 8, func() {
		run.Await(run.Patience, func() bool { return len(h.hist.Acks()) > 200 })
		before = h.hist.Acks()
		if out, code := run.Run(t, h.Bin, "backup", target, "--data-dir", h.Dir); code != 0 {
			t.Errorf("notifer backup: exit %d\n%s", code, out)
		}
	})
	if bad := len(h.hist.Acks()) - p.Answered(200); bad != 0 || len(p.Statuses()) != 1 {
		t.Errorf("answers during the backup: %v, want 200 alone", p.Statuses())
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v, %v; want mode 0600", info, err)
	}
	h.Stop(t)
	copied := h.restoredElsewhere(target)
	for _, v := range reliability.Check(copied, before, nil) {
		t.Error(v)
	}
}

// restoredElsewhere restores a copy into a new data directory, serves it and reads the log.
func (h *harness) restoredElsewhere(copied string) []reliability.Message {
	h.t.Helper()
	h.Dir = filepath.Join(h.t.TempDir(), "other")
	if out, code := run.Run(h.t, h.Bin, "restore", copied, "--data-dir", h.Dir); code != 0 {
		h.t.Fatalf("notifer restore: exit %d\n%s", code, out)
	}
	h.start()
	return h.messages()
}

// TestRestore is P15: it refuses beside a server, keeps what it replaces, and a client that resumes from the lost stretch gets
// everything published since and is told that something is missing.
func TestRestore(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.publish("one")
	target := filepath.Join(t.TempDir(), "copy.db")
	if out, code := run.Run(t, h.Bin, "backup", target, "--data-dir", h.Dir); code != 0 {
		t.Fatalf("notifer backup: exit %d\n%s", code, out)
	}
	lost := h.publish("lost")
	if out, code := run.Run(t, h.Bin, "restore", target, "--data-dir", h.Dir); code != 1 || !strings.Contains(out, fmt.Sprint(h.Pid())) {
		t.Errorf("restore beside a server: exit %d, want 1 and its process id\n%s", code, out)
	}
	h.Stop(t)
	if out, code := run.Run(t, h.Bin, "restore", target, "--data-dir", h.Dir); code != 0 {
		t.Fatalf("notifer restore: exit %d\n%s", code, out)
	}
	kept, _ := filepath.Glob(filepath.Join(h.Dir, "notifer.db.replaced-*"))
	if len(kept) != 1 {
		t.Errorf("the replaced store: %v, want one file", kept)
	}
	h.start()
	since := h.publish("since")
	if since.ID <= lost.ID {
		t.Errorf("id %s was given after %s", since.ID, lost.ID)
	}
	got, err := reliability.ReadLog(h.url(), "ops", h.token, lost.ID)
	if err != nil || len(got) != 1 || got[0] != since {
		t.Errorf("after the lost id: %v, %v; want %v", got, err, since)
	}
}

// TestDamagedStore is P17: a damaged store is refused with a clear line, or serves exactly what was written; it never becomes an
// empty one.
func TestDamagedStore(t *testing.T)     { t.Parallel(); damagedStore(t, 12) }
func TestLongDamagedStore(t *testing.T) { needLong(t); damagedStore(t, 100) }

func damagedStore(t *testing.T, rounds int) {
	h := newHarness(t)
	for i := range 400 {
		h.publish(fmt.Sprintf("%04d %s", i, strings.Repeat("text ", 20)))
	}
	h.Stop(t)
	path := filepath.Join(h.Dir, "notifer.db")
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := range rounds {
		offset := 4096 * rand.IntN(len(sound)/4096)
		if i == 0 {
			offset = 0
		}
		damaged := bytes.Clone(sound)
		for j := range 4096 {
			damaged[offset+j] = byte(rand.IntN(256))
		}
		refused += h.tryDamaged(path, damaged, offset)
	}
	if refused == 0 {
		t.Error("a damaged first page was not refused")
	}
	t.Logf("%d damaged pages: %d refused at the start, the others served what was written", rounds, refused)
}

// TestDamagedTables damages the first page of each table in turn: whenever the start comes across it, it names the restore command, and
// so does a command that reads the table.
func TestDamagedTables(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.publish("one")
	h.Stop(t)
	path := filepath.Join(h.Dir, db.FileName)
	pages := firstPages(t, path)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for table, page := range pages {
		damaged := bytes.Clone(sound)
		clear(damaged[4096*(page-1) : 4096*page])
		refused := h.tryDamaged(path, damaged, 4096*(page-1))
		if table != "user" {
			continue
		}
		if refused == 0 {
			t.Error("a server without its table of users started")
		}
		if out, code := run.Run(t, h.Bin, "user", "list", "--data-dir", h.Dir); code != 1 || !strings.Contains(out, "notifer restore FILE") {
			t.Errorf("notifer user list: exit %d, want 1 and the restore command\n%s", code, out)
		}
	}
}

// firstPages returns the number of each table's first page in a store that nothing has open.
func firstPages(t *testing.T, path string) map[string]int {
	t.Helper()
	c, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	rows, err := c.Query("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table' AND rootpage > 0")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	pages := map[string]int{}
	for rows.Next() {
		var name string
		var page int
		if err := rows.Scan(&name, &page); err != nil {
			t.Fatal(err)
		}
		pages[name] = page
	}
	if rows.Err() != nil || pages["user"] == 0 {
		t.Fatalf("tables: %v, %v", pages, rows.Err())
	}
	return pages
}

// tryDamaged starts the server over a damaged file and returns 1 when it refuses.
func (h *harness) tryDamaged(path string, text []byte, offset int) int {
	h.t.Helper()
	for _, rest := range []string{"-wal", "-shm"} {
		os.Remove(path + rest)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		h.t.Fatal(err)
	}
	p := run.Launch(h.t, run.Using(h.Bin), run.In(h.Dir))
	defer p.Kill()
	if err := run.Await(run.Patience, func() bool { return p.Ended() || p.Healthy() }); err != nil {
		h.t.Fatalf("damage at %d: %v", offset, err)
	}
	if p.Ended() {
		if code, _ := p.Wait(0); code != 1 || !strings.Contains(p.Log(), "restore") {
			h.t.Errorf("damage at %d: exit %d, want 1 and the restore command\n%s", offset, code, p.Log())
		}
		return 1
	}
	h.serveDamaged(p, offset)
	return 0
}

// serveDamaged compares what a server over a damaged file serves with what was written: an error is fine, and so is a message that is named
// as damaged; other data is not.
func (h *harness) serveDamaged(p *run.Server, offset int) {
	h.t.Helper()
	got, err := reliability.ReadLog(p.URL, "ops", h.token, reliability.All)
	if err != nil {
		return
	}
	acks := h.hist.Acks()
	for i, m := range got {
		if k := slices.IndexFunc(acks, func(a reliability.Message) bool { return a.ID == m.ID }); m.Damaged && k >= 0 {
			got[i] = acks[k]
		}
	}
	if len(got) != len(acks) {
		h.t.Errorf("damage at %d: served %d messages of %d without an error", offset, len(got), len(acks))
	}
	for _, v := range reliability.Check(acks, got, nil) {
		h.t.Errorf("damage at %d: served what was not written: %v", offset, v)
	}
}

// TestLongBackupLatency is P14's other half: a backup of a large store slows publishing by three times at most.
func TestLongBackupLatency(t *testing.T) {
	needLong(t)
	h := newHarness(t)
	h.publishMany(8000)
	alone := h.publishTimed(500)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if out, code := run.Run(t, h.Bin, "backup", filepath.Join(t.TempDir(), "copy.db"), "--data-dir", h.Dir); code != 0 {
			t.Errorf("notifer backup: exit %d\n%s", code, out)
		}
	}()
	beside := h.publishTimed(500)
	<-done
	if beside > 3*alone+20*time.Millisecond {
		t.Errorf("publishing took %v at p99 beside a backup, %v without", beside, alone)
	}
	t.Logf("publish p99 %v, beside a backup of 64 MiB %v", alone, beside)
}

// TestKillsDuringRestore kills a restore at random moments: each time the old store or the copy is there, whole.
func TestKillsDuringRestore(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.publishMany(400)
	small := h.messages()
	target := filepath.Join(t.TempDir(), "copy.db")
	if out, code := run.Run(t, h.Bin, "backup", target, "--data-dir", h.Dir); code != 0 {
		t.Fatalf("notifer backup: exit %d\n%s", code, out)
	}
	h.publishMany(400)
	large := h.messages()
	h.Stop(t)
	for round := range 6 {
		cmd := exec.Command(h.Bin, "restore", target, "--data-dir", h.Dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		pause(5*time.Millisecond, 60*time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		h.start()
		if got := h.messages(); !slices.Equal(got, small) && !slices.Equal(got, large) {
			t.Fatalf("after a restore killed in round %d: %d messages, want the %d of the copy or the %d of the store", round, len(got), len(small), len(large))
		}
		h.Kill()
	}
}
