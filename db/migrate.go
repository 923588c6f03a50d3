package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate applies the files of migrations/ that the store has not seen, all in one transaction, so that a kill half way
// leaves the older schema whole. The names applied are kept in the table migration.
func (d *DB) migrate(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, `
		create table if not exists migration (
		  name text primary key,
		  applied_at integer not null
		) strict, without rowid`); err != nil {
		return err
	}
	done, err := applied(ctx, conn)
	if err != nil {
		return err
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	for _, n := range done {
		if !slices.Contains(names, "migrations/"+n) {
			return fmt.Errorf("%w: it has %s; install that version again", ErrNewer, n)
		}
	}
	if len(done) == len(names) {
		return nil
	}
	return d.migrateRest(ctx, conn, names)
}

// migrateRest lets one process at a time copy and migrate: of two at once each would take the other's copy for its own. A
// command does not migrate under a running server, which was built for the older schema.
func (d *DB) migrateRest(ctx context.Context, conn *sql.Conn, names []string) error {
	dir, err := os.Open(d.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	_ = awaitFile(dir) // some file systems lock no directories
	done, err := applied(ctx, conn)
	if err != nil {
		return err
	}
	if len(done) > 0 && len(done) < len(names) && !d.locked {
		lock, err := LockDir(d.dir)
		if err == nil {
			defer lock.Close()
			err = lockStore(d.file)
		}
		if err != nil {
			return fmt.Errorf("the database needs an upgrade, which a running server must do itself: restart the server with this version first: %w", err)
		}
		defer unlockFile(d.file)
	}
	pending := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(done, path.Base(n)) })
	if len(pending) > 0 && len(done) > 0 {
		if err := d.copyBefore(ctx, conn, path.Base(pending[0])); err != nil {
			return err
		}
	}
	files := make([]migration, len(pending))
	for i, n := range pending {
		text, err := fs.ReadFile(migrations, n)
		if err != nil {
			return err
		}
		files[i] = migration{name: path.Base(n), text: string(text)}
	}
	return d.applyMigrations(ctx, conn, files)
}

// migration is one file: its name without the directory, and its statements.
type migration struct{ name, text string }

func applied(ctx context.Context, conn *sql.Conn) ([]string, error) {
	rows, err := conn.QueryContext(ctx, "select name from migration order by name")
	return collect(rows, err, scanValue[string])
}

// applyMigrations runs the files in one transaction. Foreign keys are off meanwhile: a file that changes a column has to
// build its table anew, and dropping the old table would delete all rows that refer to it. The pragma has no effect inside a
// transaction, so a file cannot do that for itself; what it leaves is checked before the commit.
func (d *DB) applyMigrations(ctx context.Context, conn *sql.Conn, files []migration) (err error) {
	if _, err := conn.ExecContext(ctx, "pragma foreign_keys = 0"); err != nil {
		return err
	}
	defer func() {
		_, on := conn.ExecContext(ctx, "pragma foreign_keys = 1")
		err = errors.Join(err, on)
	}()
	if _, err := conn.ExecContext(ctx, "begin immediate"); err != nil {
		return err
	}
	for _, m := range files {
		if err = d.runMigration(ctx, conn, m); err != nil {
			err = fmt.Errorf("migration %s: %w", m.name, err)
			break
		}
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, "commit")
	}
	if err != nil {
		_, undo := conn.ExecContext(ctx, "rollback")
		return errors.Join(err, undo)
	}
	return nil
}

func (d *DB) runMigration(ctx context.Context, conn *sql.Conn, m migration) error {
	var there bool // another process may have applied it while this one waited for the lock
	err := conn.QueryRowContext(ctx, "select exists (select 1 from migration where name = ?)", m.name).Scan(&there)
	if err != nil || there {
		return err
	}
	if _, err := conn.ExecContext(ctx, m.text); err != nil {
		return err
	}
	if err := foreignKeys(ctx, conn); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "insert into migration (name, applied_at) values (?, ?)", m.name, d.now().UnixMilli())
	return err
}

// copyBefore keeps a copy of the store beside it before the first change to its schema, whole or not at all, with mode 0600. Whether there
// is room is decided before anything is written: a service manager starts a server that has failed again and again.
func (d *DB) copyBefore(ctx context.Context, conn *sql.Conn, name string) error {
	if err := d.roomForCopy(ctx, conn); err != nil {
		return fmt.Errorf("upgrade the database: %w", err)
	}
	target := d.path + ".before-" + name
	part := target + ".part"
	err := makeEmpty(part)
	if err == nil {
		_, err = conn.ExecContext(ctx, "vacuum into ?", part)
	}
	if err == nil {
		err = publishFile(part, target)
	}
	if err != nil {
		return fmt.Errorf("copy before %s: %w", name, errors.Join(err, removeCopy(part)))
	}
	return nil
}
