package push_test

import (
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server/test/run"
)

// fullWorld is a world whose store can refuse to write what becomes of deliveries, as a full disk does.
func fullWorld(t *testing.T) (w *world, refuse func(device ...string), accept func(), log *run.Log) {
	dir := t.TempDir()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	side, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "notifer.db")+"?_pragma=busy_timeout(60000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { side.Close() })
	execute := func(statements ...string) {
		for _, s := range statements {
			if _, err := side.Exec(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	log = &run.Log{}
	w = newWorldOf(t, d, slog.NewTextHandler(log, nil))
	refuse = func(device ...string) { // of one device, or of all
		one := func(column string) string {
			if len(device) == 0 {
				return ""
			}
			return "when old." + column + " = '" + device[0] + "' "
		}
		execute("create trigger f1 before update on device_topic "+one("device")+"begin select raise(abort, 'full'); end",
			"create trigger f2 before update on device "+one("id")+"begin select raise(abort, 'full'); end",
			"create trigger f3 before delete on device "+one("id")+"begin select raise(abort, 'full'); end")
	}
	accept = func() { execute("drop trigger f1", "drop trigger f2", "drop trigger f3") }
	return w, refuse, accept, log
}

func (s *service) attempts(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries[path]
}

// TestFullDiskRepeatsNothing: while the place of a device cannot be stored, it is sent nothing again, however often it is woken, and the log
// says so once. Afterwards it gets what is left.
func TestFullDiskRepeatsNothing(t *testing.T) {
	w, refuse, accept, log := fullWorld(t)
	w.device("/a", 1)
	w.device("/b", 1)
	refuse()
	ids := w.publish(3, 3)
	w.wait("the first", func() bool { return len(w.s.got("/a")) > 0 && len(w.s.got("/b")) > 0 })
	w.wait("the log", func() bool { return strings.Count(log.String(), "cannot store what was pushed") == 1 })
	for range 20 {
		if err := w.p.RefreshFollowers(); err != nil { // as after any change of a device
			t.Fatal(err)
		}
	}
	more := w.publish(1, 3)
	accept()
	w.wait("what is left", func() bool {
		_ = w.p.RefreshFollowers()
		return same(w.s.got("/a"), append(ids, more...)) && same(w.s.got("/b"), append(ids, more...))
	})
	if a, b := w.s.got("/a"), w.s.got("/b"); len(a) != 4 || len(b) != 4 {
		t.Errorf("%d and %d pushes, want 4: none twice", len(a), len(b))
	}
	if n := strings.Count(log.String(), "cannot store what was pushed"); n != 1 {
		t.Errorf("the log says it %d times", n)
	}
	w.wait("the end of it in the log", func() bool { return strings.Count(log.String(), "is stored again") == 1 })
}

// TestStoredAgainIsSaidOfAll: that the place of one device is stored says nothing of another's, which still waits.
func TestStoredAgainIsSaidOfAll(t *testing.T) {
	w, refuse, accept, log := fullWorld(t)
	refuse(w.device("/a", 1).ID)
	w.publish(1, 3)
	w.wait("the log", func() bool { return strings.Count(log.String(), "cannot store what was pushed") == 1 })
	v := w.device("/b", 1)
	w.publish(1, 3)
	w.wait("the other device", func() bool {
		now, err := w.d.Device(t.Context(), v.ID)
		return err == nil && !now.DeliveredAt.IsZero()
	})
	if err := w.p.RefreshFollowers(); err != nil {
		t.Fatal(err)
	}
	ids := w.publish(1, 3)
	w.wait("its next message", func() bool { return same(w.s.got("/b")[1:], ids) })
	if failed, again := strings.Count(log.String(), "cannot store what was pushed"), strings.Count(log.String(), "is stored again"); failed != 1 || again != 0 {
		t.Errorf("the log says %d times that it cannot store and %d times that it can, want once and never", failed, again)
	}
	accept()
	w.wait("the end of it in the log", func() bool { _ = w.p.RefreshFollowers(); return strings.Count(log.String(), "is stored again") == 1 })
}

// TestFullDiskAndGoneDevice: a device that is gone and cannot be removed is asked for once, not again and again.
func TestFullDiskAndGoneDevice(t *testing.T) {
	w, refuse, accept, log := fullWorld(t)
	w.s.answer = func(string, int) (int, string) { return http.StatusGone, "" }
	v := w.device("/gone", 1)
	refuse()
	w.publish(1, 3)
	w.wait("the log", func() bool { return strings.Count(log.String(), "cannot store what was pushed") == 1 })
	for range 20 {
		if err := w.p.RefreshFollowers(); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.s.attempts("/gone"); n != 1 {
		t.Errorf("it is asked for %d times", n)
	}
	accept()
	w.wait("the removal", func() bool {
		_ = w.p.RefreshFollowers()
		_, err := w.d.Device(t.Context(), v.ID)
		return errors.Is(err, db.ErrNotFound)
	})
	if n := w.s.attempts("/gone"); n != 1 {
		t.Errorf("it was asked for %d times", n)
	}
}

// TestSubscribedAgainDuringAFailure: who presses "Notify me" again while a delivery fails waits as after a first failure, not as
// after many.
func TestSubscribedAgainDuringAFailure(t *testing.T) {
	w := newWorld(t)
	entered, hold := make(chan struct{}), make(chan struct{})
	w.s.answer = func(_ string, n int) (int, string) {
		if n == 1 {
			close(entered)
			<-hold
			return 503, ""
		}
		return 201, ""
	}
	v := w.device("/a", 1)
	for range 12 {
		if err := w.d.PushFailed(v, "before", time.Now(), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	w.publish(1, 3)
	<-entered
	again := v
	err := w.d.SaveDevice(&again, 0, nil)
	if err == nil {
		err = w.p.RefreshFollowers()
	}
	close(hold)
	if err != nil || again.ID != v.ID {
		t.Fatal(err, again.ID, v.ID)
	}
	w.wait("the failure", func() bool {
		now, err := w.d.Device(t.Context(), v.ID)
		return err == nil && now.Failures > 0
	})
	if now, err := w.d.Device(t.Context(), v.ID); err != nil || now.RetryAt.Sub(now.FailedAt) > 7*time.Second {
		t.Errorf("it waits %s, %v", now.RetryAt.Sub(now.FailedAt), err)
	}
}

// TestClockSetBack: a pause that was noted by a clock that ran ahead is none.
func TestClockSetBack(t *testing.T) {
	w := newWorld(t)
	v := w.device("/a", 1)
	if err := w.d.PushFailed(v, "before", time.Now(), time.Now().Add(400*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	ids := w.publish(2, 3)
	w.wait("the messages", func() bool { return same(w.s.got("/a"), ids) })
}

// TestRetryAfterAsADate: both forms of RFC 9110 are kept to, within a day.
func TestRetryAfterAsADate(t *testing.T) {
	at := func(after time.Duration) func() string {
		return func() string { return time.Now().Add(after).UTC().Format(http.TimeFormat) }
	}
	as := func(text string) func() string { return func() string { return text } }
	for name, c := range map[string]struct {
		after func() string
		want  time.Duration
	}{
		"soon as a date": {at(10 * time.Minute), 10 * time.Minute}, "soon": {as("600"), 10 * time.Minute},
		"late as a date": {at(48 * time.Hour), 24 * time.Hour}, "late": {as("9999999999999"), 24 * time.Hour},
		"past as a date": {at(-time.Hour), 5 * time.Second}, "past": {as("-5"), 5 * time.Second}, "no time": {as("shortly"), 5 * time.Second},
	} {
		w := newWorld(t)
		w.s.answer = func(string, int) (int, string) { return 429, c.after() }
		v := w.device("/a", 1)
		w.publish(1, 3)
		var now db.Device
		w.wait("the failure", func() bool { now, _ = w.d.Device(t.Context(), v.ID); return now.Failures > 0 })
		// A date is nearer by what the answer took, and the shortest pauses are spread.
		if got := now.RetryAt.Sub(now.FailedAt); got < c.want-c.want/10-time.Second || got > c.want+3*time.Second {
			t.Errorf("%s: Retry-After makes %s, want %s", name, got, c.want)
		}
		w.p.Close()
	}
}
