package bench

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// bareStore is the SQLite driver alone: one table as a message log needs it, durable commits, no server around it.
type bareStore struct {
	conn                  driver.Conn
	begin, insert, commit driver.StmtExecContext
	next                  int64
}

// withBareStore runs f on a fresh store's raw driver connection.
func withBareStore(t testing.TB, f func(*bareStore)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bare.db")
	pool, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=journal_size_limit(4194304)")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(`create table message (id integer primary key, topic_id integer not null, body text not null) strict`); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(`create index message_topic on message (topic_id, id)`); err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Raw(func(raw any) error {
		s := &bareStore{conn: raw.(driver.Conn)}
		s.begin, s.insert, s.commit = s.prepare(t, "begin immediate"), s.prepare(t, "insert into message values (?, 1, ?)"), s.prepare(t, "commit")
		f(s)
		return nil
	})
}

func (s *bareStore) prepare(t testing.TB, query string) driver.StmtExecContext {
	t.Helper()
	stmt, err := s.conn.Prepare(query)
	if err != nil {
		t.Fatal(err)
	}
	return stmt.(driver.StmtExecContext)
}

// commits writes transactions of the given number of rows for a while and returns the rows written per second.
func (s *bareStore) commits(t testing.TB, rows int, span time.Duration) float64 {
	t.Helper()
	body := string(bytes.Repeat([]byte("x"), bodySize))
	begin, first := time.Now(), s.next
	for time.Since(begin) < span {
		s.exec(t, s.begin)
		for range rows {
			s.next++
			s.exec(t, s.insert, driver.NamedValue{Ordinal: 1, Value: s.next}, driver.NamedValue{Ordinal: 2, Value: body})
		}
		s.exec(t, s.commit)
	}
	return float64(s.next-first) / time.Since(begin).Seconds()
}

func (s *bareStore) exec(t testing.TB, stmt driver.StmtExecContext, args ...driver.NamedValue) {
	if _, err := stmt.ExecContext(context.Background(), args); err != nil {
		t.Fatal(err)
	}
}
