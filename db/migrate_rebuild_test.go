package db

import (
	"errors"
	"io/fs"
	"regexp"
	"testing"
)

// rebuild is a migration as a change of a column needs it: a new table, the rows copied, the old table dropped.
func rebuild(t *testing.T) string {
	t.Helper()
	text, err := fs.ReadFile(migrations, "migrations/0001_start.sql")
	if err != nil {
		t.Fatal(err)
	}
	columns := regexp.MustCompile(`(?s)create table topic \((.*?)\) strict;`).FindSubmatch(text)
	return `
		create table topic_new (` + string(columns[1]) + `) strict;
		insert into topic_new select * from topic;
		drop table topic;
		alter table topic_new rename to topic;
		create index topic_owner on topic (owner_id);`
}

// TestAMigrationThatRebuildsATableKeepsItsChildren counts the tokens of a topic whose table is built anew.
func TestAMigrationThatRebuildsATableKeepsItsChildren(t *testing.T) {
	d := openStopped(t)
	ctx := t.Context()
	if err := d.applyMigrations(ctx, d.w.conn, []migration{{"9998_rebuild.sql", rebuild(t)}}); err != nil {
		t.Fatal(err)
	}
	err := d.applyMigrations(ctx, d.w.conn, []migration{{"9999_loss.sql", "delete from topic"}})
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("a migration that leaves tokens without their topic = %v, want ErrCorrupt", err)
	}
	for query, want := range map[string]int{
		"select count(*) from topic":                                      1,
		"select count(*) from token":                                      1,
		"select count(*) from migration where name like '999%'":           1,
		"select foreign_keys from pragma_foreign_keys":                    1,
		"select count(*) from sqlite_schema where sql like '%topic_new%'": 0,
	} {
		var n int
		if err := d.w.conn.QueryRowContext(ctx, query).Scan(&n); err != nil || n != want {
			t.Errorf("%s: %d, %v, want %d", query, n, err, want)
		}
	}
}

// openStopped opens a store with a topic and a token, and ends the goroutine that shares the writer's connection.
func openStopped(t *testing.T) *DB {
	t.Helper()
	d, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	u := User{Email: "ada@home.example", Username: "ada", PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	topic := NewTopic("ops", u)
	if err := d.CreateTopic(&topic, By{Name: "ada"}); err != nil {
		t.Fatal(err)
	}
	k := Token{TopicID: topic.ID, Topic: topic.Name, Name: "ci", CanPublish: true, Fingerprint: make([]byte, 16), Hash: "x", Hint: "x"}
	if err := d.CreateToken(&k, 100); err != nil {
		t.Fatal(err)
	}
	d.stop()
	d.workers.Wait()
	return d
}
