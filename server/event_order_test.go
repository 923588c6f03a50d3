package server_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/test/run"
)

// Several libraries (npm eventsource 2, @microsoft/fetch-event-source, r3labs/sse) take the id of an event as they read its line, and
// resume after it though the event was cut. Every connection is cut after 300 to 2,500 bytes: nothing is lost and nothing comes twice.
func TestCutStreamsLoseNothingForEagerReaders(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "page", "subscribe").Token
	var want []string
	for i := range 300 {
		want = append(want, h.publish("ops-east", fmt.Sprintf("%d %s", i, strings.Repeat("x", i%200))).ID)
	}
	var got []string
	last, cuts := "", 0
	ctx, cancel := context.WithTimeout(t.Context(), run.Patience)
	defer cancel()
	for ; len(got) < len(want) && ctx.Err() == nil; cuts++ {
		req, err := http.NewRequestWithContext(ctx, "GET", h.url+"/ops-east/sse?since=all&token="+token, nil)
		if err != nil {
			t.Fatal(err)
		}
		if last != "" {
			req.Header.Set("Last-Event-ID", last)
		}
		res, err := streaming.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		data := ""
		in := bufio.NewReader(io.LimitReader(res.Body, int64(300+rand.N(2200))))
		for len(got) < len(want) {
			line, err := in.ReadString('\n')
			if err != nil {
				break
			}
			switch name, value, _ := strings.Cut(strings.TrimSpace(line), ": "); name {
			case "id":
				if _, err := in.Peek(1); err == nil { // a cut between the two line feeds cannot be told from one behind them
					last = value // not at the blank line, as the standard has it
				}
			case "data":
				data = value
			case "":
				if data != "" {
					_, id, _ := strings.Cut(data, `"id":"`)
					got = append(got, id[:12])
				}
				data = ""
			}
		}
		res.Body.Close()
	}
	if len(got) != len(want) || strings.Join(got, "") != strings.Join(want, "") {
		t.Errorf("%d events through %d cuts, want each of %d once", len(got), cuts, len(want))
	}
}

// A blank line ends an event for @microsoft/fetch-event-source also where the event has no data: its usual handler parses the empty text as
// JSON, fails, and connects again. So the only one is behind the id of a stream whose client has no place yet.
func TestBlankLinesWithoutData(t *testing.T) {
	h := newHome(t, server.Config{Heartbeat: 20 * time.Millisecond})
	h.topic("ops-east", db.Private)
	first := h.publish("ops-east", "first")
	const retry = "retry: 1000\n"
	for name, row := range map[string]struct{ path, last, want string }{
		"no place":          {"/ops-east/sse", "", retry + "id: "},
		"a time":            {"/ops-east/sse?since=1s", "", retry + "id: "},
		"all":               {"/ops-east/sse?since=all", "", retry + "id: "},
		"last seen":         {"/ops-east/sse", first.ID, retry + "event: "},
		"last seen, query":  {"/ops-east/sse?last_event_id=" + first.ID, "", retry + "event: "},
		"since a message":   {"/ops-east/sse?since=" + first.ID, "", retry + "event: "},
		"nothing kept":      {"/ops-east/sse", "000000000001", retry + "event: "},
		"beyond the newest": {"/ops-east/sse", "zzzzzzzzzzzz", retry + "id: 000000000000\n\n"},
		"several topics":    {"/sse?topics=ops-east", first.ID, retry + "event: "},
	} {
		r, res := h.stream(row.path, row.last)
		m := h.publish("ops-east", name)
		var all bytes.Buffer
		for !strings.Contains(all.String(), `"`+m.ID+`"`) {
			line, err := r.ReadString('\n')
			if err != nil {
				t.Fatalf("%s: the stream ends after %q", name, all.String())
			}
			all.WriteString(line)
		}
		rest := make([]byte, len("id: \n\n: keepalive\n: keepalive\n")+len(m.ID))
		if _, err := io.ReadFull(r, rest); err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		text := strings.ReplaceAll(all.String(), ": keepalive\n", "")
		if !strings.HasPrefix(text, row.want) {
			t.Errorf("%s: the stream opens with %q, want %q", name, text, row.want)
		}
		if want := "id: " + m.ID + "\n\n: keepalive\n: keepalive\n"; string(rest) != want {
			t.Errorf("%s: after the data comes %q, want %q", name, rest, want)
		}
		for _, block := range strings.Split(text, "\n\n") {
			if opens := strings.HasPrefix(block, retry+"id: "); !opens && !strings.Contains(block, "data: ") && block != "" {
				t.Errorf("%s: an event without data: %q", name, block)
			}
		}
	}
}

// A page that asks for heartbeats as events gets them so, over the frames of everybody else.
func TestHeartbeatEvents(t *testing.T) {
	h := newHome(t, server.Config{Heartbeat: 20 * time.Millisecond})
	h.topic("ops-east", db.Private)
	last := h.publish("ops-east", "first")
	r, _ := h.stream("/ops-east/sse?heartbeat=event", last.ID)
	in := newEvents(r)
	for range 2 {
		if e, err := in.next(); err != nil || e.kind != "alive" || e.data != "{}" || e.id != "" {
			t.Fatalf("next() = %+v, %v; want a heartbeat without an id", e, err)
		}
	}
	var m api.Message
	h.call("POST", "/ops-east", h.jwt, "second", 200, &m)
	for {
		e, err := in.next()
		if err != nil {
			t.Fatal(err)
		}
		if e.kind == "message" {
			if e.id != m.ID {
				t.Errorf("the message has id %q, want %q", e.id, m.ID)
			}
			return
		}
	}
}
