package server_test

import (
	"bufio"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// openingID is the cursor that a stream names before anything else.
func openingID(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	retry, err := r.ReadString('\n')
	if err != nil || !strings.HasPrefix(retry, "retry: ") {
		t.Fatalf("a stream opens with %q, %v; want the pause before another attempt", retry, err)
	}
	line, err := r.ReadString('\n')
	id, ok := strings.CutPrefix(strings.TrimSpace(line), "id: ")
	if err != nil || !ok {
		t.Fatalf("a stream opens with %q, %v; want its cursor", line, err)
	}
	return id
}

func TestStreamCutBeforeItsFirstMessageResumes(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.publish("ops-east", "before")
	r, res := h.stream("/ops-east/sse", "")
	cursor := openingID(t, r)
	res.Body.Close()
	missed := h.publish("ops-east", "while away")
	r, res = h.stream("/ops-east/sse", cursor)
	if got := res.Header.Get("X-Last-Event-ID"); got != cursor {
		t.Errorf("X-Last-Event-ID = %q, want %q", got, cursor)
	}
	if got := h.next(r); got.ID != missed.ID {
		t.Errorf("resumed with %q, want the missed message", got.Message)
	}
	live := h.publish("ops-east", "live")
	if got := h.next(r); got.ID != live.ID {
		t.Errorf("then got %q, want the live message", got.Message)
	}
}

// A stream that is asked for while the server stops ends like those that were open: an EventSource that gets an error never asks again.
func TestStreamOfAStoppingServerIsNoError(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	last := h.publish("ops-east", "before")
	h.s.Close(t.Context())
	r, res := h.stream("/ops-east/sse", "")
	if got := res.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/event-stream") {
		t.Errorf("Content-Type = %q", got)
	}
	if got := openingID(t, r); got != last.ID {
		t.Errorf("the stream opens at %s, want the newest message %s, from where it goes on", got, last.ID)
	}
	if rest, err := io.ReadAll(r); err != nil || strings.TrimSpace(string(rest)) != "" {
		t.Errorf("then came %q, %v; want its end", rest, err)
	}
}

// A client whose clock runs ahead asks for what will be new to it: that is everything from now on.
func TestSinceAheadOfOurClockIsLive(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	last := h.publish("ops-east", "before")
	r, _ := h.stream("/ops-east/sse?since="+time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "")
	if got := openingID(t, r); got != last.ID {
		t.Errorf("the stream opens at %s, want the newest message %s", got, last.ID)
	}
	live := h.publish("ops-east", "live")
	if got := h.next(r); got.ID != live.ID {
		t.Errorf("got %q, want the live message", got.Message)
	}
}

// A message can be read as soon as it is stored, a moment before subscribers are told. Who resumes from it in that moment,
// by polling or with a stream, has missed nothing and gets nothing again.
func TestResumeFromAMessageThatIsBeingAnnounced(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.publish("ops-east", "old")
	h.d.Notify(nil, nil) // the moment lasts
	seen := h.publish("ops-east", "seen")
	var page []api.Message
	head := h.call("GET", "/ops-east/json?since="+seen.ID, h.jwt, nil, 200, &page)
	if len(page) != 0 || head.Get("X-Last-Event-ID") != seen.ID {
		t.Errorf("polling from the newest message: %v, X-Last-Event-ID %q; want nothing and its id", page, head.Get("X-Last-Event-ID"))
	}
	_, res := h.stream("/ops-east/sse?since="+seen.ID, "")
	if got := res.Header.Get("X-Last-Event-ID"); got != seen.ID {
		t.Errorf("a stream from the newest message says %q, want its id", got)
	}
}

func TestResumePoints(t *testing.T) {
	h := newHome(t, server.Config{})
	topic := h.topic("ops-east", db.Private)
	first, second, third := h.publish("ops-east", "1"), h.publish("ops-east", "2"), h.publish("ops-east", "3")
	beyond := db.FirstID(time.Now().Add(time.Hour)).String()
	old := db.FirstID(topic.CreatedAt.Add(-time.Hour)).String()
	for _, c := range []struct {
		name, path, header string
		echo               string
		want               api.Message
	}{
		{"header", "/ops-east/sse", first.ID, first.ID, second},
		{"query", "/ops-east/sse?last_event_id=" + second.ID, "", second.ID, third},
		{"query of a library", "/ops-east/sse?lastEventId=" + second.ID, "", second.ID, third},
		{"header beats query", "/ops-east/sse?last_event_id=" + second.ID, first.ID, first.ID, second},
		{"id in since", "/ops-east/sse?since=" + first.ID, "", first.ID, second},
		{"all", "/ops-east/sse?since=all", "", "", first},
		{"span", "/ops-east/sse?since=10m", "", "", first},
		{"time", "/ops-east/sse?since=2020-01-02T03:04:05Z", "", "", first},
		{"time with an unescaped offset", "/ops-east/sse?since=2020-01-02T03:04:05+02:00", "", "", first},
		{"unix seconds", "/ops-east/sse?since=1577934245", "", "", first},
		{"the first second of all", "/ops-east/sse?since=0", "", "", first},
		{"beyond the newest", "/ops-east/sse", beyond, "earliest", first},
		{"older than the topic", "/ops-east/sse", old, "earliest", first},
		{"the place that a stream of everything begins with", "/ops-east/sse", "000000000000", "000000000000", first},
		{"of another server", "/ops-east/sse", "sPs71M8A2T", "earliest", first},
		{"of another server beside a place", "/ops-east/sse?last_event_id=" + second.ID, "x", second.ID, third},
	} {
		r, res := h.stream(c.path, c.header)
		if got := res.Header.Get("X-Last-Event-ID"); got != c.echo {
			t.Errorf("%s: X-Last-Event-ID = %q, want %q", c.name, got, c.echo)
		}
		if got := h.next(r); got.ID != c.want.ID {
			t.Errorf("%s: first message %q, want %q", c.name, got.Message, c.want.Message)
		}
		res.Body.Close()
	}
	for _, bad := range []string{"since=yesterday", "since=-5m", "last_event_id=XYZ", "last_event_id=" + strings.ToUpper(first.ID)} {
		h.call("GET", "/ops-east/sse?"+bad, h.jwt, nil, 400, nil)
	}
}

func TestPurgedPlaceIsTold(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	first, second, third := h.publish("ops-east", "1"), h.publish("ops-east", "2"), h.publish("ops-east", "3")
	topic, err := h.s.Auth().Topic(t.Context(), "ops-east")
	if err != nil {
		t.Fatal(err)
	}
	upTo, err := db.ParseID(second.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.d.PurgeTopic(topic.ID, upTo); err != nil {
		t.Fatal(err)
	}
	r, res := h.stream("/ops-east/sse", first.ID)
	if got := res.Header.Get("X-Last-Event-ID"); got != "earliest" {
		t.Errorf("X-Last-Event-ID = %q, want earliest: messages after it are gone", got)
	}
	if got := h.next(r); got.ID != third.ID {
		t.Errorf("first message %q, want the oldest kept", got.Message)
	}
	_, res = h.stream("/ops-east/sse", second.ID)
	if got := res.Header.Get("X-Last-Event-ID"); got != second.ID {
		t.Errorf("X-Last-Event-ID = %q, want the id itself: nothing after it is gone", got)
	}
}

// TestEditedAndDeletedMessagesLeaveTheRing edits and deletes while a stream is open, so that the frames are in memory.
func TestEditedAndDeletedMessagesLeaveTheRing(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	live, _ := h.stream("/ops-east/sse", "")
	first, second, third := h.publish("ops-east", "wrong"), h.publish("ops-east", "gone"), h.publish("ops-east", "kept")
	for range 3 {
		h.next(live)
	}
	right := "right"
	h.call("PATCH", "/api/ops-east/messages/"+first.ID, h.jwt, api.MessageEdit{Message: &right}, 200, nil)
	h.call("DELETE", "/api/ops-east/messages/"+second.ID, h.jwt, nil, 204, nil)
	h.call("DELETE", "/api/ops-east/messages/"+second.ID, h.jwt, nil, 404, nil)
	r, _ := h.stream("/ops-east/sse?since=all", "")
	if got := h.next(r); got.ID != first.ID || got.Message != right {
		t.Errorf("replayed %q, want the edited text", got.Message)
	}
	if got := h.next(r); got.ID != third.ID {
		t.Errorf("then %q, want the third: the second is deleted", got.Message)
	}
}

// What is deleted on a page, or purged, or by retention while a stream is open, is not sent to the next one from memory.
func TestWhatIsGoneLeavesTheRing(t *testing.T) {
	var ahead atomic.Int64
	d, err := db.Open(t.TempDir(), db.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	h := newHomeOn(t, d, server.Config{})
	form := func(path, text string) {
		if status := h.begin("POST", path, h.jwt, "application/x-www-form-urlencoded", text)(); status != 303 {
			t.Fatalf("POST %s = %d, want 303", path, status)
		}
	}
	for topic, remove := range map[string]func(id string){
		"deleted": func(id string) { form("/topic/deleted/messages/"+id+"/delete", "x=1") },
		"purged":  func(string) { form("/topic/purged/settings/purge", "confirm=purged") },
		"aged": func(string) {
			ahead.Add(int64(2 * time.Hour))
			if n, err := d.Sweep(t.Context(), db.Retention{Age: time.Hour, Purged: h.s.Purged}); err != nil || n == 0 {
				t.Fatalf("Sweep = %d, %v", n, err)
			}
		},
	} {
		h.topic(topic, db.Private)
		first, _ := h.stream("/"+topic+"/sse", "")
		cursor := openingID(t, first)
		goes := h.publish(topic, "goes")
		h.next(first)
		remove(goes.ID)
		kept := h.publish(topic, "kept")
		if got := h.next(first); got.ID != kept.ID {
			t.Errorf("%s: the open stream is sent %q next", topic, got.Message)
		}
		later, _ := h.stream("/"+topic+"/sse", cursor)
		if got := h.next(later); got.ID != kept.ID {
			t.Errorf("%s: a later stream is sent %q, want only what is kept", topic, got.Message)
		}
	}
}

func TestManyTopicsStreamInOneOrder(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.topic("ops-west", db.Public)
	h.topic("ops-north", db.Private)
	var want []string
	for i := range 6 {
		want = append(want, h.publish([]string{"ops-east", "ops-west"}[i%2], "stored").ID)
		h.publish("ops-north", "not asked for")
	}
	var session api.StreamSession
	h.call("POST", "/api/sse/sessions", h.jwt, api.StreamSessionRequest{Topics: []string{"ops-east", "ops-west"}}, 201, &session)
	for _, path := range []string{"/sse?since=all&topics=ops-east,ops-west", "/sse?since=all&session=" + session.SessionID} {
		r, res := h.stream(path, "")
		for i, id := range want {
			if got := h.next(r); got.ID != id {
				t.Errorf("%s: message %d is %s of %s, want %s", path, i, got.ID, got.Topic, id)
			}
		}
		live := h.publish("ops-west", "live")
		want = append(want, live.ID)
		if got := h.next(r); got.ID != live.ID || got.Topic != "ops-west" {
			t.Errorf("%s: live message %s of %s, want %s", path, got.ID, got.Topic, live.ID)
		}
		res.Body.Close()
	}
	token := h.token("ops-east", "display", "subscribe")
	h.call("GET", "/sse?topics=ops-east,ops-north", token.Token, nil, 401, nil)
	h.call("GET", "/sse?topics=ops-east,no-such-topic", h.jwt, nil, 404, nil)
	h.call("GET", "/sse?topics=", h.jwt, nil, 422, nil)
}

// What retention deletes while a page is read was there or is told to be gone: a poller never passes over it in silence.
func TestPollerIsToldOfWhatGoesMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	topic, err := h.s.Auth().Topic(t.Context(), "ops-east")
	if err != nil {
		t.Fatal(err)
	}
	const messages = 300
	var ids []string
	for range messages {
		ids = append(ids, h.publish("ops-east", "old").ID)
	}
	gone := make(chan error, 1)
	go func() {
		for _, id := range ids[:messages-1] {
			upTo, err := db.ParseID(id)
			if err == nil {
				_, err = h.d.PurgeTopic(topic.ID, upTo)
			}
			if err != nil {
				gone <- err
				return
			}
		}
		gone <- nil
	}()
	for at := 0; at < messages-2; {
		var page []api.Message
		head := h.call("GET", "/ops-east/json?limit=1&since="+ids[at], h.jwt, nil, 200, &page)
		switch told := head.Get("X-Last-Event-ID"); {
		case told == "earliest":
			at++
		case len(page) != 1 || page[0].ID != ids[at+1]:
			t.Fatalf("after message %d: %v, X-Last-Event-ID %q; want message %d or to be told", at, page, told, at+1)
		}
	}
	if err := <-gone; err != nil {
		t.Fatal(err)
	}
}
