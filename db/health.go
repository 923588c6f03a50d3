package db

import "sync/atomic"

// health remembers the last failure of the store until a write succeeds.
type health struct {
	err atomic.Pointer[error]
}

func (h *health) fail(err error) { h.err.Store(&err) }
func (h *health) ok()            { h.err.Store(nil) }
func (h *health) bad() bool      { return h.err.Load() != nil }

// Health is nil while the store takes writes, else the error that the last one met. A probe write every quarter of a
// second clears it without a restart.
func (d *DB) Health() error {
	if e := d.w.health.err.Load(); e != nil {
		return *e
	}
	return nil
}
