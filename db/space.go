package db

import (
	"fmt"
	"os"
)

const (
	floorBytes = 32 << 20
	floorSlack = 1 << 20
)

// refuseWhenFull fails the batch's messages, and only those, when the disk is nearly full: the rest of the space is
// kept for revoking, signing in, retention and the checkpoint, since SQLite cannot even delete on a full disk.
func (w *writer) refuseWhenFull() error {
	size := int64(0)
	for _, j := range w.batch {
		if j.msg != nil {
			size += int64(j.msg.size())
		}
	}
	if size == 0 {
		return nil
	}
	err := w.hasSpace(size)
	if err == nil {
		return nil
	}
	w.health.fail(err)
	for _, j := range w.batch {
		if j.msg != nil {
			j.err = err
		}
	}
	return nil
}

// hasSpace is nil when size more bytes fit above the floor, after one truncating checkpoint if need be.
func (w *writer) hasSpace(size int64) error {
	if w.fits(size) {
		return nil
	}
	w.fold(0)
	if w.fits(size) {
		return nil
	}
	return fmt.Errorf("%w: publishing is refused until space is made", ErrFull)
}

func (w *writer) fits(size int64) bool {
	free, total, ok := diskSpace(w.d.dir)
	if !ok {
		return true
	}
	if w.d.minFree > 0 {
		return free >= w.d.minFree
	}
	var wal int64
	if info, err := os.Stat(w.d.path + "-wal"); err == nil {
		wal = info.Size()
	}
	return free >= max(min(floorBytes, total/50), floorSlack+wal+size)
}

// DiskFree is the free and the total space of the data directory's disk in bytes; ok is false where it cannot be told.
func (d *DB) DiskFree() (free, total int64, ok bool) { return diskSpace(d.dir) }
