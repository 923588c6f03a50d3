package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	pollEvery = 250 * time.Millisecond
	foldPolls = 20                     // polls between two checks of the WAL's size
	walBytes  = 4 << 20                // a WAL that is larger than this while nothing is written is folded
	closeFold = 100 * time.Millisecond // how long a server that stops waits for the readers of other programs
)

// watch polls for commits of other processes, flushes counters that have waited, and probes a store that failed.
func (w *writer) watch(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			// A poll runs under the lead, so that one goroutine at a time uses the connection. Its error is kept in health.
			w.write(&job{})
		}
	}
}

// poll checks for foreign commits, and tries a write when the last one failed: if that fails too, it is no fault of the poll.
func (w *writer) poll() error {
	if err := w.checkVersion(); err != nil {
		return err
	}
	if w.health.bad() {
		if err := w.probe(); err != nil {
			w.health.fail(classify(err))
		}
		return nil
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
	last, err := highestID(context.Background(), w.conn)
	w.last = max(last, w.last)
	return err
}

// probe writes one row to learn whether the store takes writes again. After a full disk it does so only once what was refused would fit:
// one row fits sooner than that, and would prove nothing. The value differs each time, since SQLite does not write a page that has not
// changed.
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

// recovered notes that the store takes writes again.
func (w *writer) recovered() {
	w.refused = 0
	w.health.ok()
}
