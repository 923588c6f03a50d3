package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"strings"
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
	purged func(topic int64, upTo db.ID) // called with what retention has deleted

	sizeNoted   time.Time // when the admins were last notified of the size; only the worker of retention touches it
	backupNoted time.Time // and of a backup that failed; only the worker of backups touches it
	diskNoted   time.Time // and of a disk that is nearly full; only the worker of the disk touches it
	damageNoted time.Time // and of damaged messages, which only the worker of damage touches,
	damageKnown int       // as it does how many there were

	notify func(ctx context.Context, title, text string, priority int) error // writes to the admins' inboxes
}

const (
	sweepEvery  = 10 * time.Minute
	sizeEvery   = 30 * time.Second
	dueEvery    = time.Minute
	healthEvery = time.Second
	restartWait = time.Second
	checkWait   = 10 * time.Minute
)

// run works until ctx ends and returns when all workers have ended.
func (m *maintenance) run(ctx context.Context) {
	var workers sync.WaitGroup
	for name, work := range map[string]func(context.Context){
		"retention": m.retention, "backup": m.backups, "verify": m.verifications, "check after an I/O error": m.checkAfterIOError, "damage": m.damage,
		"disk": m.disk,
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
	rules := db.Retention{Age: time.Duration(m.c.Retention.Age), Bytes: m.c.Retention.Size.Bytes(), Share: m.c.Retention.Size.Percent(), Audit: time.Duration(m.c.Retention.Audit),
		Settled: clock.trusted, Purged: m.purged}
	stuck := false // the excess is not messages
	for swept := start; wait(ctx, sizeEvery); {
		if due := time.Since(swept) >= sweepEvery; due || !stuck {
			if n, done := m.sweep(ctx, rules, due); done {
				swept, stuck = time.Now(), n == 0
			}
		}
	}
}

// sweep deletes what is not kept when that is due, or when the store is too large.
func (m *maintenance) sweep(ctx context.Context, rules db.Retention, due bool) (n int, done bool) {
	over, err := m.d.Over(ctx, rules)
	if err == nil && over <= 0 && !due {
		return 0, false
	}
	if err == nil {
		n, err = m.d.Sweep(ctx, rules)
	}
	if err != nil && !errors.Is(err, db.ErrClosed) && ctx.Err() == nil {
		m.log.Error("retention", "err", err)
	}
	if n > 0 {
		m.log.Info("retention", "deleted", n)
		if over > 0 {
			m.noteSize(ctx)
		}
	}
	return n, true
}

// noteSize writes to the admins, once a day, that messages are deleted for their size before their time.
func (m *maintenance) noteSize(ctx context.Context) {
	m.log.Warn("the database has reached its size", "retention.size", m.c.Retention.Size.String())
	m.notifyDaily(ctx, &m.sizeNoted, "The database has reached its size", fmt.Sprintf("The largest topics lose their oldest messages, because the database has "+
		"reached %s (retention.size). The list of topics in the administration shows which are large.", m.c.Retention.Size), 4)
}

// dayAfter reports whether a moment, if there was one, is a day ago.
func dayAfter(last time.Time) bool { return last.IsZero() || time.Since(last) >= 24*time.Hour }

// notifyDaily writes a notice to the admins unless the last one of its kind is younger than a day. One that the store could not take is
// written next time: the disk that is too full for a backup may be too full for the notice.
func (m *maintenance) notifyDaily(ctx context.Context, last *time.Time, title, text string, priority int) {
	if !dayAfter(*last) {
		return
	}
	if err := m.notifyAdmins(ctx, title, text, priority); !errors.Is(err, db.ErrFull) && !errors.Is(err, db.ErrIO) {
		*last = time.Now()
	}
}

// checkAfterIOError reads the whole store once after an I/O error is over.
func (m *maintenance) checkAfterIOError(ctx context.Context) {
	seen := m.d.WriteErrors()
	for wait(ctx, healthEvery) {
		if n := m.d.WriteErrors(); n != seen && m.d.Health() == nil {
			m.report(db.CheckFile(ctx, m.d.Path()))
			seen = n
			wait(ctx, checkWait) // a disk that fails now and then must not be read without end
		}
	}
}

func (m *maintenance) report(err error) {
	if err != nil {
		m.log.Error("the database after an I/O error", "err", err, "try", "notifer check")
		return
	}
	m.log.Info("the database after an I/O error is sound")
}

// disk writes to the admins while the disk has room for that: once it is full, no message tells them.
func (m *maintenance) disk(ctx context.Context) {
	for wait(ctx, dueEvery) {
		m.noteDisk(ctx)
	}
}

func (m *maintenance) noteDisk(ctx context.Context) {
	if !m.d.NearlyFull() {
		return
	}
	free, _, _ := m.d.DiskFree()
	m.notifyDaily(ctx, &m.diskNoted, "The disk is nearly full", fmt.Sprintf("The disk with the directory %s has %d MiB left. "+
		"When it is full, messages are refused until there is room again.", filepath.Dir(m.d.Path()), free>>20), 5)
}

// damage writes to the admins when messages turn out to be damaged.
func (m *maintenance) damage(ctx context.Context) {
	for wait(ctx, dueEvery) {
		m.noteDamage(ctx)
	}
}

// noteDamage writes of damaged messages once a day at most, and only if there are more than last time.
func (m *maintenance) noteDamage(ctx context.Context) {
	list, err := m.d.Damaged(ctx)
	if err != nil {
		return // which is reported elsewhere
	}
	m.damageKnown = min(m.damageKnown, len(list))
	if len(list) == m.damageKnown || !dayAfter(m.damageNoted) {
		return
	}
	m.notifyDaily(ctx, &m.damageNoted, "Messages in the database are damaged", sentence(damageText(list))+
		". Check the disk and the memory of the machine, and run \"notifer check\". A backup may still have the messages.", 5)
	if !dayAfter(m.damageNoted) { // the store took it
		m.damageKnown = len(list)
	}
}

// damageText names damaged messages.
func damageText(list []db.Message) string {
	const most = 5
	names := make([]string, 0, most)
	for _, m := range list[:min(len(list), most)] {
		names = append(names, "/api/"+m.Topic+"/messages/"+m.ID.String())
	}
	text := strings.Join(names, ", ")
	if len(list) > most {
		text += ", ..."
	}
	return fmt.Sprintf("these messages (%d) do not match their checksums, and readers see that in their place until they are deleted with DELETE: %s",
		len(list), text)
}

// backups makes copies at the configured pause and keeps the newest ones.
func (m *maintenance) backups(ctx context.Context) {
	if m.c.Backup.Dir == "" {
		<-ctx.Done()
		return
	}
	every := time.Duration(m.c.Backup.Every)
	repeat(ctx, every-min(every, backupAge(m.c.Backup.Dir, m.d.Now())), func() time.Duration { return m.tryBackup(ctx, every) })
}

// backupRetry is the pause after a backup that failed.
const backupRetry = 10 * time.Minute

// tryBackup makes a backup and returns the pause until the next one. The admins read once a day that it fails: a log is seldom read
// before the backup is needed.
func (m *maintenance) tryBackup(ctx context.Context, every time.Duration) time.Duration {
	err := m.backup(ctx)
	if err == nil || ctx.Err() != nil {
		return every
	}
	m.log.Error("backup", "err", err)
	m.notifyDaily(ctx, &m.backupNoted, "The scheduled backup failed", fmt.Sprintf("No backup could be made in %s: %v. It is tried again every ten minutes.",
		m.c.Backup.Dir, err), 5)
	return min(every, backupRetry)
}

// repeat does work after a first pause, and then after the pause that it returns, until ctx ends.
func repeat(ctx context.Context, first time.Duration, work func() time.Duration) {
	for due := time.Now().Add(first); wait(ctx, dueEvery); {
		if !time.Now().Before(due) {
			due = time.Now().Add(work())
		}
	}
}

func (m *maintenance) backup(ctx context.Context) error {
	now := m.d.Now()
	target := filepath.Join(m.c.Backup.Dir, backupName(now))
	if err := db.MakeDir(m.c.Backup.Dir); err != nil {
		return err
	}
	if err := dropHalfBackups(m.c.Backup.Dir); err != nil {
		return err
	}
	if err := m.d.Backup(ctx, target); err != nil {
		return err
	}
	m.log.Info("backup", "file", target)
	return dropOldBackups(m.c.Backup.Dir, m.c.Backup.Keep, now)
}
