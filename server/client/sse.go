package client

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"time"
)

// Event is one event of a stream, as section 9.2 of the HTML standard defines it.
type Event struct {
	ID   string // the last id seen, on this event or before it
	Name string // empty means "message"
	Data string
}

// maxLine bounds a line in bytes, so that a faulty server cannot fill the memory.
const maxLine = 128 << 20

var errLongLine = errors.New("a line of the stream is too long")

// EventReader parses an event stream.
type EventReader struct {
	r      *bufio.Reader
	begun  bool                  // the first line has been read
	skipLF bool                  // the last line ended with CR: an LF right after it belongs to it
	lastID string                // the last id that was complete
	pause  time.Duration         // that the server has asked for by retry
	alive  func()                // called for every line, even a comment
	placed func(id string) error // called with the id when an event without data ends

	event Event
	data  bytes.Buffer
	some  bool // the event has a data field
	id    string
}

// NewEventReader reads from r; lastID is the id before its first event.
func NewEventReader(r io.Reader, lastID string) *EventReader {
	return &EventReader{r: bufio.NewReaderSize(r, 32<<10), lastID: lastID, id: lastID, alive: func() {},
		placed: func(string) error { return nil }}
}

// Next returns the next event with data. A last event without its blank line is dropped, because it may be incomplete.
func (e *EventReader) Next() (Event, error) {
	for {
		line, err := e.line()
		if err != nil {
			return Event{}, err
		}
		e.alive()
		if len(line) > 0 {
			e.field(line)
			continue
		}
		if event, ok := e.dispatch(); ok {
			return event, nil
		}
		if err := e.placed(e.lastID); err != nil {
			return Event{}, err
		}
	}
}

// dispatch ends the event at its blank line. The id counts even when the event has no data.
func (e *EventReader) dispatch() (Event, bool) {
	e.lastID = e.id
	event, some := e.event, e.some
	event.ID, event.Data = e.lastID, string(bytes.TrimSuffix(e.data.Bytes(), []byte("\n")))
	e.event, e.some = Event{}, false
	e.data.Reset()
	return event, some
}

func (e *EventReader) field(line []byte) {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "event":
		e.event.Name = string(value)
	case "data":
		e.some = true
		e.data.Write(value)
		e.data.WriteByte('\n')
	case "id":
		if bytes.IndexByte(value, 0) < 0 {
			e.id = string(value)
		}
	case "retry":
		if ms, err := strconv.ParseUint(string(value), 10, 31); err == nil {
			e.pause = time.Duration(ms) * time.Millisecond
		}
	}
}

// line returns one line without its end: CR LF, LF or CR. It never waits for the LF that may follow a CR.
func (e *EventReader) line() ([]byte, error) {
	var line []byte
	for {
		if _, err := e.r.Peek(1); err != nil {
			return nil, err
		}
		chunk, _ := e.r.Peek(e.r.Buffered())
		if e.skipLF {
			e.skipLF = false
			if chunk[0] == '\n' {
				e.r.Discard(1)
				continue
			}
		}
		end := bytes.IndexAny(chunk, "\r\n")
		if end >= 0 {
			line = append(line, chunk[:end]...)
			e.skipLF = chunk[end] == '\r'
			e.r.Discard(end + 1)
			return e.withoutMark(line), nil
		}
		line = append(line, chunk...)
		e.r.Discard(len(chunk))
		if len(line) > maxLine {
			return nil, errLongLine
		}
	}
}

// withoutMark drops a byte order mark from the first line.
func (e *EventReader) withoutMark(line []byte) []byte {
	if e.begun {
		return line
	}
	e.begun = true
	return bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
}
