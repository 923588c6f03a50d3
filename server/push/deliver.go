package push

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"notifer/db"
)

const (
	firstRetry = 5 * time.Second
	lastRetry  = time.Hour
	longest    = 24 * time.Hour // a push service may ask for
	tooOld     = 7 * 24 * time.Hour
)

// deliver sends a device everything that is new for it. It returns how long to wait before trying again; zero when nothing is left, or
// the device is gone.
func (p *Pusher) deliver(id string) (wait time.Duration) {
	if !p.settle(id) {
		return unwritten
	}
	for p.open() {
		epoch := p.epoch.Load()
		device, err := p.db.Device(p.ctx, id)
		if errors.Is(err, db.ErrNotFound) {
			return 0
		}
		var list []db.Message
		var follows map[int64]db.DeviceTopic
		if err == nil {
			list, follows, err = p.db.Unpushed(p.ctx, device, batch)
		}
		if err != nil {
			if p.ctx.Err() == nil {
				p.o.Log.Error("read what to push", "device", id, "err", err)
			}
			return unwritten
		}
		if len(list) == 0 {
			return 0
		}
		// A device that was muted before these messages came must not get them: what was read of it before the list is too old.
		if device, err = p.db.Device(p.ctx, id); err != nil {
			continue
		}
		// No pause is longer than the longest: one that is was noted before the clock was set back.
		if until := device.RetryAt.Sub(p.o.Now()); until > 0 && until <= longest {
			return until
		}
		read, err := p.alreadyRead(device, list)
		if err != nil {
			if p.ctx.Err() == nil {
				p.o.Log.Error("read what was read elsewhere", "device", id, "err", err)
			}
			return unwritten
		}
		current := func() bool { return p.epoch.Load() == epoch }
		if wait, done := p.deliverBatch(device, list, follows, read, current); done {
			return wait
		}
	}
	return 0
}

// late is the age of a message at which its reader may have read it elsewhere before it is pushed.
const late = 2 * time.Second

// alreadyRead returns the messages that the device's reader has read elsewhere meanwhile: a device that was off, or had to wait, is not
// sent them.
func (p *Pusher) alreadyRead(v db.Device, list []db.Message) (map[db.ID]bool, error) {
	if v.Stranger {
		return nil, nil
	}
	var ids []db.ID
	for i := range list {
		if p.o.Now().Sub(list[i].At) > late {
			ids = append(ids, list[i].ID)
		}
	}
	return p.db.ReadAmong(p.ctx, v.UserID, nil, ids)
}

// deliverBatch sends some messages, as long as what was read about the device still holds, and stores the place. done means that the
// device is gone or has to wait.
func (p *Pusher) deliverBatch(device db.Device, list []db.Message, follows map[int64]db.DeviceTopic, read map[db.ID]bool, current func() bool) (wait time.Duration, done bool) {
	places := map[int64]db.ID{}
	var delivered time.Time
	var failure error
	for i := range list {
		m := &list[i]
		f := follows[m.TopicID]
		if wanted(device, f, m, p.o.Now()) && !read[m.ID] || p.answers(device, f, m) {
			shown := p.shown(device.ID, m)
			o := p.send(p.ctx, device, encode(shown, f.Topic, device.Base, MaxPayload), m.Priority, slot(m), current)
			if o.large {
				o = p.send(p.ctx, device, encode(shown, f.Topic, device.Base, smallPayload), m.Priority, slot(m), current)
			}
			if o.stale {
				break
			}
			if o.gone {
				return p.remove(device), true
			}
			if o.err != nil && !o.skip {
				failure, wait = o.err, o.after(p.failures(device))
				break
			}
			if o.err != nil {
				p.failed(device, o.err, 0)
			} else {
				delivered = p.o.Now()
			}
		}
		places[m.TopicID] = m.ID
	}
	written := len(places) == 0 || p.note(device.ID, func() error { return p.db.Pushed(device.ID, places, delivered) })
	if failure != nil && p.ctx.Err() == nil {
		p.failed(device, failure, wait)
		return wait, true
	}
	if !written {
		return unwritten, true
	}
	return 0, !p.open()
}

// failures returns how many deliveries have failed in a row. When a device has subscribed again, or was tested, during a delivery that
// fails, the count starts over.
func (p *Pusher) failures(v db.Device) int {
	if now, err := p.db.Device(p.ctx, v.ID); err == nil {
		return min(v.Failures, now.Failures)
	}
	return v.Failures
}

// remove forgets a device whose subscription has ended. It returns how long to wait before that can be written.
func (p *Pusher) remove(v db.Device) time.Duration {
	gone := func() error {
		err := p.db.PushGone(v)
		if err == nil {
			p.RefreshFollowersSoon()
		}
		return err
	}
	if !p.note(v.ID, gone) {
		return unwritten
	}
	return 0
}

// shown is a message as a notification shows it, which knows no Markdown. A text that cannot be made plain is shown as it is: it must not
// hold up those behind it.
func (p *Pusher) shown(device string, m *db.Message) (shown *db.Message) {
	if !m.Extras().Markdown {
		return m
	}
	defer func() {
		if fault := recover(); fault != nil {
			p.panicked(device, fault)
			shown = m
		}
	}()
	plain := *m
	if text := p.o.Plain(m.Body); text != "" {
		plain.Body = text
	}
	return &plain
}

// answers reports whether a message below the priority that the device follows says that an alert is resolved of which the device was
// notified.
func (p *Pusher) answers(v db.Device, f db.DeviceTopic, m *db.Message) bool {
	e := m.Extras()
	if !e.Resolved || m.Priority >= f.Least {
		return false
	}
	priority, err := p.db.OpenedWith(p.ctx, m.TopicID, e.Key)
	opened := *m
	opened.Priority = priority
	return err == nil && wanted(v, f, &opened, p.o.Now())
}

func (p *Pusher) failed(v db.Device, failure error, wait time.Duration) {
	now := p.o.Now()
	var retry time.Time
	if wait > 0 {
		retry = now.Add(wait)
	}
	p.note(v.ID, func() error { return p.db.PushFailed(v, cut(failure.Error(), 200), now, retry) })
}

// wanted reports whether a device gets a message: it is important enough and not too old, and neither the topic nor the device is muted.
// In quiet hours only urgent messages get through. A message that came in quiet hours or during a mute is not pushed later, when the push
// service answers again. A damaged message counts as important enough, since nobody knows how important it was.
func wanted(v db.Device, f db.DeviceTopic, m *db.Message, now time.Time) bool {
	if m.Priority < f.Least && !m.Damaged || f.Muted || now.Sub(m.At) > tooOld {
		return false
	}
	muted := now.Before(v.MutedUntil) || m.At.Before(v.MutedUntil)
	return m.Priority == 5 || !muted && !quiet(v, now) && !quiet(v, m.At)
}

func quiet(v db.Device, now time.Time) bool {
	if v.QuietFrom < 0 || v.QuietTo < 0 || v.QuietFrom == v.QuietTo {
		return false
	}
	if zone, err := time.LoadLocation(v.Zone); err == nil {
		now = now.In(zone)
	}
	at := now.Hour()*60 + now.Minute()
	if v.QuietFrom < v.QuietTo {
		return at >= v.QuietFrom && at < v.QuietTo
	}
	return at >= v.QuietFrom || at < v.QuietTo
}

// Test sends a device a push at once, beside its messages, and returns how long the push service took.
func (p *Pusher) Test(ctx context.Context, v db.Device) (time.Duration, error) {
	began := p.o.Now()
	text, err := json.Marshal(payload{8030, notification{Title: "Notifications are on", Body: "This device gets new messages.",
		Navigate: v.Base + "/devices", Tag: "test", At: began.UnixMilli()}})
	if err != nil {
		return 0, err
	}
	o := p.send(ctx, v, text, 3, "", nil)
	if o.gone {
		p.remove(v)
	}
	if o.err != nil {
		return 0, o.err
	}
	took := p.o.Now().Sub(began)
	if err := p.db.Pushed(v.ID, nil, p.o.Now()); err != nil {
		return took, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopWaiting(v.ID) // what waited for the service to answer again
	p.ring(v.ID)
	return took, nil
}
