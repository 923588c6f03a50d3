package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"notifer/server/api"
	"notifer/server/client"
)

// hold passes connections on to a server, and keeps those that are open when it is called as they are: nothing passes any
// more, and neither side is told.
func hold(t *testing.T, to string) (address string, cut func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	accepted := make(chan net.Conn, 8)
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				return
			}
			t.Cleanup(func() { in.Close(); out.Close() })
			accepted <- in
			accepted <- out
			go io.Copy(in, out)
			go io.Copy(out, in)
		}
	}()
	return l.Addr().String(), func() {
		for len(accepted) > 0 {
			(<-accepted).SetReadDeadline(time.Unix(1, 0))
		}
	}
}

// A stream that fell silent is opened again on another connection: the old one may be dead without anybody having been told,
// as when an address has changed, and HTTP/2 would send the next request over it too.
func TestSubscribeLeavesADeadConnection(t *testing.T) {
	s := &wire{last: 1, cutAfter: []int{9}}
	server := httptest.NewUnstartedServer(s)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	address, cut := hold(t, server.Listener.Addr().String())
	c, err := client.New("https://" + address)
	if err != nil {
		t.Fatal(err)
	}
	c.HTTP().Transport.(*http.Transport).TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	t.Cleanup(c.HTTP().CloseIdleConnections)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	lost, got := 0, ""
	sub := client.Subscription{Topics: []string{"t"}, Since: "all", Silence: time.Second, Slowest: time.Millisecond,
		Broken: func(error, time.Duration) { lost++ }}
	err = c.Subscribe(ctx, sub, func(m api.Message) error {
		if got += m.ID; got == "12" {
			return errEnough
		}
		cut()
		s.mu.Lock()
		s.last++
		s.mu.Unlock()
		return nil
	})
	if !errors.Is(err, errEnough) || lost == 0 || lost > 5 { // on a slow machine a stream that is being opened is lost too
		t.Errorf("Subscribe = %v after %q and %d lost streams, want 12 after one", err, got, lost)
	}
}

// A connection that could not be made in time is no answer, so the message is sent again.
func TestPublishRetriesWhatTimedOut(t *testing.T) {
	c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		json.NewEncoder(w).Encode(api.Message{ID: "1"})
	}))
	dialers := []net.Dialer{{}, {Timeout: time.Nanosecond}}
	c.HTTP().Transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		d := dialers[len(dialers)-1]
		dialers = dialers[:len(dialers)-1]
		return d.DialContext(ctx, network, address)
	}
	if sent, err := c.PublishRetry(t.Context(), "t", api.PublishRequest{Message: "hi"}, 1); err != nil || sent.ID != "1" {
		t.Errorf("PublishRetry = %v, %v; want the message of the second try", sent, err)
	}
}

// A caller that has gone is not waited for.
func TestPublishRetryEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	}))
	_, err := c.PublishRetry(ctx, "t", api.PublishRequest{Message: "hi"}, 3)
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("PublishRetry = %v after %d calls, want canceled after one", err, calls)
	}
}

// A server that takes the message and never answers is given up.
func TestPublishGivesUpASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := client.New("http://home.example")
		if err != nil {
			t.Fatal(err)
		}
		transport := c.HTTP().Transport.(*http.Transport)
		transport.Proxy = nil
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			go io.Copy(io.Discard, far)
			return near, nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		if _, err := c.PublishRetry(ctx, "t", api.PublishRequest{Message: "hi"}, 1); err == nil || ctx.Err() != nil {
			t.Errorf("PublishRetry = %v after %v, want an error long before", err, time.Since(began))
		}
	})
}
