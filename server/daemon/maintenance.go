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

// upkeep is the work a server does by itself: deleting what is not kept, copies at intervals, and a look at the store after
// an I/O error.
type upkeep struct {
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
func (u *upkeep) run(ctx context.Context) {
	var workers sync.WaitGroup
	for name, work := range map[string]func(context.Context){
		"retention": u.retention, "backup": u.backups, "recheck": u.recheck,
	} {
		workers.Go(func() { u.guard(ctx, name, work) })
	}
	workers.Wait()
}

// guard starts a worker again after a panic.
func (u *upkeep) guard(ctx context.Context, name string, work func(context.Context)) {
	for ctx.Err() == nil {
		u.once(ctx, name, work)
		wait(ctx, restartWait)
	}
}

func (u *upkeep) once(ctx context.Context, name string, work func(context.Context)) {
	defer func() {
		if p := recover(); p != nil {
			u.log.Error("panic in a worker, starting it again", "worker", name, "panic", p, "stack", string(debug.Stack()))
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

func (u *upkeep) retention(ctx context.Context) {
	start := time.Now()
	clock := newClockWatch(u.d.Now, func() time.Duration { return time.Since(start) }, jumpQuiet, u.log)
	rules := db.Retention{Age: time.Duration(u.c.Retention.Age), Bytes: int64(u.c.Retention.Size), Settled: clock.settled, Purged: u.purged}
	for wait(ctx, sweepEvery) {
		n, err := u.d.Sweep(ctx, rules)
		if err != nil && !errors.Is(err, db.ErrClosed) && ctx.Err() == nil {
			u.log.Error("retention", "err", err)
		}
		if n > 0 {
			u.log.Info("retention", "deleted", n)
		}
	}
}

// recheck reads the whole store once after an I/O error is over.
func (u *upkeep) recheck(ctx context.Context) {
	seen := u.d.WriteErrors()
	for wait(ctx, healthLook) {
		if n := u.d.WriteErrors(); n != seen && u.d.Health() == nil {
			u.report(db.Inspect(ctx, u.d.Path()))
			seen = n
			wait(ctx, recheckWait) // a disk that fails now and then must not be read without end
		}
	}
}

func (u *upkeep) report(err error) {
	if err != nil {
		u.log.Error("the store after an I/O error", "err", err, "try", "notifer check")
		return
	}
	u.log.Info("the store after an I/O error is sound")
}

// backups makes copies at the configured pause and keeps the newest ones.
func (u *upkeep) backups(ctx context.Context) {
	if u.c.Backup.Dir == "" {
		<-ctx.Done()
		return
	}
	every := time.Duration(u.c.Backup.Every)
	due := time.Now().Add(every - min(every, backupAge(u.c.Backup.Dir, u.d.Now())))
	for wait(ctx, backupLook) {
		if time.Now().Before(due) {
			continue
		}
		due = time.Now().Add(every)
		if err := u.backup(ctx); err != nil && ctx.Err() == nil {
			u.log.Error("backup", "err", err)
			due = time.Now().Add(min(every, 10*time.Minute))
		}
	}
}

func (u *upkeep) backup(ctx context.Context) error {
	now := u.d.Now()
	target := filepath.Join(u.c.Backup.Dir, backupName(now))
	if err := makeBackupDir(u.c.Backup.Dir); err != nil {
		return err
	}
	if err := dropHalfBackups(u.c.Backup.Dir); err != nil {
		return err
	}
	if err := db.Backup(ctx, filepath.Dir(u.d.Path()), target); err != nil {
		return err
	}
	u.log.Info("backup", "file", target)
	return dropOldBackups(u.c.Backup.Dir, u.c.Backup.Keep, now)
}
