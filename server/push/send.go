package push

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"notifer/db"
)

// outcome is how a push service answered.
type outcome struct {
	err   error
	gone  bool          // the subscription has ended
	skip  bool          // trying again would be answered the same
	large bool          // a shorter text may be taken
	stale bool          // nothing was sent, because what the device may be sent has changed
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

// send posts one push, unless it must no longer be sent when its turn comes.
func (p *Pusher) send(ctx context.Context, v db.Device, text []byte, priority int, topic string, current func() bool) outcome {
	u, service, err := p.hosts.check(v.Endpoint)
	if err != nil {
		return outcome{err: err, skip: true}
	}
	leave, err := p.enter(ctx, u.Hostname(), service)
	if err != nil {
		return outcome{err: err}
	}
	defer leave()
	if current != nil && !current() {
		return outcome{stale: true}
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
		return outcome{err: unreachable(u.Hostname(), err)}
	}
	defer reply.Body.Close()
	start, _ := io.ReadAll(io.LimitReader(reply.Body, 4<<10)) // also so that the connection serves again
	return p.judge(u.Hostname(), v, reply, start)
}

// unreachable says why a push service was not reached, without the endpoint, which is a secret.
func unreachable(host string, err error) error {
	var names *net.DNSError
	var wire *net.OpError
	var outer *url.Error
	switch {
	case errors.Is(err, ErrService):
		return fmt.Errorf("push service %s is not reached: its name leads to a private address here", host)
	case errors.As(err, &names):
		return fmt.Errorf("cannot look up push service %s: %s", host, names.Err)
	case errors.Is(err, context.DeadlineExceeded) || os.IsTimeout(err):
		return fmt.Errorf("push service %s did not answer within %s", host, sendTimeout)
	case errors.As(err, &wire) && wire.Op == "dial":
		cause := wire.Err
		var call *os.SyscallError
		if errors.As(cause, &call) {
			cause = call.Err
		}
		return fmt.Errorf("cannot connect to push service %s: %w", host, cause)
	case errors.As(err, &outer):
		err = outer.Err
	}
	return fmt.Errorf("push service %s: %w", host, err)
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
	credential, err := p.signer.header(u.Scheme+"://"+u.Host, p.o.contact(v.Base), p.o.Now())
	r.Header.Set("Authorization", credential)
	r.Header.Set("Content-Encoding", "aes128gcm")
	r.Header.Set("Content-Type", "application/octet-stream")
	if apple(u.Hostname()) {
		r.Header.Set("Content-Type", "application/notification+json") // by which WebKit knows the declarative form
	}
	return r, err
}

func apple(host string) bool { return within(host, "push.apple.com") }

// within reports whether a host is below the name of a push service.
func within(host, service string) bool { return strings.HasSuffix(strings.ToLower(host), "."+service) }

// judge says what an answer means for the message, and explains it to people.
func (p *Pusher) judge(host string, v db.Device, reply *http.Response, start []byte) outcome {
	s := reply.StatusCode
	if s >= 200 && s < 300 {
		return outcome{}
	}
	text := fmt.Sprintf("push service %s answered %d", host, s)
	if why := reason(start); why != "" {
		text += " (" + why + ")"
	}
	o := outcome{asked: retryAfter(reply.Header.Get("Retry-After"), p.o.Now())}
	switch {
	case s == http.StatusNotFound || s == http.StatusGone:
		o.gone = true
	case s == http.StatusTooManyRequests || s == http.StatusRequestTimeout || s >= 500:
	case s == http.StatusNotAcceptable && within(host, "notify.windows.com"): // its word for too many requests
	case s < 400: // a portal or a proxy in between: what it names is never followed
	case s == http.StatusUnauthorized || s == http.StatusForbidden: // the clock may be wrong, or the service not ready
		if apple(host) && p.o.contact(v.Base) == nobody {
			text += ": Apple takes pushes only from servers with a public name; set base_url, or contact under [push]"
		} else {
			text += `: if this goes on, press "Notify me" on the device again`
		}
	default:
		o.skip, o.large = true, s == http.StatusRequestEntityTooLarge
	}
	o.err = errors.New(text)
	return o
}

// reason returns what a push service says about its refusal, in a few words.
func reason(answer []byte) string {
	var said struct{ Reason, Message string }
	text := ""
	switch {
	case json.Unmarshal(answer, &said) == nil:
		text = cmp.Or(said.Reason, said.Message)
	case len(answer) < 200 && !bytes.ContainsAny(answer, "<>{}"):
		text = string(answer)
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
	return cut(text, 100)
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
