package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"notifer/server/api"
)

// ErrRevoked ends a subscription whose credential was revoked.
var ErrRevoked = errors.New("the credential was revoked")

// Subscription says what to receive and how.
type Subscription struct {
	Topics []string
	Since  string // where to begin: a time, a message id, a duration such as 10m, or all; empty: now
	LastID string // resume after this message; overrides Since

	Silence time.Duration // a stream without even a heartbeat for this long is opened again; 0: 90 s
	Slowest time.Duration // longest pause between attempts; 0: 30 s

	Began  func(id string) error                // without LastID: called with the id after which the stream begins; an error ends it
	Opened func(resumed string)                 // called when a stream has opened; resumed is the server's X-Last-Event-ID
	Broken func(err error, pause time.Duration) // called when a stream has ended, before the pause
}

// Subscribe calls handle for each message, in order and once. When a stream ends, it opens another one after the last message that was
// handled, until ctx ends, handle returns an error, or the server refuses the stream. It returns that error, which is ErrRevoked after a
// revocation.
func (c *Client) Subscribe(ctx context.Context, s Subscription, handle func(api.Message) error) error {
	if s.Silence == 0 {
		s.Silence = 90 * time.Second
	}
	if s.Slowest == 0 {
		s.Slowest = 30 * time.Second
	}
	attempt := 0
	for {
		stream := stream{client: c, sub: &s, handle: handle}
		err := stream.run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if final(err) {
			return err
		}
		if stream.opened {
			attempt = 0
		}
		pause := max(backoff(attempt, stream.pause, s.Slowest), retryAfter(err))
		attempt++
		if s.Broken != nil {
			s.Broken(err, pause)
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
		c.http.CloseIdleConnections() // one of HTTP/2 may be dead unnoticed, and would be used again
	}
}

// handleError marks an error of the caller's own code, which ends the subscription.
type handleError struct{ error }

func (e handleError) Unwrap() error { return e.error }

// final reports whether it is no use to open the stream again.
func final(err error) bool {
	var refused *Error
	var own handleError
	return errors.Is(err, ErrRevoked) || errors.As(err, &own) || errors.As(err, &refused) && !passing(err)
}

// backoff doubles the pause with each attempt and spreads it, so that not all clients return to a restarted server at once.
func backoff(attempt int, asked, slowest time.Duration) time.Duration {
	first := max(asked, 250*time.Millisecond)
	pause := min(first<<min(attempt, 16), slowest)
	return pause/2 + rand.N(pause/2+1)
}

// stream is one connection of a subscription.
type stream struct {
	client *Client
	sub    *Subscription
	handle func(api.Message) error

	opened bool
	pause  time.Duration

	silence *time.Timer // runs while the client waits for the server; when it fires, the connection is closed
}

func (s *stream) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.silence = time.AfterFunc(s.sub.Silence, cancel)
	defer s.silence.Stop()
	body, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer body.Close()
	events := NewEventReader(body, s.sub.LastID)
	events.alive = func() { s.silence.Reset(s.sub.Silence) }
	events.placed = s.begin
	err = s.read(events)
	s.pause = events.pause
	if ctx.Err() != nil && !final(err) {
		return fmt.Errorf("no heartbeat for %s", s.sub.Silence)
	}
	return err
}

func (s *stream) open(ctx context.Context) (io.ReadCloser, error) {
	req, err := s.client.request(ctx, http.MethodGet, s.path(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Cache-Control", "no-cache")
	if s.sub.LastID != "" {
		req.Header.Set("Last-Event-ID", s.sub.LastID)
	}
	resp, err := s.client.http.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, replyError(resp)
	}
	if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		resp.Body.Close()
		return nil, fmt.Errorf("the server answers %q instead of a stream", kind)
	}
	s.opened = true
	if s.sub.Opened != nil {
		s.sub.Opened(resp.Header.Get("X-Last-Event-ID"))
	}
	return resp.Body, nil
}

func (s *stream) path() string {
	query := url.Values{}
	if s.sub.Since != "" && s.sub.LastID == "" {
		query.Set("since", s.sub.Since)
	}
	path := "/sse"
	if len(s.sub.Topics) == 1 {
		path = "/" + url.PathEscape(s.sub.Topics[0]) + "/sse"
	} else {
		query.Set("topics", strings.Join(s.sub.Topics, ","))
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// begin takes the id at the beginning of a stream as the place of a subscription without one.
func (s *stream) begin(id string) error {
	if id == "" || s.sub.LastID != "" {
		return nil
	}
	if s.sub.LastID = id; s.sub.Began != nil {
		if err := s.sub.Began(id); err != nil {
			return handleError{err}
		}
	}
	return nil
}

func (s *stream) read(events *EventReader) error {
	for {
		event, err := events.Next()
		if err != nil {
			// It is possible to resume after an event without data, such as the first one.
			s.sub.LastID = events.lastID
			return fmt.Errorf("the stream ended: %w", err)
		}
		if event.Name == "revoked" {
			return ErrRevoked
		}
		if event.Name == "" || event.Name == "message" {
			if err := s.receive(event); err != nil {
				return err
			}
		}
		s.sub.LastID = event.ID
	}
}

func (s *stream) receive(event Event) error {
	var m api.Message
	if err := json.Unmarshal([]byte(event.Data), &m); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	s.silence.Stop()
	if err := s.handle(m); err != nil {
		return handleError{err}
	}
	s.silence.Reset(s.sub.Silence)
	return nil
}
