package daemon

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"notifer/db"
)

// verifySetting names the stored moment of the last trial restore that succeeded, in milliseconds.
const verifySetting = "last_verify"

// verifyRetry is the pause after a trial restore that failed, so that the admins read of it once a day and not every minute.
const verifyRetry = 24 * time.Hour

// verifyWait is the pause while there is no backup yet.
const verifyWait = 10 * time.Minute

// verifications restores the newest backup at the configured interval, to prove that it can be restored.
func (m *maintenance) verifications(ctx context.Context) {
	every := time.Duration(m.c.Backup.Verify)
	if m.c.Backup.Dir == "" || every == 0 {
		<-ctx.Done()
		return
	}
	age := m.d.Now().Sub(lastVerified(ctx, m.d))
	if age < 0 {
		age = every // the clock was ahead
	}
	repeat(ctx, every-min(every, age), func() time.Duration { return m.verify(ctx, every) })
}

// verify restores the newest backup for a trial, notifies the admins, and returns the pause until the next trial.
func (m *maintenance) verify(ctx context.Context, every time.Duration) time.Duration {
	names, err := scheduledBackups(m.c.Backup.Dir, m.d.Now())
	if len(names) == 0 {
		return min(every, verifyWait) // the first backup is still to come, or fails, which its own worker reports
	}
	var file string
	var messages int
	if err == nil {
		file = names[len(names)-1]
		messages, err = db.TryRestore(ctx, file, m.c.Backup.Dir)
	}
	if ctx.Err() != nil {
		return every
	}
	if err != nil {
		m.log.Error("backup verification", "file", file, "err", err)
		m.noteFailedTrial(ctx, filepath.Base(file), err)
		return min(every, verifyRetry)
	}
	m.log.Info("backup verification", "file", file, "messages", messages)
	if err := m.d.SetSettingTime(verifySetting, m.d.Now()); err != nil {
		m.log.Error("backup verification", "err", err)
	}
	m.notifyAdmins(ctx, "The newest backup can be restored", fmt.Sprintf("%s was restored for a trial: the database is sound. Messages in it: %d.",
		filepath.Base(file), messages), 2)
	return every
}

// noteFailedTrial tells a backup that is damaged from a disk without room to try it.
func (m *maintenance) noteFailedTrial(ctx context.Context, name string, err error) {
	if errors.Is(err, db.ErrFull) {
		m.notifyAdmins(ctx, "No room to try the newest backup", fmt.Sprintf("%s was not restored for a trial, because the disk with the directory %s is full. "+
			"A trial needs as much space as the backup. It is tried again in a day.", name, m.c.Backup.Dir), 4)
		return
	}
	m.notifyAdmins(ctx, "The newest backup cannot be restored", fmt.Sprintf("The trial restore of %s failed: %v. "+
		"Make a new backup with \"notifer backup FILE\" and check the disk.", name, err), 5)
}

func (m *maintenance) notifyAdmins(ctx context.Context, title, text string, priority int) error {
	err := m.notify(ctx, title, text, priority)
	if err != nil && ctx.Err() == nil {
		m.log.Error("notice to the admins", "err", err)
	}
	return err
}

// lastVerified returns when a backup was last restored for a trial, the zero time when none was or the store cannot be read.
func lastVerified(ctx context.Context, d *db.DB) time.Time {
	at, _ := d.SettingTime(ctx, verifySetting)
	return at
}
