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
	begin, insert, commit driver.StmtExecContext
	page                  driver.StmtQueryContext
	next                  int64
}

// withBareStore runs f on a fresh store's raw driver connection.
func withBareStore(t testing.TB, f func(*bareStore)) {
	t.Helper()
	pool, s, err := openBareStore(filepath.Join(t.TempDir(), "bare.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	f(s)
}

// openBareStore makes a store. The connection belongs to the pool and is open until that is closed.
func openBareStore(path string) (pool *sql.DB, s *bareStore, err error) {
	pool, err = sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=journal_size_limit(4194304)")
	if err != nil {
		return nil, nil, err
	}
	for _, query := range []string{
		`create table message (id integer primary key, topic_id integer not null, body text not null) strict`,
		`create index message_topic on message (topic_id, id)`,
	} {
		if _, err := pool.Exec(query); err != nil {
			return pool, nil, err
		}
	}
	conn, err := pool.Conn(context.Background())
	if err != nil {
		return pool, nil, err
	}
	s = &bareStore{}
	return pool, s, conn.Raw(s.prepare)
}

func (s *bareStore) prepare(raw any) error {
	for query, stmt := range map[string]*driver.StmtExecContext{
		"begin immediate": &s.begin, "insert into message values (?, 1, ?)": &s.insert, "commit": &s.commit,
	} {
		made, err := raw.(driver.Conn).Prepare(query)
		if err != nil {
			return err
		}
		*stmt = made.(driver.StmtExecContext)
	}
	made, err := raw.(driver.Conn).Prepare("select id, topic_id, body from message where topic_id = 1 and id > ? order by id limit 100")
	if err != nil {
		return err
	}
	s.page = made.(driver.StmtQueryContext)
	return nil
}

// fill stores rows in one transaction.
func (s *bareStore) fill(t testing.TB, rows int) {
	t.Helper()
	body := string(bytes.Repeat([]byte("x"), bodySize))
	s.exec(t, s.begin)
	for range rows {
		s.next++
		s.exec(t, s.insert, driver.NamedValue{Ordinal: 1, Value: s.next}, driver.NamedValue{Ordinal: 2, Value: body})
	}
	s.exec(t, s.commit)
}

// pages reads all rows, a hundred at a time, and returns the rows read per second.
func (s *bareStore) pages(t testing.TB) float64 {
	t.Helper()
	begin, last := time.Now(), int64(0)
	for last < s.next {
		rows, err := s.page.QueryContext(context.Background(), []driver.NamedValue{{Ordinal: 1, Value: last}})
		if err != nil {
			t.Fatal(err)
		}
		var row [3]driver.Value
		for rows.Next(row[:]) == nil {
			last = row[0].(int64)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return float64(s.next) / time.Since(begin).Seconds()
}

// add commits one row by itself.
func (s *bareStore) add(body string) error {
	s.next++
	ctx, row := context.Background(), []driver.NamedValue{{Ordinal: 1, Value: s.next}, {Ordinal: 2, Value: body}}
	_, err := s.begin.ExecContext(ctx, nil)
	if err == nil {
		_, err = s.insert.ExecContext(ctx, row)
	}
	if err == nil {
		_, err = s.commit.ExecContext(ctx, nil)
	}
	return err
}

// commits writes transactions of the given number of rows for a while and returns the rows written per second.
func (s *bareStore) commits(t testing.TB, rows int, span time.Duration) float64 {
	t.Helper()
	begin, first := time.Now(), s.next
	for time.Since(begin) < span {
		s.fill(t, rows)
	}
	return float64(s.next-first) / time.Since(begin).Seconds()
}

func (s *bareStore) exec(t testing.TB, stmt driver.StmtExecContext, args ...driver.NamedValue) {
	if _, err := stmt.ExecContext(context.Background(), args); err != nil {
		t.Fatal(err)
	}
}
