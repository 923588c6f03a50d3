// Package owner lets root work in a data directory as the user that owns it. That user decides what is in there, for example a link to a
// file of root's.
package owner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"notifer/db"
	"notifer/server/config"
)

// Do calls fn as the owner of the data directory when root runs the command and another user owns the directory, so that root opens
// nothing in it. If the directory does not exist, fn runs as the caller. It changes the user of the whole process.
func Do(dir string, fn func() error) error {
	uid, gid, foreign := foreignOwner(dir)
	if !foreign {
		return fn()
	}
	back, err := become(uid, gid)
	if err != nil {
		return config.Usagef(fmt.Sprintf("sudo -u '#%d' notifer ...", uid), "%s belongs to user %d, and root cannot become that user here: %v", dir, uid, err)
	}
	return errors.Join(fn(), back())
}

// foreignOwner is the owner of a directory, and whether the caller is root and another user owns it.
func foreignOwner(dir string) (uid, gid int, foreign bool) {
	if os.Geteuid() != 0 {
		return 0, 0, false
	}
	info, err := os.Stat(dir)
	if err != nil {
		return 0, 0, false
	}
	uid, gid = fileOwner(info)
	return uid, gid, uid != 0
}

// Refuse refuses to let root serve the directory of another user. A server cannot become that user: it opens ports at its start and
// certificates later.
func Refuse(dir string) error {
	if uid, _, foreign := foreignOwner(dir); foreign {
		return config.Usagef(fmt.Sprintf("sudo -u '#%d' notifer serve", uid), "%s belongs to user %d: run the server as that user, or chown the directory", dir, uid)
	}
	return nil
}

// Backup is db.Backup. Root makes the copy as the owner of the data directory, in a temporary directory beside the target that the owner
// may write to. It is inside a directory that only root may enter: the database may be a link to one of root's, and then the owner must
// not read the copy.
func Backup(ctx context.Context, dir, target string) error {
	uid, gid, foreign := foreignOwner(dir)
	if !foreign {
		return db.Backup(ctx, dir, target)
	}
	closed, err := os.MkdirTemp(filepath.Dir(target), ".notifer-backup-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(closed)
	scratch := filepath.Join(closed, "copy")
	copied := filepath.Join(scratch, filepath.Base(target))
	err = os.Mkdir(scratch, 0o700)
	if err == nil {
		err = os.Chown(scratch, uid, gid)
	}
	if err == nil {
		err = Do(dir, func() error { return db.Backup(ctx, dir, copied) })
	}
	if err = errors.Join(err, os.Chown(scratch, 0, 0)); err != nil {
		return err
	}
	if info, err := os.Lstat(copied); err != nil || !info.Mode().IsRegular() {
		return fmt.Errorf("%s was replaced while the backup was made: %w", copied, err)
	}
	return errors.Join(os.Lchown(copied, 0, 0), os.Rename(copied, target))
}

// restoreCopy is the name, in the data directory, of a copy of a backup that perhaps only root can read.
const restoreCopy = "notifer-restore.db"

// Restore is db.Restore. Root first copies the backup into the data directory, because SQLite creates files beside a database that it
// reads.
func Restore(ctx context.Context, dir, from string) (kept string, err error) {
	if _, _, foreign := foreignOwner(dir); !foreign {
		return db.Restore(ctx, dir, from)
	}
	if err := db.CheckRegular(from); err != nil {
		return "", &db.RefusedCopy{Path: from, Err: err}
	}
	var files []*os.File // the copy, and the WAL beside it when there is one
	for _, end := range []string{"", "-wal"} {
		f, err := os.Open(from + end)
		if end == "" && err != nil {
			return "", err
		}
		if err == nil {
			defer f.Close()
			files = append(files, f)
		}
	}
	err = Do(dir, func() error {
		copied := filepath.Join(dir, restoreCopy)
		for i, f := range files {
			path := copied + []string{"", "-wal"}[i]
			defer os.Remove(path)
			if err := copyTo(path, f); err != nil {
				return fmt.Errorf("restore: %w", err)
			}
		}
		defer os.Remove(copied + "-wal") // which SQLite makes while it reads
		defer os.Remove(copied + "-shm")
		var err error
		kept, err = db.Restore(ctx, dir, copied)
		if refused, ok := errors.AsType[*db.RefusedCopy](err); ok {
			refused.Path = from
		}
		return err
	})
	return kept, err
}

// newFile creates a file in place of whatever has its name, and follows no link.
func newFile(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func copyTo(path string, in io.Reader) error {
	out, err := newFile(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
