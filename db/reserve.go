package db

import (
	"errors"
	"fmt"
	"os"
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
	err := errors.Join(w.keepRoomOfWAL(), allocate(w.d.file, sizeOf(w.d.path)+w.d.reserve/2))
	if w.kept = extentOf(w.d.path); err != nil {
		w.d.log.Debug("no room is kept on the disk", "err", err)
	}
}

// keepRoomOfWAL opens the WAL by its name, since SQLite makes a new one at times. SQLite holds no locks on it.
func (w *writer) keepRoomOfWAL() error {
	f, err := os.OpenFile(w.d.path+"-wal", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return allocate(f, w.d.reserve)
}

// keepRoomAfterCheckpoint is keepRoom when checkpoints have made the database larger, or have freed the blocks behind its end: a
// checkpoint that moves the whole WAL truncates the database to its size, even where that is no change.
func (w *writer) keepRoomAfterCheckpoint() {
	if now := extentOf(w.d.path); now.size > w.kept.size || now.blocks < w.kept.blocks {
		w.keepRoom()
	}
}

// extent is the length of a file and the blocks that are allocated for it.
type extent struct{ size, blocks int64 }

// roomToFlush reports whether counters may be written: they must not use up on a full disk what is kept for revoking.
func (w *writer) roomToFlush() bool { return w.fits(0) }
