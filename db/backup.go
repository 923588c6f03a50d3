package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Backup writes a copy of the store of a data directory to target, while a server may be using it. The copy holds
// everything committed before the call, is checked, and appears under its name whole or not at all, with mode 0600.
func Backup(ctx context.Context, dir, target string) error {
	if err := copyStore(ctx, dir, target, nil); err != nil {
		return err
	}
	_ = noteBackup(ctx, filepath.Join(dir, FileName), time.Now()) // the copy is made; a store that cannot be written must not make it a failure
	return nil
}

// Backup is the function of that name for the program that has the store open.
func (d *DB) Backup(ctx context.Context, target string) error {
	if err := copyStore(ctx, d.dir, target, d.file); err != nil {
		return err
	}
	_ = d.NoteBackup()
	return nil
}

// partEnding marks a copy that is not finished.
const partEnding = ".part"

// copyStore is Backup without a note of it in the store. It is given the database as a file where the program has it open.
func copyStore(ctx context.Context, dir, target string, file *os.File) (err error) {
	defer func() { err = full(err) }()
	source := filepath.Join(dir, FileName)
	if err := checkTarget(source, target); err != nil {
		return err
	}
	part := target + partEnding
	lock, err := makePart(part)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	defer removeCopy(part)
	if err := withReadable(ctx, source, filepath.Dir(target), file, func(source string) error {
		return vacuumInto(ctx, fileDSN(source, "mode=rw&_pragma=busy_timeout(5000)&_pragma=cache_size(-1024)"), part)
	}); err != nil {
		return fmt.Errorf("copy the database: %w", classify(err))
	}
	if err := dropSigningKey(ctx, part); err != nil {
		return fmt.Errorf("leave the key of JWTs out of the copy: %w", classify(err))
	}
	if err := CheckFile(ctx, part); err != nil {
		return fmt.Errorf("the copy is not sound: %w", err)
	}
	return publishFile(part, target)
}

// SigningKey names the setting with the key of JWTs. A backup does not have it, because its holder could sign in with it as anybody; where
// it is missing, the server makes another one.
const SigningKey = "jwt_key"

// dropSigningKey overwrites the key in a copy that nothing else uses, and leaves no journal with it.
func dropSigningKey(ctx context.Context, part string) (err error) {
	pool, err := sql.Open("sqlite", fileDSN(part, "mode=rw&_pragma=journal_mode(memory)&_pragma=secure_delete(1)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	_, err = pool.ExecContext(ctx, "delete from setting where name = ?", SigningKey)
	return err
}

// full adds ErrFull to an error of the system, not of SQLite, about a full disk.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// backupSetting names the stored moment of the last backup, in milliseconds.
const backupSetting = "last_backup"

func noteBackup(ctx context.Context, source string, at time.Time) (err error) {
	pool, err := sql.Open("sqlite", fileDSN(source, "mode=rw&_pragma=busy_timeout(5000)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	_, err = pool.ExecContext(ctx, setSetting, backupSetting, digits(at.UnixMilli()))
	return err
}

// LastBackup returns when the last copy of the store was made, the zero time when none was.
func (d *DB) LastBackup(ctx context.Context) (time.Time, error) {
	return d.SettingTime(ctx, backupSetting)
}

// checkTarget refuses a target that is the store itself, and a source that is not there.
func checkTarget(source, target string) error {
	from, err := os.Stat(source)
	if err != nil {
		return err
	}
	to, err := os.Stat(target)
	if err == nil && os.SameFile(from, to) {
		return fmt.Errorf("%s is the database itself: choose another file", target)
	}
	if err == nil && !to.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file: choose another name", target)
	}
	return nil
}

// makePart is makeEmpty for a backup, which holds the file locked until it is closed. Only who holds the lock of a file removes it: two
// backups that write the same file would take it away from each other.
func makePart(part string) (*os.File, error) {
	for range 2 {
		f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil && lockFile(f) == nil && namesFile(part, f) {
			return f, nil
		}
		if f != nil {
			f.Close()
			break // another backup took it for a file that was left behind
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if removed, err := removeLeft(part); !removed {
			if err != nil {
				return nil, err
			}
			break
		}
	}
	return nil, fmt.Errorf("%s is being written by another backup", part)
}

// removeLeft removes what a backup that was killed has left behind, unless another backup holds it locked.
func removeLeft(part string) (bool, error) {
	old, err := os.OpenFile(part, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe must not block
	if err == nil {
		defer old.Close()
		if lockFile(old) != nil || !namesFile(part, old) {
			return false, nil
		}
	}
	if err := removeCopy(part); err != nil {
		return false, err
	}
	return true, nil
}

// namesFile reports whether a path still leads to an open file.
func namesFile(path string, f *os.File) bool {
	is, err := f.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(path)
	return err == nil && os.SameFile(is, now)
}

// makeEmpty makes an empty file with mode 0600, so that the copy is never readable by others, not even while it grows.
func makeEmpty(path string) error {
	if err := removeCopy(path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// removeCopy removes a copy that is not finished, and the journal that SQLite leaves beside it when the disk is full.
func removeCopy(part string) error {
	if err := removeIfPresent(part); err != nil {
		return err
	}
	return removeIfPresent(part + "-journal")
}

// vacuumInto writes what the store that dsn names holds into an empty file.
func vacuumInto(ctx context.Context, dsn, target string) (err error) {
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	_, err = pool.ExecContext(ctx, "vacuum into ?", target)
	return err
}

// publishFile syncs a finished file to the disk and gives it its final name.
func publishFile(part, target string) error {
	if err := makePrivate(part); err != nil {
		return err
	}
	if err := os.Rename(part, target); err != nil {
		return err
	}
	return syncDir(filepath.Dir(target))
}

// syncDir makes the names in a directory survive a power cut.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
