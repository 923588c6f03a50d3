package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"notifer/server/api"
	"notifer/server/client"
)

// wire is a small server of the stream format: a log of numbered messages, each connection cut after a few.
type wire struct {
	mu       sync.Mutex
	last     int      // messages exist with ids 1..last
	cutAfter []int    // messages per connection; the last entry repeats
	half     bool     // cut in the middle of the next event
	asked    []string // Last-Event-ID of each request
	refuse   []int    // statuses of the first requests
	finish   string   // written after all messages
}

func (s *wire) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	n := len(s.asked)
	s.asked = append(s.asked, r.Header.Get("Last-Event-ID"))
	s.mu.Unlock()
	if n < len(s.refuse) {
		http.Error(w, `{"detail":"not now"}`, s.refuse[n])
		return
	}
	from, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
	if r.Header.Get("Last-Event-ID") == "" && r.URL.Query().Get("since") != "all" {
		from = s.last
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	fmt.Fprintf(w, "id: %d\nretry: 1\n\n", from)
	room := s.cutAfter[min(n, len(s.cutAfter)-1)]
	for id := from + 1; id <= s.last; id++ {
		if room--; room < 0 {
			if s.half {
				fmt.Fprintf(w, "id: %d\nevent: message\ndata: {\"id\"", id)
			}
			return
		}
		m, _ := json.Marshal(api.Message{ID: strconv.Itoa(id), Topic: "t"})
		fmt.Fprintf(w, "id: %d\nevent: message\ndata: %s\n\n: alive\n\n", id, m)
	}
	io.WriteString(w, s.finish)
	http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

func start(t *testing.T, h http.Handler) *client.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.HTTP().CloseIdleConnections)
	return c
}

// pipes is a listener whose connections are pipes in memory, for tests in a bubble of package synctest.
type pipes struct {
	calls  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.calls:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { close(p.closed); return nil }

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{} }

// overPipes is start with a connection in memory.
func overPipes(t *testing.T, h http.Handler) *client.Client {
	t.Helper()
	c, err := client.New("http://home.example")
	if err != nil {
		t.Fatal(err)
	}
	l := &pipes{make(chan net.Conn), make(chan struct{})}
	transport := c.HTTP().Transport.(*http.Transport)
	transport.Proxy = nil
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		l.calls <- far
		return near, nil
	}
	server := &http.Server{Handler: h}
	go server.Serve(l)
	t.Cleanup(func() {
		server.Close()
		c.HTTP().CloseIdleConnections()
	})
	return c
}

var errEnough = errors.New("enough")

// collect subscribes until n messages came.
func collect(t *testing.T, c *client.Client, s client.Subscription, n int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var got []string
	err := c.Subscribe(ctx, s, func(m api.Message) error {
		if got = append(got, m.ID); len(got) == n {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatalf("Subscribe = %v after %d messages, want %d", err, len(got), n)
	}
	return got
}

func TestSubscribeResumesWithoutGapOrDouble(t *testing.T) {
	for _, half := range []bool{false, true} {
		s := &wire{last: 20, cutAfter: []int{0, 3, 1, 7, 100}, half: half}
		got := collect(t, start(t, s), client.Subscription{Topics: []string{"t"}, Since: "all", Slowest: 10 * time.Millisecond}, 20)
		for i, id := range got {
			if id != strconv.Itoa(i+1) {
				t.Fatalf("half %v: message %d is %s; all: %v", half, i+1, id, got)
			}
		}
		if want := fmt.Sprint([]string{"", "0", "3", "4", "11"}); fmt.Sprint(s.asked) != want {
			t.Errorf("half %v: resumed after %v, want %v", half, s.asked, want)
		}
	}
}

// A stream cut before its first message still resumes where it was opened.
func TestSubscribeResumesBeforeTheFirstMessage(t *testing.T) {
	s := &wire{last: 5, cutAfter: []int{0}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	broken := 0
	sub := client.Subscription{Topics: []string{"t"}, LastID: "5", Slowest: time.Millisecond, Broken: func(error, time.Duration) {
		if broken++; broken == 3 {
			cancel()
		}
	}}
	s.last = 6
	if err := start(t, s).Subscribe(ctx, sub, func(api.Message) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Fatalf("Subscribe = %v, want canceled", err)
	}
	for _, id := range s.asked {
		if id != "5" {
			t.Errorf("resumed after %q, want 5", id)
		}
	}
}

func TestSubscribeTriesAgainOrGivesUp(t *testing.T) {
	s := &wire{last: 1, cutAfter: []int{9}, refuse: []int{503, 429, 500}}
	collect(t, start(t, s), client.Subscription{Topics: []string{"t"}, Since: "all", Slowest: time.Millisecond}, 1)
	for _, status := range []int{400, 401, 403, 404} {
		s := &wire{refuse: []int{status}, cutAfter: []int{0}}
		err := start(t, s).Subscribe(t.Context(), client.Subscription{Topics: []string{"t"}}, func(api.Message) error { return nil })
		var refused *client.Error
		if !errors.As(err, &refused) || refused.Status != status || refused.Detail != "not now" {
			t.Errorf("Subscribe = %v, want %d", err, status)
		}
	}
}

func TestSubscribeEndsWhenRevoked(t *testing.T) {
	s := &wire{last: 0, cutAfter: []int{9}, finish: "event: revoked\ndata: revoked\n\n"}
	err := start(t, s).Subscribe(t.Context(), client.Subscription{Topics: []string{"t"}}, func(api.Message) error { return nil })
	if !errors.Is(err, client.ErrRevoked) {
		t.Errorf("Subscribe = %v, want %v", err, client.ErrRevoked)
	}
}

func TestSubscribeLeavesASilentStream(t *testing.T) {
	s := &wire{last: 0, cutAfter: []int{9}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sub := client.Subscription{Topics: []string{"t"}, Silence: 50 * time.Millisecond, Broken: func(err error, _ time.Duration) { cancel() }}
	if err := start(t, s).Subscribe(ctx, sub, func(api.Message) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Subscribe = %v, want canceled by Broken", err)
	}
}

// A caller that takes longer over a message than a stream may be silent is neither cut off nor asked twice.
func TestSubscribeWaitsForASlowCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &wire{last: 2, cutAfter: []int{9}}
		var got []string
		sub := client.Subscription{Topics: []string{"t"}, Since: "all"}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		err := overPipes(t, s).Subscribe(ctx, sub, func(m api.Message) error {
			<-time.After(10 * time.Minute)
			if got = append(got, m.ID); len(got) >= 2 {
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, errEnough) || fmt.Sprint(got) != "[1 2]" || len(s.asked) != 1 {
			t.Errorf("Subscribe = %v after %v in %d streams, want %v after [1 2] in one", err, got, len(s.asked), errEnough)
		}
	})
}

func TestSubscribeManyTopics(t *testing.T) {
	asked := make(chan string, 1)
	c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.String()
		http.Error(w, "no", http.StatusForbidden)
	}))
	c.Subscribe(t.Context(), client.Subscription{Topics: []string{"a", "b"}, Since: "10m"}, nil)
	if got := <-asked; got != "/sse?since=10m&topics=a%2Cb" {
		t.Errorf("asked for %s", got)
	}
}
