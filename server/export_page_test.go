package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"notifer/db"
)

// exportable is a site with a private topic of n messages of size bytes, whose answers have to be written within a time.
func exportable(t *testing.T, n, size int, within time.Duration) *site {
	t.Helper()
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "big", "access", "private").want(200)
	topic, err := s.d.Topic(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("x", size)
	for left := n; left > 0; left -= 100 { // a write for each would take seconds
		list := make([]*db.Message, min(left, 100))
		for i := range list {
			list[i] = &db.Message{TopicID: topic.ID, Topic: topic.Name, Body: body, Priority: 3}
		}
		if err := s.d.PublishAll(list[0], list[1:], nil); err != nil {
			t.Fatal(err)
		}
	}
	h := httptest.NewUnstartedServer(s.server)
	h.Config.WriteTimeout = within
	h.Start()
	t.Cleanup(h.Close)
	s.url = h.URL
	return s.signIn("maria")
}

func (s *site) export() *http.Response {
	s.t.Helper()
	res, err := s.client.Get(s.url + "/topic/big/settings/export")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 {
		s.t.Fatalf("export = %d", res.StatusCode)
	}
	return res
}

// TestExportToASlowReader: a reader who takes longer than one answer may, but does not stall, gets all of it.
func TestExportToASlowReader(t *testing.T) {
	const n = 1500
	s := exportable(t, n, 16<<10, 500*time.Millisecond)
	res := s.export()
	lines, piece := 0, make([]byte, 256<<10)
	pace := time.NewTicker(15 * time.Millisecond) // the reader's own speed is what is tested
	defer pace.Stop()
	for {
		<-pace.C
		read, err := io.ReadFull(res.Body, piece)
		lines += bytes.Count(piece[:read], []byte("\n"))
		if err == io.EOF || err == io.ErrUnexpectedEOF && read < len(piece) && lines >= n {
			break
		}
		if err != nil {
			t.Fatalf("after %d of %d lines: %v", lines, n, err)
		}
	}
	if lines != n {
		t.Errorf("read %d lines, want %d", lines, n)
	}
}

// TestExportThatFailsIsBroken: an export that the store cannot finish does not look like a whole one.
func TestExportThatFailsIsBroken(t *testing.T) {
	s := exportable(t, 1500, 16<<10, time.Minute)
	res := s.export()
	if _, err := io.ReadFull(res.Body, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	s.d.Close()
	rest, err := io.ReadAll(res.Body)
	if err == nil {
		t.Errorf("the export ended as if it were whole")
	}
	if bytes.Contains(rest, []byte("<!doctype html>")) {
		t.Error("there is a page in the export")
	}
}

// TestExportIsWhole: every message is one line of JSON, the oldest first.
func TestExportIsWhole(t *testing.T) {
	t.Parallel()
	s := exportable(t, 1201, 10, time.Minute)
	d := json.NewDecoder(s.export().Body)
	last := ""
	for n := range 1201 {
		var m struct{ ID, Topic string }
		if err := d.Decode(&m); err != nil || m.ID <= last || m.Topic != "big" {
			t.Fatalf("line %d: %+v after %q, %v", n, m, last, err)
		}
		last = m.ID
	}
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("after the last line: %v, want the end", err)
	}
}

// TestExportEndsWithItsRight: whoever reads an export slowly gets no more of it once the session has ended, the account is disabled or the
// topic is deleted, and sees that it is not whole.
func TestExportEndsWithItsRight(t *testing.T) {
	const n, size = 1500, 16 << 10
	s := exportable(t, n, size, time.Minute)
	if err := s.d.CreateUser(&db.User{Email: "other@home.example", Username: "other", PasswordHash: "x", IsAdmin: true}); err != nil {
		t.Fatal(err)
	}
	u, err := s.d.UserByLogin(t.Context(), "maria")
	if err != nil {
		t.Fatal(err)
	}
	disable := func(on bool) error {
		_, err := s.d.ChangeUser(u.ID, func(u *db.User) error { u.Disabled = on; return nil }, db.Ends{})
		return err
	}
	for _, c := range []struct {
		name string
		end  func() error
	}{
		{"the session has ended", func() error { return s.d.EndSessions(u.ID, "") }},
		{"the account is disabled", func() error { return disable(true) }},
		{"the topic is deleted", func() error {
			topic, err := s.d.Topic(t.Context(), "big")
			if err != nil {
				return err
			}
			return s.d.DeleteTopic(topic, db.By{Name: "maria"})
		}},
	} {
		res := s.export()
		if _, err := io.ReadFull(res.Body, make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		if err := c.end(); err != nil {
			t.Fatal(c.name, err)
		}
		got, err := io.Copy(io.Discard, res.Body)
		if err == nil || got >= (n-100)*size {
			t.Errorf("once %s: %d bytes more, %v; want an end before the last", c.name, got, err)
		}
		if err := disable(false); err != nil {
			t.Fatal(err)
		}
		s.signIn("maria")
	}
}

// afterLines calls then once so many lines of an answer have been written.
type afterLines struct {
	http.ResponseWriter
	left int
	then func()
}

func (w *afterLines) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	if before := w.left; before > 0 {
		if w.left -= bytes.Count(b[:n], []byte("\n")); w.left <= 0 {
			w.then()
		}
	}
	return n, err
}

func (w *afterLines) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// TestExportOfATopicThatIsDeletedIsNotWhole: when the topic and its messages go between two pages of them, the first page is not taken
// for all there was.
func TestExportOfATopicThatIsDeletedIsNotWhole(t *testing.T) {
	s := exportable(t, 600, 10, time.Minute)
	topic, err := s.d.Topic(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.server.ServeHTTP(&afterLines{w, 500, func() {
			if err := s.d.DeleteTopic(topic, db.By{Name: "maria"}); err != nil {
				t.Error(err)
			}
			if _, err := s.d.Sweep(t.Context(), db.Retention{}); err != nil {
				t.Error(err)
			}
		}}, r)
	}))
	defer h.Close()
	s.url = h.URL
	s.signIn("maria")
	if got, err := io.ReadAll(s.export().Body); err == nil {
		t.Errorf("%d lines and a good end", bytes.Count(got, []byte("\n")))
	}
}
