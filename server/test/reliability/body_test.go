package reliability_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"notifer/server/test/reliability"
)

// TestBodyInIsBodyOut is P21: every text comes back byte for byte over every way out, but for the codes of a terminal. Text that is
// not UTF-8 is read as windows-1252 and said to be, and strict publishing refuses it.
func TestBodyInIsBodyOut(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	stop := h.followers(1, h.url, 0)
	for _, body := range oddBodies() {
		h.publish(body)
	}
	for _, body := range []string{"\xff", "ok\xc3", "\xed\xa0\x80", "a\xc0\xafb", "\xf4\x90\x80\x80"} {
		c := &reliability.Call{Method: "POST", URL: h.url() + "/ops", Body: body, Header: map[string]string{"X-Topic-Token": h.token, "X-Strict": "1"}}
		if err := c.Do(); err != nil || c.Status != 400 {
			t.Errorf("publish %q strictly = %d %s, %v, want 400", body, c.Status, c.Answer, err)
		}
	}
	stop()
	h.check()
}

// oddBodies are unique texts of all kinds of characters.
func oddBodies() []string {
	all := []string{"\x00x", " x ", "x\n", "\r\nx\r\n", "\rx", "a\rb\nc", "data: x\n\nid: 1\n", "\u0085\u2028\u2029\v\f\x1cx", "{\"a\":1}", "\\u0000",
		"<script>&amp;", "✅ 日本語 🚨", "not first: \ufeffbom", "a\u0301", "\U0010ffff\ufffd\ufffe", strings.Repeat("é", 32767), strings.Repeat("x", 65536)}
	for range 200 {
		var b strings.Builder
		for range 1 + rand.IntN(40) {
			if r := rune(rand.IntN(0x110000)); utf8.ValidRune(r) {
				b.WriteRune(r)
			}
			b.WriteByte(byte(rand.IntN(128)))
		}
		// Codes of a terminal do not come back, and a text of spaces alone is none.
		all = append(all, strings.NewReplacer("\x1b[", "[", "\x1b]", "]", "\x1b(", "(", "\x1b)", ")").Replace(b.String())+"x")
	}
	return all
}

// TestJSONBodyInIsBodyOut is the same for the JSON form, by which escapes come too.
func TestJSONBodyInIsBodyOut(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, body := range oddBodies()[:60] {
		text, err := json.Marshal(map[string]string{"message": body})
		if err != nil {
			t.Fatal(err)
		}
		c := &reliability.Call{Method: "POST", URL: h.url() + "/ops", Body: string(text),
			Header: map[string]string{"X-Topic-Token": h.token, "Content-Type": "application/json"}}
		if err := c.Do(); err != nil || c.Status != 200 {
			t.Fatalf("publish %q = %d, %v", body, c.Status, err)
		}
		var reply struct{ ID, Message string }
		if err := json.Unmarshal(c.Answer, &reply); err != nil || reply.Message != body {
			t.Errorf("publish %q answered %q, %v", body, reply.Message, err)
		}
		h.hist.Ack(reliability.Message{ID: reply.ID, Body: body})
	}
	h.check()
}
