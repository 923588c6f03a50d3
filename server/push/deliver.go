package push

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"notifer/db"
)

const (
	firstRetry = 5 * time.Second
	lastRetry  = time.Hour
	longest    = 24 * time.Hour // a push service may ask for
	stale      = 7 * 24 * time.Hour
)

// deliver hands a device everything that is new for it. It returns how long to wait before trying again; zero when nothing is
// left, or the device is gone.
func (p *Pusher) deliver(id string) (wait time.Duration) {
	for p.ctx.Err() == nil {
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
			return time.Minute
		}
		if len(list) == 0 {
			return 0
		}
		// A device that was muted before these messages came must not be told of them: what it was before the list is too old.
		if device, err = p.db.Device(p.ctx, id); err != nil {
			continue
		}
		if until := device.RetryAt.Sub(p.o.Now()); until > 0 {
			return min(until, longest)
		}
		if wait, done := p.deliverBatch(device, list, follows); done {
			return wait
		}
	}
	return 0
}

// deliverBatch hands on some messages and stores the place. It is done when the device is gone or has to wait.
func (p *Pusher) deliverBatch(device db.Device, list []db.Message, follows map[int64]db.DeviceTopic) (wait time.Duration, done bool) {
	places := map[int64]db.ID{}
	var delivered time.Time
	var failure error
	for i := range list {
		m := &list[i]
		f := follows[m.TopicID]
		if wanted(device, f, m, p.o.Now()) {
			o := p.send(p.ctx, device, encode(m, f.Topic, device.Base), m.Priority, m.ID.String())
			if o.gone {
				if err := p.db.DeleteDevice("", device.ID); err != nil && !errors.Is(err, db.ErrNotFound) {
					p.o.Log.Error("remove a device that is gone", "device", device.ID, "err", err)
				}
				return 0, true
			}
			if o.err != nil && !o.skip {
				failure, wait = o.err, o.after(device.Failures)
				break
			}
			if o.err != nil {
				p.failed(device.ID, o.err, 0)
			} else {
				delivered = p.o.Now()
			}
		}
		places[m.TopicID] = m.ID
	}
	if len(places) > 0 {
		if err := p.db.Pushed(device.ID, places, delivered); err != nil {
			p.o.Log.Error("store the place of a device", "device", device.ID, "err", err)
			return time.Minute, true
		}
	}
	if failure == nil || p.ctx.Err() != nil {
		return 0, p.ctx.Err() != nil
	}
	p.failed(device.ID, failure, wait)
	return wait, true
}

func (p *Pusher) failed(device string, failure error, wait time.Duration) {
	now := p.o.Now()
	var retry time.Time
	if wait > 0 {
		retry = now.Add(wait)
	}
	if err := p.db.PushFailed(device, cut(failure.Error(), 200), now, retry); err != nil {
		p.o.Log.Error("note a failed push", "device", device, "err", err)
	}
}

// wanted reports whether a device is to be told of a message: it is important enough, not too old, and neither the topic nor
// the device is muted. In quiet hours only what is urgent gets through.
func wanted(v db.Device, f db.DeviceTopic, m *db.Message, now time.Time) bool {
	if m.Priority < f.Least || f.Muted || now.Sub(m.At) > stale {
		return false
	}
	return m.Priority == 5 || !now.Before(v.MutedUntil) && !quiet(v, now)
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

// outcome is how a push service answered.
type outcome struct {
	err   error
	gone  bool          // the subscription has ended
	skip  bool          // trying again would be answered the same
	asked time.Duration // Retry-After
}

// after is the pause before the next attempt: what the service asked for, or twice as long each time.
func (o outcome) after(failures int) time.Duration {
	if o.asked > 0 {
		return min(o.asked, longest)
	}
	d := min(firstRetry<<min(failures, 12), lastRetry)
	return d + rand.N(d/4+1)
}

// send posts one push.
func (p *Pusher) send(ctx context.Context, v db.Device, text []byte, priority int, topic string) outcome {
	u, err := p.hosts.check(v.Endpoint)
	if err != nil {
		return outcome{err: err, skip: true}
	}
	gate := p.gate(u.Host)
	select {
	case gate <- struct{}{}:
		defer func() { <-gate }()
	case <-ctx.Done():
		return outcome{err: ctx.Err()}
	}
	r, err := p.request(ctx, u, v, text)
	if err != nil {
		return outcome{err: err, skip: true}
	}
	r.Header.Set("TTL", ttl(priority))
	r.Header.Set("Urgency", urgency(priority))
	if topic != "" {
		r.Header.Set("Topic", topic) // sent again after a crash, it takes the place of the first
	}
	reply, err := p.client.Do(r)
	if err != nil {
		var cause *url.Error
		if errors.As(err, &cause) {
			err = cause.Err // without the endpoint, which is a secret
		}
		return outcome{err: fmt.Errorf("push service %s: %w", u.Hostname(), err), skip: errors.Is(err, ErrService)}
	}
	defer reply.Body.Close()
	_, _ = io.CopyN(io.Discard, reply.Body, 4<<10) // so that the connection serves again
	return judge(u.Hostname(), reply, p.o.Now())
}

func (p *Pusher) request(ctx context.Context, u *url.URL, v db.Device, text []byte) (*http.Request, error) {
	body, err := encrypt(text, v.P256dh, v.Secret)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.Endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	credential, err := p.signer.header(u.Scheme+"://"+u.Host, p.o.Now())
	r.Header.Set("Authorization", credential)
	r.Header.Set("Content-Encoding", "aes128gcm")
	r.Header.Set("Content-Type", "application/octet-stream")
	return r, err
}

func judge(host string, reply *http.Response, now time.Time) outcome {
	s := reply.StatusCode
	if s >= 200 && s < 300 {
		return outcome{}
	}
	o := outcome{err: fmt.Errorf("push service %s answered %d", host, s), asked: retryAfter(reply.Header.Get("Retry-After"), now)}
	switch {
	case s == http.StatusNotFound || s == http.StatusGone:
		o.gone = true
	case s == http.StatusTooManyRequests || s == http.StatusRequestTimeout || s >= 500:
	case s == http.StatusUnauthorized || s == http.StatusForbidden: // the clock may be wrong, or the service not ready
	default:
		o.skip = true
	}
	return o
}

func retryAfter(v string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(v); err == nil && n > 0 {
		return min(time.Duration(n), longest/time.Second) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}

// Test sends a device a push at once, beside its messages, and returns how long the push service took.
func (p *Pusher) Test(ctx context.Context, v db.Device) (time.Duration, error) {
	began := p.o.Now()
	text, err := json.Marshal(payload{8030, notification{Title: "Notifications are on", Body: "This device gets new messages.",
		Navigate: v.Base + "/devices", Tag: "test", At: began.UnixMilli()}})
	if err != nil {
		return 0, err
	}
	o := p.send(ctx, v, text, 3, "")
	if o.gone {
		_ = p.db.DeleteDevice("", v.ID) // the page lists it no longer
	}
	if o.err != nil {
		return 0, o.err
	}
	return p.o.Now().Sub(began), p.db.Pushed(v.ID, nil, p.o.Now())
}
