package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

// smallDisk mounts a file system of 16 MiB for a test.
func smallDisk(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m,mode=0700"); err != nil {
		t.Skipf("no small disk can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes every byte of a disk.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(bytes.Repeat([]byte{1}, size))
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

// awaitRoom waits until the database has blocks behind its end.
func awaitRoom(t *testing.T, path string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for {
		var s syscall.Stat_t
		if err := syscall.Stat(path, &s); err != nil {
			t.Fatal(err)
		}
		if s.Blocks*512 >= s.Size+400<<10 {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("%d blocks for %d bytes: no room was made", s.Blocks, s.Size)
		}
	}
}

// TestRoomIsKeptAfterACheckpointThatAddsNothing writes until the WAL is checkpointed several times while the database keeps its size:
// each time SQLite truncates the database to the size that it has, and the blocks behind its end are gone.
func TestRoomIsKeptAfterACheckpointThatAddsNothing(t *testing.T) {
	t.Parallel()
	d := openAt(t, filepath.Join(smallDisk(t), "data"), newClock())
	for range 3 {
		for i := range 200 {
			if err := d.SetSetting("x", []byte{byte(i)}); err != nil {
				t.Fatal(err)
			}
		}
		awaitRoom(t, d.Path())
	}
}

// TestRevokingWorksOnADiskThatAnotherProgramFilled fills the disk to the last byte while the WAL holds pages that are not in the
// database yet: tokens are revoked, people sign in and out, and counters do not eat up the room for that.
func TestRevokingWorksOnADiskThatAnotherProgramFilled(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	c := newClock()
	d := openAt(t, filepath.Join(disk, "data"), c)
	topic := dbtest.Topic(t, d, "ops")
	tokens := make([]db.Token, 90)
	for i := range tokens {
		k := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: fmt.Sprint("t", i), CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x", CreatedByName: "x"}
		k.Fingerprint[0] = byte(i + 1)
		if err := d.CreateToken(&k, 100); err != nil {
			t.Fatal(err)
		}
		tokens[i] = k
	}
	publish(t, d, topic.ID, strings.Repeat("x", 20<<10), strings.Repeat("y", 20<<10), "3", "4", strings.Repeat("z", 20<<10))
	awaitRoom(t, d.Path())
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)
	user, err := d.UserByLogin(t.Context(), "ops")
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range tokens {
		if _, err := d.RevokeToken(topic.ID, k.ID, db.By{Name: "ops"}); err != nil {
			t.Fatalf("RevokeToken %d on a full disk: %v", i, err)
		}
		s := db.Session{UserID: user.ID, SIDHash: []byte(fmt.Sprint("sid", i)), ExpiresAt: c.Now().Add(time.Hour)}
		if err := d.CreateSession(&s, user.PasswordHash); err != nil {
			t.Fatalf("CreateSession %d on a full disk: %v", i, err)
		}
		d.CountKey("key") // something to flush
		c.add(time.Minute)
	}
	if err := d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: "x"}, nil); !errors.Is(err, db.ErrFull) {
		t.Errorf("Publish on a full disk = %v, want ErrFull", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	c.add(time.Second)
	publish(t, d, topic.ID, "back")
}

// TestAFullDiskIsFullUntilWhatWasRefusedFits fills the disk by publishing. What is left would take a smaller write: that must not
// pass for a recovery, or health and log change their mind four times a second.
func TestAFullDiskIsFullUntilWhatWasRefusedFits(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	d := openAt(t, filepath.Join(disk, "data"), newClock())
	other := openAt(t, filepath.Join(disk, "data"), newClock())
	topic := dbtest.Topic(t, d, "ops")
	polled := make(chan struct{}, 100)
	d.Notify(func(changes []db.Change) {
		if changes[0].Foreign {
			polled <- struct{}{}
		}
	}, func([]*db.Message) {})
	polls := byte(0)
	poll := func() {
		t.Helper()
		polls++ // SQLite writes nothing when the value stays
		if err := other.SetSetting("x", []byte{polls}); err != nil {
			t.Fatal(err)
		}
		select {
		case <-polled:
		case <-time.After(time.Minute):
			t.Fatal("the store does not notice another program's write")
		}
	}
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 4<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	fill := func() {
		t.Helper()
		var err error
		for n := 0; err == nil && n < 1000; n++ {
			err = d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: strings.Repeat("x", 200<<10)}, nil)
		}
		if !errors.Is(err, db.ErrFull) {
			t.Fatalf("Publish until the disk is full = %v, want ErrFull", err)
		}
	}
	fill()
	for range 10 { // where the other store was reading, the WAL could not be folded, and a probe finds the room that this makes
		if poll(); d.Health() != nil {
			break
		}
		fill()
	}
	for range 4 {
		poll()
		if err := d.Health(); !errors.Is(err, db.ErrFull) {
			t.Fatalf("Health after a probe = %v, want ErrFull while the message does not fit", err)
		}
	}
	publish(t, d, topic.ID, "small")
	if err := d.Health(); !errors.Is(err, db.ErrFull) {
		t.Errorf("Health after a small message = %v, want ErrFull while the large one does not fit", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	poll()
	if err := d.Health(); err != nil {
		t.Errorf("Health with room again = %v", err)
	}
}

// TestAProbeWritesSomethingEachTime: SQLite skips a page that stays the same, so a probe that repeats its value would find every
// disk fine, also one that takes no writes.
func TestAProbeWritesSomethingEachTime(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	c := newClock()
	d := openAt(t, filepath.Join(disk, "data"), c)
	topic := dbtest.Topic(t, d, "ops")
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	probed := func() []byte {
		t.Helper()
		ballast := filepath.Join(disk, "ballast")
		fill(t, ballast)
		if err := d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: "x"}, nil); !errors.Is(err, db.ErrFull) {
			t.Fatalf("Publish on a full disk = %v, want ErrFull", err)
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		late := time.After(time.Minute)
		for d.Health() != nil {
			select {
			case <-tick.C:
			case <-late:
				t.Fatal("no probe finds the room that was made")
			}
		}
		value, err := d.Setting(t.Context(), "probe")
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	if first, second := probed(), probed(); bytes.Equal(first, second) {
		t.Errorf("two probes wrote %x and %x: the second changed no page", first, second)
	}
}

// TestABackupThatDoesNotFitLeavesNothing: SQLite keeps the journal of a copy that fails for want of space.
func TestABackupThatDoesNotFitLeavesNothing(t *testing.T) {
	t.Parallel()
	disk, dir := smallDisk(t), t.TempDir()
	d := openAt(t, dir, newClock())
	topic := dbtest.Topic(t, d, "ops-east")
	for range 100 {
		publish(t, d, topic.ID, strings.Repeat("x", 64<<10))
	}
	ballast, target := filepath.Join(disk, "ballast"), filepath.Join(disk, "copy.db")
	fill(t, ballast)
	if err := os.Truncate(ballast, 12<<20); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(context.Background(), dir, target); !errors.Is(err, db.ErrFull) {
		t.Fatalf("Backup on a disk without room = %v, want ErrFull", err)
	}
	left, err := filepath.Glob(target + "*")
	if err != nil || len(left) > 0 {
		t.Errorf("a backup that failed left %v, %v; want nothing", left, err)
	}
}

// TestRetentionMakesRoomOnADiskThatTheStoreFilled: the database does not become smaller when messages are deleted, so what they leave
// inside it has to count as room, or a store that has filled its own disk would refuse messages for ever.
func TestRetentionMakesRoomOnADiskThatTheStoreFilled(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	c := newClock()
	dir := filepath.Join(disk, "data")
	d := openAt(t, dir, c)
	topic := dbtest.Topic(t, d, "ops")
	large := strings.Repeat("x", 50<<10)
	var err error
	for n := 0; err == nil && n < 1000; n++ {
		err = d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: large}, nil)
	}
	if !errors.Is(err, db.ErrFull) {
		t.Fatalf("Publish until the disk is full = %v, want ErrFull", err)
	}
	if n, err := d.Sweep(t.Context(), db.Retention{Share: 50}); err != nil || n == 0 {
		t.Fatalf("Sweep = %d, %v", n, err)
	}
	c.add(time.Second)
	for range 20 {
		publish(t, d, topic.ID, large)
	}
	if err := d.Health(); err != nil {
		t.Errorf("Health after messages have fitted again = %v", err)
	}
	for n := 0; err == nil && n < 1000; n++ {
		err = d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: large}, nil)
	}
	if !errors.Is(err, db.ErrFull) {
		t.Fatalf("Publish until the freed pages are used = %v, want ErrFull", err)
	}
	k := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: "t", CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x", CreatedByName: "x"}
	if err := d.CreateToken(&k, 100); err != nil {
		t.Errorf("CreateToken with all pages used = %v", err)
	}
}

// TestCloseOnAFullDisk: a server that stops on a full disk has nothing left to write, and must not end with an error.
func TestCloseOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	d, err := db.Open(filepath.Join(disk, "data"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	topic := dbtest.Topic(t, d, "ops")
	fill(t, filepath.Join(disk, "ballast"))
	if err := d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: strings.Repeat("x", 200<<10)}, nil); !errors.Is(err, db.ErrFull) {
		t.Fatalf("Publish on a full disk = %v, want ErrFull", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("Close on a full disk = %v", err)
	}
}

// TestUpgradeOnAFullDisk: an upgrade that has no room for the copy before it fails before it writes anything, and changes nothing.
func TestUpgradeOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	dir := filepath.Join(disk, "data")
	path := filepath.Join(dir, db.FileName)
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	topic := dbtest.Topic(t, d, "ops")
	for range 40 {
		publish(t, d, topic.ID, strings.Repeat("x", 100<<10))
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	older(t, dir, path)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(disk, "ballast")
	var space syscall.Statfs_t
	if err := syscall.Statfs(disk, &space); err != nil {
		t.Fatal(err)
	}
	rest := int64(len(before)) + 512<<10 // the copy fits, and hardly anything else
	if err := os.WriteFile(ballast, make([]byte, int64(space.Bavail)*int64(space.Bsize)-rest), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Open(dir, db.Options{}); !errors.Is(err, db.ErrFull) || !strings.Contains(err.Error(), "upgrade the database") {
		t.Errorf("Open = %v, want ErrFull of the upgrade", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the database was changed (%v)", err)
	}
	if copies, _ := filepath.Glob(path + ".before-*"); copies != nil {
		t.Errorf("beside it: %v", copies)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if d, err = db.Open(dir, db.Options{}); err != nil {
		t.Fatalf("Open with room again = %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
