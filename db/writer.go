package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of one transaction: enough to share an fsync among all waiting publishers, small enough to stay quick.
const (
	batchJobs  = 512
	batchBytes = 1 << 20
)

// writer is the one connection that writes. A caller that finds it idle becomes the leader: it commits for all that wait,
// then hands the lead to the first of those that came meanwhile. No timer is involved, so batching adds no latency.
type writer struct {
	// immutable after newWriter
	d    *DB
	pool *sql.DB
	conn *sql.Conn

	altering atomic.Uint64 // the goroutine that runs a change function, 0 while none does

	// guarded by mu
	mu      sync.Mutex
	queue   []*job
	leading bool
	closed  bool

	// owned by the leader
	stmts   statements
	args    []driver.NamedValue
	batch   []*job
	sent    []*Message
	live    map[int64]struct{}     // topics known to exist while version stays
	senders map[senderKey]numbered // those that are stored, while version stays
	renamed bool                   // the batch has stored a sender
	version int64                  // PRAGMA data_version as last seen
	last    ID                     // the highest ever given
	flushed time.Time
	alone   bool     // the last batch was one job
	polls   int      // how often there was nothing to write
	foreign bool     // another process has committed since the last poll
	changes []Change // of the batch
	health  health
	room    room
	refused int64  // bytes of the largest batch that the disk had no room for, until it has
	wrote   bool   // since the last poll
	kept    extent // of the database when its blocks were last allocated
}

// job is one write that waits for its commit. With neither msg nor fn it is a poll, or the last flush before the store is closed.
type job struct {
	msg   *Message        // a message to append, or
	more  []*Message      // those that follow msg
	fn    func(*Tx) error // any other write
	idem  *Idempotency    // makes a retry of msg find the first one
	flush bool            // write the counters now
	last  bool            // later jobs fail with ErrClosed
	err   error
	wake  chan bool // true: lead; false: done
}

// messages is the number of messages that the job appends.
func (j *job) messages() int64 {
	if j.msg == nil {
		return 0
	}
	return 1 + int64(len(j.more))
}

// size is the bytes of these messages.
func (j *job) size() (n int64) {
	if j.msg != nil {
		n = int64(j.msg.size())
	}
	for _, m := range j.more {
		n += int64(m.size())
	}
	return n
}

// jobs keeps the wake channels of publishes that have ended.
var jobs = sync.Pool{New: func() any { return &job{wake: make(chan bool, 1)} }}

func newWriter(d *DB, pool *sql.DB) (*writer, error) {
	ctx := context.Background()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{d: d, pool: pool, conn: conn, live: map[int64]struct{}{}, senders: map[senderKey]numbered{}, flushed: d.now(), health: health{log: d.log}}
	if err := w.start(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return w, nil
}

func (w *writer) start(ctx context.Context) error {
	if err := w.d.migrate(ctx, w.conn); err != nil {
		return err
	}
	var err error
	if w.last, err = highestID(ctx, w.conn); err != nil {
		return err
	}
	if err := w.conn.QueryRowContext(ctx, "select "+flushNumber).Scan(&w.d.usage.number); err != nil {
		return err
	}
	if err := w.prepare(); err != nil {
		return err
	}
	w.keepRoom()
	w.version, err = w.stmts.dataVersion()
	return err
}

// write commits one job together with others that wait, and returns its error.
func (w *writer) write(j *job) error {
	if running := w.altering.Load(); running != 0 && running == goroutineID() {
		return ErrNested
	}
	if j.wake == nil {
		j.wake = make(chan bool, 1)
	}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	w.queue, w.closed = append(w.queue, j), j.last
	lead := !w.leading
	w.leading = true
	w.mu.Unlock()
	if lead || <-j.wake {
		w.lead()
	}
	return j.err
}

// lead commits one batch, wakes its waiters, and hands the lead on. What a waiter was told is stored, in force and announced.
func (w *writer) lead() {
	if !w.alone {
		w.gather()
	}
	w.takeBatch()
	w.alone = len(w.batch) == 1
	w.commitOrRecover()
	w.answer()
	w.batch[0], w.batch = nil, w.batch[:0]
	w.mu.Lock()
	var next *job
	if len(w.queue) > 0 {
		next = w.queue[0]
	} else {
		w.leading = false
	}
	w.mu.Unlock()
	if next != nil {
		next.wake <- true
	}
}

// gather yields as long as that brings more writers into the queue: those that are about to write, because they were just
// answered or their request has just been read, then share this commit. It does not wait for writers that are not ready.
func (w *writer) gather() {
	for before := 1; ; {
		runtime.Gosched()
		w.mu.Lock()
		waiting := len(w.queue)
		w.mu.Unlock()
		if waiting == before || waiting >= batchJobs {
			return
		}
		before = waiting
	}
}

// answer wakes all waiters of the batch but the leader, which is its first.
func (w *writer) answer() {
	for _, j := range w.batch[1:] {
		j.wake <- false
	}
	clear(w.batch[1:])
	w.batch = w.batch[:1]
}

// commit runs the batch in one transaction, then announces it: it calls what Notify was given, first with the messages, then with the
// changes of rights (Tx.changed): messages that were stored with a revocation are announced before it is. Nothing of the batch is announced,
// and no waiter is answered, before the transaction is on the disk; finishBatch (batch.go) says whose error it is.
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

// transact writes the batch in one transaction. runJobs (batch.go) runs each job in its turn; that of a message gives it its id, one more
// than the last or the first of this millisecond, whichever is greater (appendJob in message.go). The commit returns when all of it is
// synced to the disk, as the connection has synchronous(FULL) (writerDSN in db.go). After an error
// of the store nothing of the batch is stored. A job that fails by its own fault, such as a topic that is gone, fails alone. On a nearly full
// disk refuseWhenFull (space.go) fails the messages only: a revocation is still committed.
func (w *writer) transact(flush bool) (err error) {
	w.refuseWhenFull()
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

// idle reports whether the batch holds polls only.
func (w *writer) idle() bool {
	for _, j := range w.batch {
		if j.msg != nil || j.fn != nil {
			return false
		}
	}
	return true
}

// commitOrRecover turns a panic inside a batch into an error for its waiters: if the lead were not handed on, the store would stop.
func (w *writer) commitOrRecover() {
	defer func() {
		if p := recover(); p != nil {
			w.d.log.Error("panic in the writer", "panic", p, "stack", string(debug.Stack()))
			w.sent, w.changes = w.sent[:0], nil
			w.version = -1 // what was changed, here or by another process, may not have been reported: the next commit reports all as changed
			w.execRaw("rollback")
			w.forget()
			w.finishBatch(fmt.Errorf("panic in the writer: %v", p))
		}
	}()
	w.commit()
}

// takeBatch moves waiting jobs into the batch, the oldest first; the leader's own is the first of them.
func (w *writer) takeBatch() {
	w.mu.Lock()
	defer w.mu.Unlock()
	size, n := int64(0), 0
	for n < len(w.queue) && n < batchJobs && (n == 0 || size < batchBytes) {
		size += w.queue[n].size()
		n++
	}
	w.batch = append(w.batch, w.queue[:n]...)
	rest := copy(w.queue, w.queue[n:])
	clear(w.queue[rest:])
	w.queue = w.queue[:rest]
}

// forget drops what is known of rows, which may be others now.
func (w *writer) forget() {
	clear(w.live)
	clear(w.senders)
}

// close closes the connection, which is unused once the last job has ended. The server folds the WAL into the database before that. A
// command beside it must not: for as long as it waits for a reader, and Litestream is one that never ends, no server can commit.
func (w *writer) close() error {
	if w.d.locked {
		w.fold(closeFold)
	}
	return errors.Join(w.stmts.close(), w.conn.Close(), w.pool.Close())
}
