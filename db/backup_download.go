package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrCopying says that a copy for a download is under way already.
var ErrCopying = errors.New("a copy is being made already")

// copyName is the file of a copy in the data directory while it is in use. There is one name, so that a crash leaves at most one file.
const copyName = "notifer-download.db"

// Copy makes a copy of the store as Backup does and calls use with it, open for reading. The file is in the data directory with mode
// 0600, and is deleted when Copy returns, whatever happens. It fails with ErrCopying while another copy is in use, and with ErrFull when
// the disk has no room for one beside what publishing needs.
func (d *DB) Copy(ctx context.Context, use func(*os.File) error) error {
	if !d.copying.TryLock() {
		return ErrCopying
	}
	defer d.copying.Unlock()
	if err := d.roomForCopy(ctx, d.read); err != nil {
		return err
	}
	path := filepath.Join(d.dir, copyName)
	defer removeIfPresent(path)
	if err := copyStore(ctx, d.dir, path, d.file); err != nil {
		return err
	}
	return openUnlinked(path, use)
}

// NoteBackup stores that a copy has reached its place. Copy leaves that to its caller, who knows whether it has.
func (d *DB) NoteBackup() error {
	return d.SetSettingTime(backupSetting, d.now())
}

// openUnlinked opens a file that is no longer needed under its name.
func openUnlinked(path string, use func(*os.File) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_ = os.Remove(path) // where the system lets an open file lose its name, a crash leaves nothing behind
	return use(f)
}

// roomForCopy fails with ErrFull when a copy in the data directory would take the space that publishing needs.
func (d *DB) roomForCopy(ctx context.Context, q interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) error {
	var size int64
	if err := q.QueryRowContext(ctx, `
		select (p.page_count - f.freelist_count) * z.page_size
		from pragma_page_count p, pragma_freelist_count f, pragma_page_size z`).Scan(&size); err != nil {
		return err
	}
	free, total, ok := diskSpace(d.dir)
	if need := size + d.floor(total, 0); ok && free < need {
		return fmt.Errorf("%w: a copy of the database takes %d MiB, and %d MiB more must stay free, but only %d MiB are",
			ErrFull, mib(size), mib(need-size), free>>20)
	}
	return nil
}

// mib is a size in whole MiB, rounded up.
func mib(size int64) int64 { return (size + 1<<20 - 1) >> 20 }

// dropUnfinished removes the copy of a server that was killed while it made one.
func dropUnfinished(dir string) error {
	path := filepath.Join(dir, copyName)
	if err := errors.Join(removeIfPresent(path), removeCopy(path+partEnding)); err != nil {
		return fmt.Errorf("remove an unfinished copy: %w", err)
	}
	return nil
}
