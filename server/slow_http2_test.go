package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/test/run"
)

// over2 opens a stream over HTTP/2 that has room for a few pieces on their way. It ends with the test.
func (h *home) over2(path, token string) io.Reader {
	h.t.Helper()
	secure := httptest.NewUnstartedServer(h.s)
	secure.EnableHTTP2 = true
	secure.StartTLS()
	h.t.Cleanup(secure.Close)
	transport := secure.Client().Transport.(*http.Transport)
	transport.HTTP2 = &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10}
	ctx, cancel := context.WithTimeout(context.Background(), run.Patience)
	h.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", secure.URL+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("X-Topic-Token", token)
	res, err := secure.Client().Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 || res.ProtoMajor != 2 {
		h.t.Fatalf("GET %s = %d over HTTP/%d", path, res.StatusCode, res.ProtoMajor)
	}
	return res.Body
}

// TestSlowReaderOverHTTP2 gets through while it reads, as one over HTTP/1.1 does: what is sent at once may be more than a slow
// line takes within the time limit of a write. A machine that stands still for as long as the limit looks like a reader that stalls, so
// the reader may try again with a longer one.
func TestSlowReaderOverHTTP2(t *testing.T) {
	tick := min(run.Scale(t, 50*time.Millisecond), 500*time.Millisecond)
	err := readSlowly(t, tick)
	if err != nil {
		err = readSlowly(t, max(4*tick, time.Second))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// readSlowly reads a large message, a piece at each tick, where a write may take ten of them.
func readSlowly(t *testing.T, tick time.Duration) error {
	h := newHome(t, server.Config{WriteTimeout: 10 * tick})
	h.topic("ops-east", db.Private)
	h.call("POST", "/ops-east", h.jwt, worst, 200, nil)
	body := h.over2("/ops-east/sse?since=all", h.token("ops-east", "line", "subscribe").Token)
	pace := time.NewTicker(tick)
	defer pace.Stop()
	var got []byte
	for piece := make([]byte, 16<<10); !bytes.Contains(got, []byte("\nid: ")) || !bytes.HasSuffix(got, []byte("\n\n")); <-pace.C {
		n, err := body.Read(piece)
		if err != nil {
			return fmt.Errorf("the stream ended after %d bytes: %w", len(got), err)
		}
		got = append(got, piece[:n]...)
	}
	return nil
}

// TestSlowReaderOverHTTP2LosesItsRight within a second and a little, however much is still on its way to it, and whether or not it reads on.
func TestSlowReaderOverHTTP2LosesItsRight(t *testing.T) {
	for name, most := range map[string]int64{"slow": 16 << 10, "stalled": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, server.Config{})
			h.topic("ops-east", db.Private)
			for range 16 {
				h.call("POST", "/ops-east", h.jwt, worst, 200, nil)
			}
			token := h.token("ops-east", "line", "subscribe")
			body := h.over2("/ops-east/sse?since=all", token.Token)
			if _, err := io.CopyN(io.Discard, body, 100<<10); err != nil {
				t.Fatal(err)
			}
			h.call("DELETE", "/api/topics/ops-east/access-tokens/"+token.ID, h.jwt, nil, 204, nil)
			pace := time.NewTicker(50 * time.Millisecond)
			defer pace.Stop()
			for began := time.Now(); h.s.Hub().Open() > 0; <-pace.C {
				if time.Since(began) > 4*time.Second && time.Since(began) > run.Scale(t, 4*time.Second) {
					t.Fatal("the stream goes on after its token was revoked")
				}
				_, _ = io.CopyN(io.Discard, body, most)
			}
		})
	}
}
