package db_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
)

func bad(found []db.Finding) string {
	var subjects []string
	for _, f := range found {
		if f.Bad {
			subjects = append(subjects, f.Subject)
		}
	}
	return strings.Join(subjects, " ")
}

func TestExamineFindsWhatIsWrong(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	d := openAt(t, dir, newClock())
	topic := dbtest.Topic(t, d, "ops-east")
	ids := publish(t, d, topic.ID, "one", "two")
	if found := db.Check(context.Background(), dir); bad(found) != "" {
		t.Fatalf("beside a server: %+v, want nothing bad", found)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if found := db.Check(context.Background(), dir); bad(found) != "" {
		t.Fatalf("without a server: %+v, want nothing bad", found)
	}
	path := filepath.Join(dir, db.FileName)
	raw, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("update message set body = 'forged' where id = ?", int64(ids[1])); err != nil {
		t.Fatal(err)
	}
	os.Chmod(path, 0o644)
	found := db.Check(context.Background(), dir)
	if got := bad(found); got != "messages permissions" {
		t.Errorf("bad: %q, want messages and permissions: %+v", got, found)
	}
	if !strings.Contains(found[1].Text, ids[1].String()) {
		t.Errorf("%q does not name message %s", found[1].Text, ids[1])
	}
}

// TestCheckFileTellsWhatIsWrong: a file that is not a store is called that once, and one that another program locks is not called damaged.
func TestCheckFileTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, other := filepath.Join(dir, "notes.txt"), filepath.Join(dir, "other.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", "file:"+other)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetMaxOpenConns(1)
	if _, err := raw.Exec("create table other (x)"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, other} {
		if err := db.CheckFile(context.Background(), path); !errors.Is(err, db.ErrCorrupt) || strings.Count(err.Error(), db.ErrCorrupt.Error()) != 1 {
			t.Errorf("CheckFile(%s) = %v, want %v", filepath.Base(path), err, db.ErrCorrupt)
		}
	}
	if _, err := raw.Exec("begin exclusive"); err != nil {
		t.Fatal(err)
	}
	if err := db.CheckFile(context.Background(), other); errors.Is(err, db.ErrCorrupt) || !errors.Is(err, db.ErrIO) {
		t.Errorf("CheckFile of a locked file = %v, want %v", err, db.ErrIO)
	}
}

// A backup of an older version is sound before a server has upgraded it.
func TestCheckOfAnOlderStore(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	d := openAt(t, dir, newClock())
	publish(t, d, dbtest.Topic(t, d, "ops-east").ID, "one", "two")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(dir, db.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("alter table message drop column sender; delete from migration where name = '0020_sender.sql'"); err != nil {
		t.Fatal(err)
	}
	found := db.Check(context.Background(), dir)
	if bad(found) != "" || found[1].Text != "2 match their checksums" {
		t.Errorf("an older store: %+v, want nothing bad and 2 messages", found)
	}
}
