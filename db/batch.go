package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strconv"
)

// Tx is the open transaction of the writer, valid only inside the function it is given to.
type Tx struct {
	d       *DB
	conn    *sql.Conn
	changes []Change
}

func (t *Tx) exec(query string, args ...any) (int64, error) {
	r, err := t.conn.ExecContext(context.Background(), query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (t *Tx) row(query string, args ...any) *sql.Row {
	return t.conn.QueryRowContext(context.Background(), query, args...)
}

func (t *Tx) query(query string, args ...any) (*sql.Rows, error) {
	return t.conn.QueryContext(context.Background(), query, args...)
}

// alter runs a caller's change function inside the transaction. A write to the store from within it would wait for the
// transaction that it holds up; it fails with ErrNested instead.
func alter[T any](t *Tx, row *T, change func(*T) ([]string, error)) ([]string, error) {
	t.d.w.altering.Store(goroutineID())
	defer t.d.w.altering.Store(0)
	return change(row)
}

// goroutineID reads the number of the running goroutine from the head of its stack trace. It serves to detect a mistake,
// and is asked for only while a change function runs.
func goroutineID() uint64 {
	var head [32]byte
	text := head[:runtime.Stack(head[:], false)]
	text = bytes.TrimPrefix(text, []byte("goroutine "))
	id, _, _ := bytes.Cut(text, []byte(" "))
	n, _ := strconv.ParseUint(string(id), 10, 64)
	return n
}

// runJobs runs the batch in order; neighbouring messages go into shared statements.
func (w *writer) runJobs() error {
	pending := len(w.sent)
	for _, j := range w.batch {
		if j.msg != nil {
			begun := len(w.sent)
			if j.err == nil {
				j.err = w.appendJob(j)
			}
			if j.err != nil && ownFault(j.err) && len(w.sent) > begun { // what was begun of a publish is undone with the batch only
				j.err = fmt.Errorf("%w: %v", ErrIO, j.err)
				return j.err
			}
			if j.err != nil && !ownFault(j.err) {
				return j.err
			}
			continue
		}
		if err := w.insert(w.sent[pending:]); err != nil {
			return err
		}
		pending = len(w.sent)
		if err := w.runFunc(j); err != nil {
			return err
		}
	}
	return w.insert(w.sent[pending:])
}

// runFunc runs one function in a savepoint, so that its own fault undoes only its own work.
func (w *writer) runFunc(j *job) error {
	if j.fn == nil {
		return nil
	}
	if err := w.execRaw("savepoint job"); err != nil {
		return err
	}
	tx := &Tx{d: w.d, conn: w.conn}
	if j.err = j.fn(tx); j.err == nil {
		for _, c := range tx.changes {
			delete(w.live, c.Topic)
		}
		if len(tx.changes) > 0 {
			clear(w.senders)
		}
		w.changes = append(w.changes, tx.changes...)
		return w.execRaw("release job")
	}
	if !ownFault(j.err) {
		return j.err
	}
	j.err = classify(j.err)
	return errors.Join(w.execRaw("rollback to job"), w.execRaw("release job"))
}

// finishBatch gives the batch's error, if any, to every waiter that has none of its own, and keeps the health up to date.
func (w *writer) finishBatch(err error) {
	if err != nil {
		err = classify(err)
		w.health.fail(err)
	} else if len(w.sent) > 0 && (w.refused == 0 || w.fits(w.refused)) { // other work may have written nothing; the probe finds out
		w.recovered()
	}
	for _, j := range w.batch {
		if err != nil && !(j.err != nil && ownFault(j.err)) {
			j.err = err
		}
	}
}

func (w *writer) execRaw(query string) error {
	_, err := w.conn.ExecContext(context.Background(), query)
	return err
}
