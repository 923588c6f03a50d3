package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/server/test/run"
)

// eventSource reads a stream as browsers do: a connection that ends is opened again, after its last event; an answer that is
// not a stream ends it for good.
type eventSource struct {
	url, token string

	mu   sync.Mutex
	open bool // it has read a line: what is published from here on must arrive
	data []string
	dead string
}

func (e *eventSource) run(stop <-chan struct{}) {
	last, pause := "", 3*time.Second
	for {
		req, _ := http.NewRequest("GET", e.url, nil)
		req.Header.Set("X-Topic-Token", e.token)
		if last != "" {
			req.Header.Set("Last-Event-ID", last)
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil && (res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream")) {
			e.mu.Lock()
			e.dead = res.Status
			e.mu.Unlock()
			return
		}
		if err == nil {
			e.read(res.Body, &last, &pause)
			res.Body.Close()
		}
		select {
		case <-stop:
			return
		case <-time.After(pause):
		}
	}
}

func (e *eventSource) read(body io.Reader, last *string, pause *time.Duration) {
	id, data := *last, ""
	for in := bufio.NewScanner(body); in.Scan(); {
		e.mu.Lock()
		e.open = true
		e.mu.Unlock()
		key, value, _ := strings.Cut(in.Text(), ": ")
		switch key {
		case "id":
			id = value
		case "retry":
			var ms int
			fmt.Sscan(value, &ms)
			*pause = time.Duration(ms) * time.Millisecond
		case "data":
			data = value
		case "":
			if *last = id; strings.Contains(data, `"message"`) {
				e.mu.Lock()
				e.data = append(e.data, data)
				e.mu.Unlock()
			}
			data = ""
		}
	}
}

func (e *eventSource) isOpen() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.open || e.dead != ""
}

func (e *eventSource) count() (n int, dead string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.data), e.dead
}

// Behind the printed files a restart of Notifer ends no EventSource, and no message is lost or doubled.
func TestEventSourceSurvivesRestartsBehindProxies(t *testing.T) {
	t.Parallel()
	if run.Prefix() != "" {
		t.Skip("this test has no sub-path")
	}
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			need(t, name)
			listen := run.FreeAddr(t)
			public := "http://" + listen
			s := run.Start(t, run.Args("--base-url", public, "--trusted-proxies", "127.0.0.1"))
			launch(t, start(t, public, listen, s.Addr))
			jwt := s.AddAdmin(t, "ann")
			s.AddTopic(t, jwt, "my-topic", "private")
			_, token := s.AddToken(t, jwt, "my-topic", "both", "publish", "subscribe")
			e := &eventSource{url: public + "/my-topic/sse", token: token}
			stop := make(chan struct{})
			defer close(stop)
			run.Until(t, name+" passes requests", func() bool {
				res, err := http.Get(public + "/healthz")
				if err == nil {
					res.Body.Close()
				}
				return err == nil && res.StatusCode == http.StatusOK
			})
			go e.run(stop)
			run.Until(t, "the stream is open", e.isOpen)
			total := 0
			for round := range 3 {
				for range 20 {
					call(t, "POST", s.URL+"/my-topic", "x", "X-Topic-Token: "+token)
					total++
				}
				run.Until(t, "all messages have arrived", func() bool { n, dead := e.count(); return n >= total || dead != "" })
				if round < 2 {
					s.Stop(t)
					<-time.After(6 * time.Second) // as long as an upgrade may take
					s.Launch(t)
					run.Until(t, "the server is back", s.Healthy)
				}
			}
			if n, dead := e.count(); n != total || dead != "" {
				t.Errorf("%d of %d messages, ended by %q", n, total, dead)
			}
		})
	}
}
