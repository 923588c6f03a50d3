package daemon

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"notifer/db"
	"notifer/server/config"
)

// maintenance is the work a server does by itself: deleting what is not kept, backups at intervals, and a check of the store
// after an I/O error.
type maintenance struct {
	d      *db.DB
	c      *config.Config
	log    *slog.Logger
	purged func(topic int64, upTo db.ID) // told what retention deletes
}

const (
	sweepEvery  = 10 * time.Minute
	backupLook  = time.Minute
	healthLook  = time.Second
	restartWait = time.Second
	recheckWait = 10 * time.Minute
)

// run works until ctx ends and returns when all workers have ended.
func (m *maintenance) run(ctx context.Context) {
	var workers sync.WaitGroup
	for name, work := range map[string]func(context.Context){
		"retention": m.retention, "backup": m.backups, "recheck": m.recheck,
	} {
		workers.Go(func() { m.guard(ctx, name, work) })
	}
	workers.Wait()
}

// guard starts a worker again after a panic.
func (m *maintenance) guard(ctx context.Context, name string, work func(context.Context)) {
	for ctx.Err() == nil {
		m.once(ctx, name, work)
		wait(ctx, restartWait)
	}
}

func (m *maintenance) once(ctx context.Context, name string, work func(context.Context)) {
	defer func() {
		if p := recover(); p != nil {
			m.log.Error("panic in a worker, starting it again", "worker", name, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	work(ctx)
}

// wait pauses for d and reports whether ctx still goes on.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

func (m *maintenance) retention(ctx context.Context) {
	start := time.Now()
	clock := newClockGuard(m.d.Now, func() time.Duration { return time.Since(start) }, jumpQuiet, m.log)
	rules := db.Retention{Age: time.Duration(m.c.Retention.Age), Bytes: int64(m.c.Retention.Size), Audit: time.Duration(m.c.Retention.Audit),
		Settled: clock.trusted, Purged: m.purged}
	for wait(ctx, sweepEvery) {
		n, err := m.d.Sweep(ctx, rules)
		if err != nil && !errors.Is(err, db.ErrClosed) && ctx.Err() == nil {
			m.log.Error("retention", "err", err)
		}
		if n > 0 {
			m.log.Info("retention", "deleted", n)
		}
	}
}

// recheck reads the whole store once after an I/O error is over.
func (m *maintenance) recheck(ctx context.Context) {
	seen := m.d.WriteErrors()
	for wait(ctx, healthLook) {
		if n := m.d.WriteErrors(); n != seen && m.d.Health() == nil {
			m.report(db.CheckFile(ctx, m.d.Path()))
			seen = n
			wait(ctx, recheckWait) // a disk that fails now and then must not be read without end
		}
	}
}

func (m *maintenance) report(err error) {
	if err != nil {
		m.log.Error("the store after an I/O error", "err", err, "try", "notifer check")
		return
	}
	m.log.Info("the store after an I/O error is sound")
}

// backups makes copies at the configured pause and keeps the newest ones.
func (m *maintenance) backups(ctx context.Context) {
	if m.c.Backup.Dir == "" {
		<-ctx.Done()
		return
	}
	every := time.Duration(m.c.Backup.Every)
	due := time.Now().Add(every - min(every, backupAge(m.c.Backup.Dir, m.d.Now())))
	for wait(ctx, backupLook) {
		if time.Now().Before(due) {
			continue
		}
		due = time.Now().Add(every)
		if err := m.backup(ctx); err != nil && ctx.Err() == nil {
			m.log.Error("backup", "err", err)
			due = time.Now().Add(min(every, 10*time.Minute))
		}
	}
}

func (m *maintenance) backup(ctx context.Context) error {
	now := m.d.Now()
	target := filepath.Join(m.c.Backup.Dir, backupName(now))
	if err := makeBackupDir(m.c.Backup.Dir); err != nil {
		return err
	}
	if err := dropHalfBackups(m.c.Backup.Dir); err != nil {
		return err
	}
	if err := db.Backup(ctx, filepath.Dir(m.d.Path()), target); err != nil {
		return err
	}
	m.log.Info("backup", "file", target)
	return dropOldBackups(m.c.Backup.Dir, m.c.Backup.Keep, now)
}
