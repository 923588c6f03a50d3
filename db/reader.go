package db

import (
	"context"
	"database/sql/driver"
)

// keptQueries is how many compiled queries a reader keeps; each takes a few KiB.
const keptQueries = 24

// readers opens connections that keep the queries they have compiled: SQLite takes as long to compile one as to read forty
// messages. *sql.Stmt would keep them too, but every call site would hold one, it looks its connection up on each use (a row by
// key takes a fifth longer), and it hides the driver's rows, which message_scan.go reads (a page takes 8 % longer without).
// BenchmarkReaders measures both.
type readers struct {
	driver driver.Driver
	dsn    string
}

// Driver implements driver.Connector.
func (r *readers) Driver() driver.Driver { return r.driver }

// Connect implements driver.Connector.
func (r *readers) Connect(context.Context) (driver.Conn, error) {
	c, err := r.driver.Open(r.dsn)
	if err != nil {
		return nil, err
	}
	return &reader{c, map[string]*query{}}, nil
}

// reader is one connection. As any of a driver, it is used by one goroutine at a time.
type reader struct {
	driver.Conn
	kept map[string]*query
}

// query is a compiled query; it is busy while its rows are open.
type query struct {
	stmt driver.Stmt
	busy bool
}

// QueryContext implements driver.QueryerContext.
func (r *reader) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	q := r.kept[text]
	if q != nil && q.busy { // a query beside the rows of the same one
		return r.Conn.(driver.QueryerContext).QueryContext(ctx, text, args)
	}
	if q == nil {
		stmt, err := r.Prepare(text)
		if err != nil {
			return nil, err
		}
		r.makeRoom()
		q = &query{stmt: stmt}
		r.kept[text] = q
	}
	rows, err := q.stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	q.busy = true
	return &queryRows{rows, q}, nil
}

// makeRoom drops any query that is not busy when there are as many as may be.
func (r *reader) makeRoom() {
	for text, q := range r.kept {
		if len(r.kept) < keptQueries {
			return
		}
		if !q.busy {
			q.stmt.Close()
			delete(r.kept, text)
		}
	}
}

// IsValid implements driver.Validator: a connection that a context has interrupted is not used again.
func (r *reader) IsValid() bool { return r.Conn.(driver.Validator).IsValid() }

// Close implements driver.Conn.
func (r *reader) Close() error {
	for _, q := range r.kept {
		q.stmt.Close()
	}
	return r.Conn.Close()
}

// queryRows gives the query back when they are closed.
type queryRows struct {
	driver.Rows
	q *query
}

// Close implements driver.Rows.
func (r *queryRows) Close() error {
	r.q.busy = false
	return r.Rows.Close()
}
