package db_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"notifer/db"
)

// TestTheCopyBeforeAMigrationIsOfTheOlderSchema opens an older store twice at once, as a server and a command do after an
// upgrade: whoever comes second must not replace the copy by one of the newer schema.
func TestTheCopyBeforeAMigrationIsOfTheOlderSchema(t *testing.T) {
	t.Parallel()
	for range 10 {
		dir := t.TempDir()
		path := filepath.Join(dir, db.FileName)
		older(t, dir, path)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				d, err := db.Open(dir, db.Options{})
				if err != nil {
					t.Error(err)
					return
				}
				if err := d.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if tables := count(t, path+".before-0002_token_network.sql", "select count(*) from sqlite_schema where name = 'token_network'"); tables != 0 {
			t.Fatal("the copy made before the migration holds its table")
		}
	}
}

// TestACommandDoesNotMigrateUnderAServer: the server was built for the older schema and goes on with it.
func TestACommandDoesNotMigrateUnderAServer(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, db.FileName)
	older(t, dir, path)
	lock, err := db.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Open(dir, db.Options{}); !errors.Is(err, db.ErrRunning) {
		t.Errorf("Open beside an older server: %v, want ErrRunning", err)
	}
	if n := count(t, path, "select count(*) from sqlite_schema where name = 'token_network'"); n != 0 {
		t.Error("the schema was changed under the server")
	}
	d, err := lock.OpenStore(dir, db.Options{})
	if err != nil {
		t.Fatalf("the server itself: %v", err)
	}
	d.Close()
	lock.Close()
}

// older makes a store as it was before the newest migration.
func older(t *testing.T, dir, path string) {
	t.Helper()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(context.Background(), "drop table token_network; delete from migration where name = '0002_token_network.sql'"); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, path, query string) (n int) {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
