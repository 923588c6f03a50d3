package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"time"
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

// commit runs the batch in one transaction, then announces it. Nothing is announced, and no waiter is answered, before
// the commit has returned.
func (w *writer) commit() {
	w.sent, w.foreign, w.renamed, w.changes = w.sent[:0], false, false, nil
	after := w.d.hooks.Load()
	flush := w.flushDue() && (w.flushAsked() || w.roomToFlush())
	if w.idle() && !flush {
		w.finishBatch(w.poll())
	} else if err := w.transact(flush); err != nil {
		w.finishBatch(err)
	} else {
		w.finishBatch(nil)
		if len(w.sent) > 0 && after.messages != nil {
			after.messages(w.sent)
		}
	}
	if w.foreign || w.renamed || len(w.changes) > 0 {
		w.d.senders.drop()
		w.d.names.drop()
	}
	if w.foreign {
		w.changes = []Change{{Foreign: true}}
	}
	if len(w.changes) > 0 && after.change != nil {
		after.change(w.changes)
	}
	clear(w.sent)
}

// idle reports whether the batch holds polls only.
func (w *writer) idle() bool {
	for _, j := range w.batch {
		if j.msg != nil || j.fn != nil {
			return false
		}
	}
	return true
}

// poll checks for foreign commits, and tries a write when the last one failed.
func (w *writer) poll() error {
	if err := w.checkVersion(); err != nil {
		return err
	}
	if w.health.bad() {
		return w.probe()
	}
	if w.wrote {
		w.wrote = false
		w.keepRoomAfterCheckpoint()
	}
	if w.polls++; w.polls%foldPolls == 0 && sizeOf(w.d.path+"-wal") > walBytes {
		w.fold(0)
	}
	return nil
}

// fold moves the WAL into the database and truncates it. It waits for readers at most that long, since publishers wait
// meanwhile; if a reader stays longer, as a backup does, the WAL stays as it is.
func (w *writer) fold(wait time.Duration) {
	err := w.execRaw(fmt.Sprintf("pragma busy_timeout(%d)", wait.Milliseconds()))
	var busy, size, folded int
	if err == nil {
		row := w.conn.QueryRowContext(context.Background(), "pragma wal_checkpoint(truncate)")
		err = row.Scan(&busy, &size, &folded)
	}
	if err = errors.Join(err, w.execRaw("pragma busy_timeout(5000)")); err != nil {
		w.d.log.Debug("the WAL cannot be folded", "err", err)
	}
	w.keepRoom()
}

func (w *writer) transact(flush bool) (err error) {
	if err := w.refuseWhenFull(); err != nil {
		return err
	}
	if err := run(w.stmts.begin, nil); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			w.sent = w.sent[:0]
			w.changes = nil
			w.execRaw("rollback")
			w.forget()
		}
	}()
	if err := w.checkVersion(); err != nil {
		return err
	}
	if err := w.runJobs(); err != nil {
		return err
	}
	if flush {
		if err := w.d.flushUsage(&Tx{d: w.d, conn: w.conn}); err != nil {
			return err
		}
	}
	if err := run(w.stmts.commit, nil); err != nil {
		return err
	}
	w.wrote = true
	if flush {
		w.d.usage.committed()
		w.flushed = w.d.now()
	}
	return nil
}

// runJobs runs the batch in order; neighbouring messages go into shared statements.
func (w *writer) runJobs() error {
	pending := len(w.sent)
	for _, j := range w.batch {
		if j.msg != nil {
			if j.err == nil {
				j.err = w.admit(j)
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

// checkVersion notices commits of other processes: PRAGMA data_version changes only for those.
func (w *writer) checkVersion() error {
	v, err := w.stmts.dataVersion()
	if err != nil {
		return err
	}
	if v == w.version {
		return nil
	}
	w.foreign = true
	w.forget()
	if err := w.loadHigher(); err != nil {
		return err // and look again next time
	}
	w.version = v
	return nil
}

// loadHigher keeps ids rising when another process has appended messages.
func (w *writer) loadHigher() error {
	last := w.last
	if err := w.loadLast(context.Background()); err != nil {
		return err
	}
	w.last = max(last, w.last)
	return nil
}

func (w *writer) execRaw(query string) error {
	_, err := w.conn.ExecContext(context.Background(), query)
	return err
}

// probe writes one row to learn whether the store takes writes again. On a full disk, that is when what was refused would fit:
// a smaller write still fits into the rest, and says nothing. The value differs each time: SQLite writes no page that stays
// the same.
func (w *writer) probe() error {
	if err := w.hasSpace(w.refused); err != nil {
		return err
	}
	_, err := w.conn.ExecContext(context.Background(),
		`insert into setting (name, value) values ('probe', randomblob(8))
		 on conflict (name) do update set value = excluded.value`)
	if err == nil {
		w.recovered()
	}
	return err
}

// recovered ends what the last failure began.
func (w *writer) recovered() {
	w.refused = 0
	w.health.ok()
}
