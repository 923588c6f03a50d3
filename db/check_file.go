package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// CheckFile reads a whole store file. It fails with ErrCorrupt when the file is damaged or not a store, with ErrNewer when a newer
// program wrote it, and with ErrIO when it cannot be read. It changes nothing and may run beside a server.
func CheckFile(ctx context.Context, path string) (err error) {
	if err := CheckRegular(path); err != nil {
		return err
	}
	pool, err := sql.Open("sqlite", fileDSN(path, "mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(5000)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return classify(err)
	}
	defer conn.Close()
	if err := checkSchema(ctx, conn); err != nil {
		return err
	}
	return checkIntegrity(ctx, conn)
}

// CheckRegular fails if there is no file at the path, or a directory or device, which may never end.
func CheckRegular(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a file")
	}
	return err
}

// checkSchema refuses a file that is not a notifer store, or one of a newer program.
func checkSchema(ctx context.Context, conn *sql.Conn) error {
	done, err := applied(ctx, conn)
	if noSchema(err) {
		return fmt.Errorf("%w: it is empty or belongs to another program", ErrCorrupt)
	}
	if err != nil {
		return err
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	if len(done) == 0 {
		return fmt.Errorf("%w: it holds no schema", ErrCorrupt)
	}
	for _, n := range done {
		if !slices.Contains(names, "migrations/"+n) {
			return fmt.Errorf("%w: it has %s", ErrNewer, n)
		}
	}
	return nil
}

// noSchema reports whether a query failed because the file has other tables, or none.
func noSchema(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_ERROR
}

// checkIntegrity runs SQLite's own check of structure, which also finds rows missing from an index.
func checkIntegrity(ctx context.Context, conn *sql.Conn) error {
	rows, err := conn.QueryContext(ctx, "pragma integrity_check(10)")
	found, err := collect(rows, err, scanValue[string])
	if err == nil && !slices.Equal(found, []string{"ok"}) {
		err = fmt.Errorf("%w: %s", ErrCorrupt, strings.Join(found, "; "))
	}
	return err
}

// fileDSN names a database file for the driver.
func fileDSN(path, query string) string {
	if onReadOnly(path) {
		query = readOnly(query)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query
}
