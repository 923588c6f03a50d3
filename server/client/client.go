// Package client is the Go client of the HTTP interface. The command line and the tests use it.
//
// It knows the wire types and nothing else of the server.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"notifer/server/api"
)

// Client calls one server with one credential. It is safe for concurrent use. With returns a copy for another credential.
type Client struct {
	base       *url.URL
	credential string
	http       *http.Client
}

// answerTimeout is how long the client waits for the header of an answer: the server may need a minute to verify a token that it sees for
// the first time.
const answerTimeout = 2 * time.Minute

// New returns a client of the server at base, such as https://home.example/notify or unix:/run/notifer.sock. It fails for any other form.
func New(base string) (*Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = answerTimeout
	if path, ok := strings.CutPrefix(base, "unix:"); ok {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}
		base = "http://localhost"
	}
	u, err := url.Parse(strings.TrimRight(base, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("invalid server URL %q: write http://host:8080 or https://host/path", base)
	}
	return &Client{base: u, http: &http.Client{Transport: transport, CheckRedirect: noRedirect}}, nil
}

// noRedirect keeps a POST from becoming a GET, and a credential from going to another host.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// With returns a copy that sends this credential: a topic token (tk_), an API key (noti_) or a JWT. Empty is none.
func (c *Client) With(credential string) *Client {
	other := *c
	other.credential = credential
	return &other
}

// HTTP returns the client that sends the requests, for callers that change its transport. Copies made by With share it.
func (c *Client) HTTP() *http.Client { return c.http }

// URL returns the URL of a path of the server.
func (c *Client) URL(path string) string { return c.base.String() + path }

// Error is an answer with a status other than success: what went wrong, and what to do about it.
type Error struct {
	Status     int
	Detail     string // of an answer that is not Notifer's: its first line
	Hint       string
	RetryAfter time.Duration // 0: the server has not said
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	for _, more := range []string{e.Detail, e.Hint} {
		if more != "" {
			text += ": " + more
		}
	}
	return text
}

// Do sends in as JSON (nil: no body) and decodes the answer into out (nil: dropped). An answer with a status other than success is an *Error.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode the request: %w", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.send(req, out)
}

func (c *Client) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.URL(path), body)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	switch {
	case c.credential == "":
	case strings.HasPrefix(c.credential, "tk_"):
		req.Header.Set("X-Topic-Token", c.credential)
	case strings.HasPrefix(c.credential, "noti_"):
		req.Header.Set("X-API-Key", c.credential)
	default:
		req.Header.Set("Authorization", "Bearer "+c.credential)
	}
	return req, nil
}

// send performs the request and reads the whole reply, so that the connection can be used again.
func (c *Client) send(req *http.Request, out any) error {
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return replyError(resp)
	}
	if out == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("read the reply: %w", err)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// replyError reads a refusal. Of an answer that is not Notifer's, as a proxy's, the first line becomes the detail.
func replyError(resp *http.Response) error {
	e := &Error{Status: resp.StatusCode}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds >= 0 {
		e.RetryAfter = time.Duration(min(seconds, 24*60*60)) * time.Second // a larger number would overflow
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	var body api.Error
	switch {
	case json.Unmarshal(text, &body) == nil && body.Detail != "":
		e.Detail, e.Hint = body.Detail, body.Hint
	case resp.StatusCode/100 == 3:
		e.Detail = "the server redirects to " + resp.Header.Get("Location") + "; use that address"
	default:
		e.Detail, _, _ = strings.Cut(strings.TrimSpace(string(text)), "\n")
		e.Detail = e.Detail[:min(len(e.Detail), 200)]
	}
	return e
}
