package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"notifer/server/api"
)

// Publish sends one message, without a retry.
func (c *Client) Publish(ctx context.Context, topic string, m api.PublishRequest) (api.Message, error) {
	return c.publish(ctx, topic, m, "")
}

// PublishRetry sends one message, and again up to this many times when no answer came or the server was busy. The pauses are 0.25 s and
// four times as long after each attempt, or longer if the server asks for that. An idempotency key keeps a retry from storing the message twice.
func (c *Client) PublishRetry(ctx context.Context, topic string, m api.PublishRequest, retries int) (api.Message, error) {
	key := ""
	if retries > 0 {
		key = rand.Text()
	}
	pause := 250 * time.Millisecond
	for {
		sent, err := c.publish(ctx, topic, m, key)
		if err == nil || retries == 0 || !passing(err) {
			return sent, err
		}
		retries--
		if waitErr := wait(ctx, max(pause, retryAfter(err))); waitErr != nil {
			return sent, err
		}
		pause *= 4
	}
}

var errNotUTF8 = errors.New("the message is not valid UTF-8: convert it first")

func (c *Client) publish(ctx context.Context, topic string, m api.PublishRequest, key string) (api.Message, error) {
	var sent api.Message
	if !utf8.ValidString(m.Message) || m.Title != nil && !utf8.ValidString(*m.Title) {
		return sent, errNotUTF8 // JSON would replace what is not UTF-8
	}
	body, err := json.Marshal(m)
	if err != nil {
		return sent, fmt.Errorf("encode the message: %w", err)
	}
	req, err := c.request(ctx, http.MethodPost, "/"+url.PathEscape(topic), bytes.NewReader(body))
	if err != nil {
		return sent, err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("X-Idempotency-Key", key)
	}
	if m.Strict {
		req.Header.Set("X-Strict", "1")
	}
	err = c.send(req, &sent)
	return sent, err
}

// passing reports whether the same request may succeed later: after no answer, too many requests or a busy server.
func passing(err error) bool {
	if errors.Is(err, errNotUTF8) {
		return false
	}
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Status == http.StatusTooManyRequests || refused.Status/100 == 5 && refused.Status != http.StatusNotImplemented
	}
	return true // also after a timeout, which may be one of connecting
}

func retryAfter(err error) time.Duration {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.RetryAfter
	}
	return 0
}

// wait returns after d, or with the context's error as soon as that ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// HistoryQuery selects stored messages; the zero value asks for the newest page, and a zero field restricts nothing.
// With Since or After the answer is oldest first, else newest first.
type HistoryQuery struct {
	Since, Until  string // an RFC 3339 time, a duration such as 10m or unix seconds; Since also a message id or all
	After, Before string // message ids, exclusive
	Limit         int    // messages in the page; 0: as many as the server gives by itself
	Text, Tags    string // Tags are joined by commas
	Sender        string // id or name
	MinPriority   int    // 1 to 5
}

func (q HistoryQuery) encode() string {
	v := url.Values{}
	for name, value := range map[string]string{
		"since": q.Since, "until": q.Until, "after": q.After, "before": q.Before, "q": q.Text, "tags": q.Tags, "sender": q.Sender,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	for name, value := range map[string]int{"limit": q.Limit, "priority_min": q.MinPriority} {
		if value != 0 {
			v.Set(name, strconv.Itoa(value))
		}
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// History returns one page of a topic's stored messages.
func (c *Client) History(ctx context.Context, topic string, q HistoryQuery) ([]api.Message, error) {
	var list []api.Message
	err := c.Do(ctx, http.MethodGet, "/"+url.PathEscape(topic)+"/json"+q.encode(), nil, &list)
	return list, err
}

// EachSince calls handle for every stored message after since, oldest first. An error of handle ends it and is returned.
func (c *Client) EachSince(ctx context.Context, topic, since string, handle func(api.Message) error) error {
	q := HistoryQuery{Since: since, Limit: 100}
	for {
		page, err := c.History(ctx, topic, q)
		if err != nil {
			return err
		}
		for _, m := range page {
			if err := handle(m); err != nil {
				return err
			}
		}
		if len(page) < q.Limit {
			return nil
		}
		q = HistoryQuery{After: page[len(page)-1].ID, Limit: q.Limit}
	}
}

// Send sends a publish request that the caller has built, for fields in headers.
func (c *Client) Send(req *http.Request) (api.Message, error) {
	var sent api.Message
	err := c.send(req, &sent)
	return sent, err
}
