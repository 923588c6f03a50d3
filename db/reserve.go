package db

import (
	"errors"
	"fmt"
)

// On a disk that another program has filled, SQLite cannot even revoke a token: the WAL has no room for the page. Blocks are
// therefore allocated beforehand, behind the end of the WAL and of the database. The WAL is checkpointed at a size that leaves
// part of its blocks unused, and the database has room for what a checkpoint adds, so revoking and signing in go on when the
// disk is full to the last byte.

const (
	reserveBytes = 5 << 20 // of the WAL, where the disk is not small
	reserveShare = 16      // at most this part of a disk
	reservePage  = 4096
)

// reserveFor is how much of a disk is allocated for the WAL.
func reserveFor(total int64) int64 {
	if total <= 0 {
		return reserveBytes
	}
	return max(min(reserveBytes, total/reserveShare), 256<<10)
}

// reservePragmas keep the WAL within its blocks: beyond the first size it is checkpointed, beyond the second cut off when it
// begins anew.
func reservePragmas(reserve int64) []string {
	checkpoint := min(1000, reserve/2/reservePage)
	return []string{fmt.Sprintf("wal_autocheckpoint(%d)", checkpoint), fmt.Sprintf("journal_size_limit(%d)", reserve)}
}

// keepRoom allocates the blocks that the files lack. It fails where the file system cannot do that, or is full; the store works
// all the same.
func (w *writer) keepRoom() {
	size := sizeOf(w.d.path)
	err := errors.Join(allocate(w.d.path+"-wal", w.d.reserve), allocate(w.d.path, size+w.d.reserve/2))
	if w.roomAt = size; err != nil {
		w.d.log.Debug("no room is kept on the disk", "err", err)
	}
}

// keepRoomAfterGrowth is keepRoom when checkpoints have made the database larger.
func (w *writer) keepRoomAfterGrowth() {
	if sizeOf(w.d.path) > w.roomAt {
		w.keepRoom()
	}
}

// roomToFlush reports whether counters may be written: they must not use up on a full disk what is kept for revoking.
func (w *writer) roomToFlush() bool { return w.fits(0) }
