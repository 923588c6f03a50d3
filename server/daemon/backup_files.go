package daemon

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// backupStamp is the time in the name of a scheduled copy, so that the names sort by age.
const backupStamp = "notifer-20060102T150405Z.db"

func backupName(t time.Time) string { return t.UTC().Format(backupStamp) }

// scheduledBackups lists the copies in a directory that this program named, oldest first. Those from the future come before
// all others: a clock that has been set back since has named them, so they are older than what it names now.
func scheduledBackups(dir string, now time.Time) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var ahead, paths []string
	for _, e := range entries {
		made, bad := time.Parse(backupStamp, e.Name())
		switch path := filepath.Join(dir, e.Name()); {
		case bad != nil:
		case made.After(now):
			ahead = append(ahead, path)
		default:
			paths = append(paths, path)
		}
	}
	return append(ahead, paths...), err
}

// backupAge is how old the newest copy is; with none, or only ones from the future, older than any pause.
func backupAge(dir string, now time.Time) time.Duration {
	const never = time.Duration(1<<63 - 1)
	names, err := scheduledBackups(dir, now)
	if err != nil || len(names) == 0 {
		return never
	}
	made, err := time.Parse(backupStamp, filepath.Base(names[len(names)-1]))
	if err != nil || made.After(now) {
		return never
	}
	return now.Sub(made)
}

// dropHalfBackups deletes what a copy left that was killed half way: the next one has another name and does not replace it.
func dropHalfBackups(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		name, _, half := strings.Cut(e.Name(), ".part")
		if _, bad := time.Parse(backupStamp, name); half && bad == nil {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

func dropOldBackups(dir string, keep int, now time.Time) error {
	names, err := scheduledBackups(dir, now)
	if err != nil || len(names) <= keep {
		return err
	}
	for _, name := range names[:len(names)-keep] {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}
