package cli

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// backupStamp is the time in the name of a scheduled copy, so that the names sort by age.
const backupStamp = "notifer-20060102T150405Z.db"

func backupName(t time.Time) string { return t.UTC().Format(backupStamp) }

func makeBackupDir(dir string) error { return os.MkdirAll(dir, 0o700) }

// scheduledBackups lists the copies in a directory that this program named, oldest first.
func scheduledBackups(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var paths []string
	for _, e := range entries {
		if _, err := time.Parse(backupStamp, e.Name()); err == nil {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths, err
}

// backupAge is how old the newest copy is; with none, or one from the future, older than any pause.
func backupAge(dir string, now time.Time) time.Duration {
	const never = time.Duration(1<<63 - 1)
	names, err := scheduledBackups(dir)
	if err != nil || len(names) == 0 {
		return never
	}
	made, err := time.Parse(backupStamp, filepath.Base(names[len(names)-1]))
	if err != nil || made.After(now) {
		return never
	}
	return now.Sub(made)
}

func dropOldBackups(dir string, keep int) error {
	names, err := scheduledBackups(dir)
	if err != nil || len(names) <= keep {
		return err
	}
	for _, name := range names[:len(names)-keep] {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}
