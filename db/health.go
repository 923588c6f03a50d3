package db

import (
	"errors"
	"log/slog"
	"sync/atomic"
)

// health remembers the last failure of the store until a write succeeds, and logs when it goes and comes back.
type health struct {
	log *slog.Logger
	err atomic.Pointer[error]
	io  atomic.Int64 // how often writing failed for another cause than want of space
}

func (h *health) fail(err error) {
	if errors.Is(err, ErrIO) {
		h.io.Add(1)
	}
	if h.err.Swap(&err) == nil {
		h.log.Error("the database refuses writes", "err", err)
	}
}

func (h *health) ok() {
	if h.err.Swap(nil) != nil {
		h.log.Info("the database accepts writes again")
	}
}

func (h *health) bad() bool { return h.err.Load() != nil }

// Health is nil while the store takes writes, else the error that the last one met. A probe write every quarter of a
// second clears it without a restart.
func (d *DB) Health() error {
	if e := d.w.health.err.Load(); e != nil {
		return *e
	}
	return nil
}

// WriteErrors counts the writes that failed, other than for want of space, since the store was opened.
func (d *DB) WriteErrors() int64 { return d.w.health.io.Load() }
