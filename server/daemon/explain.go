package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"notifer/db"
	"notifer/server/config"
)

// ExplainOpen adds what to do to the error of a store that does not open.
func ExplainOpen(c *config.Config, err error) error {
	switch {
	case errors.Is(err, db.ErrCorrupt):
		return ExplainDamage(c, err)
	case errors.Is(err, syscall.EROFS) && noStore(c.DataDir):
		return fmt.Errorf("%w: mount a volume there, or set data_dir to a directory that can be written to", err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: the disk is read-only, perhaps after an I/O error. To save the data: notifer backup /OTHER/DISK/notifer.db --data-dir %s", err, config.ShellWord(c.DataDir))
	case errors.Is(err, db.ErrFull):
		return fmt.Errorf("%w\nNothing was changed. Make room on the disk of %s, or install the earlier version again", err, c.DataDir)
	case errors.Is(err, fs.ErrPermission):
		return explainOwner(c.DataDir, err)
	}
	return err
}

// noStore reports whether there is no database to lose in a directory.
func noStore(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, db.FileName))
	return errors.Is(err, fs.ErrNotExist)
}

// ExplainDamage adds what to do to the error of a damaged store, which may show only when its table is read, and leaves others as they are.
func ExplainDamage(c *config.Config, err error) error {
	if !errors.Is(err, db.ErrCorrupt) {
		return err
	}
	return fmt.Errorf("%w\n%s is left as it is. To restore a backup: notifer restore FILE --data-dir %s",
		err, filepath.Join(c.DataDir, db.FileName), config.ShellWord(c.DataDir))
}

// explainOwner says whose a data directory is that cannot be used.
func explainOwner(dir string, err error) error {
	info, bad := os.Stat(dir)
	if errors.Is(bad, fs.ErrNotExist) {
		return &config.Passing{Err: config.Usagef(fmt.Sprintf("sudo install -d -m 700 -o %d -g %d %s", os.Geteuid(), os.Getegid(), config.ShellWord(dir)), "%v", err)}
	}
	if bad != nil {
		return err
	}
	own := os.Geteuid()
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(s.Uid) == own {
		return err
	}
	return &config.Passing{Err: config.Usagef(fmt.Sprintf("sudo chown -R %d:%d %s", own, os.Getegid(), config.ShellWord(dir)), "%v: %s belongs to user %d, and this runs as user %d", err, dir, s.Uid, own)}
}
