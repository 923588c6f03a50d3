package db

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
)

// oneReader is a store and the one connection that the test reads by.
func oneReader(t *testing.T) (*DB, *sql.Conn) {
	t.Helper()
	d, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.read.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d, c
}

// kept is what a connection holds.
func kept(t *testing.T, c *sql.Conn) (queries map[string]*query) {
	t.Helper()
	if err := c.Raw(func(raw any) error { queries = raw.(*reader).kept; return nil }); err != nil {
		t.Fatal(err)
	}
	return queries
}

func number(t *testing.T, c *sql.Conn, text string, args ...any) (n int) {
	t.Helper()
	if err := c.QueryRowContext(t.Context(), text, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

func TestReaderCompilesAQueryOnce(t *testing.T) {
	_, c := oneReader(t)
	const text = "select ? + 1"
	var first *query
	for i := range 3 {
		if got := number(t, c, text, i); got != i+1 {
			t.Errorf("run %d answers %d", i, got)
		}
		q := kept(t, c)[text]
		if first == nil {
			first = q
		}
		if q == nil || q != first || q.busy {
			t.Fatalf("run %d: kept %+v, want the first one, idle", i, q)
		}
	}
}

func TestReaderKeepsSoMany(t *testing.T) {
	_, c := oneReader(t)
	rows, err := c.QueryContext(t.Context(), "select 7 union all select 8")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 * keptQueries {
		if got := number(t, c, fmt.Sprintf("select %d", i)); got != i {
			t.Errorf("select %d answers %d", i, got)
		}
	}
	if n := len(kept(t, c)); n != keptQueries {
		t.Errorf("%d queries are kept, want %d", n, keptQueries)
	}
	for want := 7; want <= 8; want++ { // the query whose rows are open was not dropped
		var n int
		if !rows.Next() || rows.Scan(&n) != nil || n != want {
			t.Errorf("open rows: %d, %v, want %d", n, rows.Err(), want)
		}
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
}

func TestReaderRunsAQueryBesideItself(t *testing.T) {
	_, c := oneReader(t)
	const text = "select 1 union all select 2"
	outer, err := c.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	var sum int
	for outer.Next() {
		var n int
		if err := outer.Scan(&n); err != nil {
			t.Fatal(err)
		}
		sum += 10*n + number(t, c, text)
	}
	if sum != 32 {
		t.Errorf("sum %d, want 32", sum)
	}
}

func TestReaderSeesAChangedSchema(t *testing.T) {
	d, c := oneReader(t)
	const text = "select count(*) from pragma_table_info('topic')"
	before := number(t, c, text)
	if err := d.write(func(tx *Tx) error { _, err := tx.exec("alter table topic add column spare integer"); return err }); err != nil {
		t.Fatal(err)
	}
	if after := number(t, c, text); after != before+1 {
		t.Errorf("the kept query counts %d columns, want %d", after, before+1)
	}
}

func TestInterruptedReaderIsNotUsedAgain(t *testing.T) {
	d, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx, cancel := context.WithCancel(t.Context())
	rows, err := d.read.QueryContext(ctx, "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n")
	if err != nil {
		t.Fatal(err)
	}
	rows.Next()
	cancel()
	for rows.Next() { // until database/sql has seen the end of the context
	}
	rows.Close()
	for range 8 { // whatever connection comes
		var n int
		if err := d.read.QueryRow("select 5").Scan(&n); err != nil || n != 5 {
			t.Fatalf("after an interrupted query: %d, %v", n, err)
		}
	}
}
