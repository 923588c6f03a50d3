package reliability_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// firstAfter opens a stream after a cursor and returns its X-Last-Event-ID header and the id of the first message.
func (h *harness) firstAfter(cursor string) (header, first string) {
	h.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	res := h.stream(ctx, "/ops/sse?last_event_id="+cursor)
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var m struct{ ID string }
			if err := json.Unmarshal([]byte(data), &m); err != nil {
				h.t.Fatal(err)
			}
			return res.Header.Get("X-Last-Event-ID"), m.ID
		}
	}
	h.t.Errorf("stream after %s ended without a message: %v", cursor, lines.Err())
	return res.Header.Get("X-Last-Event-ID"), ""
}

// stream opens a stream that has to be accepted.
func (h *harness) stream(ctx context.Context, path string) *http.Response {
	h.t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", h.url()+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("X-Topic-Token", h.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	if res.StatusCode != 200 {
		h.t.Fatalf("GET %s = %d", path, res.StatusCode)
	}
	return res
}
