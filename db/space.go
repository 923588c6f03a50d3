package db

import (
	"context"
	"fmt"
	"time"
)

const (
	floorBytes = 32 << 20
	floorSlack = 1 << 20
	rowBytes   = 16 << 10               // pages that one message may change, beside its own size
	roomFor    = 250 * time.Millisecond // how long an answer of the file system is relied on
)

// room is how much may be written before the file system is asked again. Asking is not free: a stat of the WAL makes the next
// fsync write its inode too (Linux keeps fine timestamps for files that were examined), a third of a commit's time.
type room struct {
	left   int64
	looked time.Time
}

// spend takes size out of the room, and reports false when the disk must be looked at.
func (r *room) spend(size int64, now time.Time) bool {
	age := now.Sub(r.looked)
	if size > r.left || age < 0 || age >= roomFor {
		return false
	}
	r.left -= size
	return true
}

// refuseWhenFull fails the batch's messages, and only those, when the disk is nearly full: the rest of the space is
// kept for revoking, signing in, retention and the checkpoint, since SQLite cannot even delete on a full disk.
func (w *writer) refuseWhenFull() {
	size := int64(0)
	for _, j := range w.batch {
		size += j.size() + j.messages()*rowBytes
	}
	if size == 0 {
		return
	}
	err := w.hasSpace(size)
	if err == nil {
		return
	}
	w.health.fail(err)
	w.refused = max(w.refused, size)
	for _, j := range w.batch {
		if j.msg != nil {
			j.err = err
		}
	}
}

// hasSpace is nil when size more bytes fit, after one truncating checkpoint if need be.
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

// fits reports whether size more bytes fit. It asks the file system, or relies on its last answer for a quarter of the space that
// was above the floor then.
func (w *writer) fits(size int64) bool {
	now := w.d.now()
	if w.room.spend(size, now) {
		return true
	}
	w.room = room{}
	free, total, ok := diskSpace(w.d.dir)
	if !ok {
		return true
	}
	need := w.d.floor(total, size)
	if free < need {
		return w.fitsInside(free, need, size)
	}
	if above := free - need; above >= floorBytes {
		w.room = room{left: above / 4, looked: now}
	}
	return true
}

// fitsInside reports whether size more bytes fit into what deleting has freed in the database, which never becomes smaller: on a disk that
// it has filled itself, nothing else would ever make room. The WAL, through which they go, then needs its own blocks or free ones.
func (w *writer) fitsInside(free, need, size int64) bool {
	wal := extentOf(w.d.path + "-wal")
	more := wal.size + size - 512*wal.blocks
	if 512*wal.blocks < w.d.reserve {
		more += floorSlack // the file system keeps no room for revoking
	}
	var reusable int64
	err := w.conn.QueryRowContext(context.Background(), `
		select f.freelist_count * z.page_size
		from pragma_freelist_count f, pragma_page_size z`).Scan(&reusable)
	return err == nil && free >= more && free+reusable >= need
}

// floor is what has to stay free of a disk of total bytes when a batch of size comes.
func (d *DB) floor(total, size int64) int64 {
	if d.minFree != 0 {
		return d.minFree
	}
	return max(min(floorBytes, total/50), floorSlack+sizeOf(d.path+"-wal")+size)
}

// DiskFree is the free and the total space of the data directory's disk in bytes; ok is false where the system does not report it.
func (d *DB) DiskFree() (free, total int64, ok bool) { return diskSpace(d.dir) }

// NearlyFull reports whether messages will soon be refused for want of space: less than twice the space is free that they leave free.
func (d *DB) NearlyFull() bool {
	free, total, ok := diskSpace(d.dir)
	return ok && free < 2*d.floor(total, 0)
}

// Sizes are the bytes of the database file and of its write-ahead log; what cannot be read counts as zero.
func (d *DB) Sizes() (main, wal int64) { return sizeOf(d.path), sizeOf(d.path + "-wal") }
