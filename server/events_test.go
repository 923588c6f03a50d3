package server_test

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// event is what an EventSource would dispatch.
type event struct{ kind, id, data string }

// events parses a stream as WHATWG HTML section 9.2.6 says: every line end, fields with and without a space, unknown
// fields and comments ignored, data joined by line feeds, the last id kept, nothing dispatched without data.
type events struct {
	in     *bufio.Reader
	begun  bool
	lastID string
}

func newEvents(r io.Reader) *events { return &events{in: bufio.NewReader(r)} }

var errNotUTF8 = errors.New("the stream is not UTF-8")

// line reads up to a LF, a CR or both; after a CR it looks one byte ahead.
func (e *events) line() (string, error) {
	var b strings.Builder
	for {
		c, err := e.in.ReadByte()
		if err != nil {
			return "", err // an unfinished line is dropped
		}
		if c == '\r' {
			if next, err := e.in.Peek(1); err == nil && next[0] == '\n' {
				e.in.Discard(1)
			}
		}
		if c == '\r' || c == '\n' {
			s := b.String()
			if !e.begun {
				s, e.begun = strings.TrimPrefix(s, "\ufeff"), true
			}
			if !utf8.ValidString(s) {
				return "", errNotUTF8
			}
			return s, nil
		}
		b.WriteByte(c)
	}
}

// next returns the next event that is dispatched.
func (e *events) next() (event, error) {
	var kind string
	var data []string
	for {
		l, err := e.line()
		if err != nil {
			return event{}, err
		}
		if l == "" {
			if data == nil {
				kind = ""
				continue
			}
			if kind == "" {
				kind = "message"
			}
			return event{kind, e.lastID, strings.Join(data, "\n")}, nil
		}
		name, value, _ := strings.Cut(l, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			kind = value
		case "data":
			data = append(data, value)
		case "id":
			if !strings.Contains(value, "\x00") {
				e.lastID = value
			}
		}
	}
}

// TestEventParser feeds the parser the standard's own traps, so that what it accepts means something.
func TestEventParser(t *testing.T) {
	in := newEvents(strings.NewReader("\ufeff: comment\rid: 1\r\nevent: a\ndata: x\ndata:y\ndata\n\nevent: b\n\nid\ndata:  z\nfoo: bar\n\ndata: cut off"))
	for _, want := range []event{{"a", "1", "x\ny\n"}, {"message", "", " z"}} {
		if got, err := in.next(); err != nil || got != want {
			t.Errorf("next() = %+v, %v; want %+v", got, err, want)
		}
	}
	if got, err := in.next(); err != io.EOF {
		t.Errorf("the unfinished event is dispatched: %+v %v", got, err)
	}
	if _, err := newEvents(strings.NewReader("data: \xff\n\n")).next(); err != errNotUTF8 {
		t.Errorf("a stray byte: %v", err)
	}
}
