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
	for range n {
		if err := s.d.Publish(&db.Message{TopicID: topic.ID, Topic: topic.Name, Body: body, Priority: 3}, nil); err != nil {
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
