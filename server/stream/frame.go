package stream

import (
	"notifer/server/hub"
)

// Dialect is how a protocol writes to a response that goes on: server-sent events, or lines of JSON.
type Dialect struct {
	ContentType string
	Event       func(dst []byte, e hub.Event) []byte // appends one event
	Managed     func(dst []byte, e hub.Event) []byte // Event for those who may manage the topic
	Heartbeat   string
	Goodbye     map[hub.Reason]string // what is said before the end, where it is anything
}

// EventStream is a dialect in the forms that HTTP has for it.
type EventStream struct {
	contentType    string
	chunked, plain *format // HTTP/1.1; HTTP/1.0 and HTTP/2
}

// NewEventStream makes the forms of a dialect. Streams share frames only within the EventStream that they are opened with.
func NewEventStream(d Dialect) *EventStream {
	t := &EventStream{contentType: d.ContentType,
		chunked: &format{encoding: chunkEncoding(d.Event), managed: chunkEncoding(d.Managed)},
		plain:   &format{encoding: &hub.Encoding{Encode: d.Event}, managed: &hub.Encoding{Encode: d.Managed}},
	}
	t.setHeartbeat(d.Heartbeat)
	for r := range t.plain.goodbyes {
		if text := d.Goodbye[hub.Reason(r)]; text != "" {
			t.plain.goodbyes[r], t.chunked.goodbyes[r] = []byte(text), chunk(text)
		}
		t.chunked.goodbyes[r] = append(t.chunked.goodbyes[r], lastChunk...)
	}
	return t
}

// chunkEncoding writes each event as a chunk.
func chunkEncoding(event func([]byte, hub.Event) []byte) *hub.Encoding {
	return &hub.Encoding{Encode: func(dst []byte, e hub.Event) []byte {
		head := len(dst)
		return endChunk(event(beginChunk(dst), e), head)
	}}
}

func (t *EventStream) setHeartbeat(text string) {
	t.chunked.beat, t.plain.beat = chunk(text), []byte(text)
}

// WithHeartbeat returns the same dialect with another heartbeat. Its streams share the frames of t.
func (t *EventStream) WithHeartbeat(text string) *EventStream {
	chunked, plain := *t.chunked, *t.plain
	other := &EventStream{contentType: t.contentType, chunked: &chunked, plain: &plain}
	other.setHeartbeat(text)
	return other
}

// WebSocket is how a protocol writes to a WebSocket: each event is a text frame.
type WebSocket struct{ text *format }

// NewWebSocket makes the forms of a protocol whose events are texts; managed is for those who may manage the topic.
func NewWebSocket(event, managed func(dst []byte, e hub.Event) []byte) *WebSocket {
	return &WebSocket{text: &format{
		encoding: &hub.Encoding{Encode: func(dst []byte, e hub.Event) []byte { return appendTextFrame(dst, event, e) }},
		managed:  &hub.Encoding{Encode: func(dst []byte, e hub.Event) []byte { return appendTextFrame(dst, managed, e) }},
		beat:     []byte{0x89, 0}, // ping, RFC 6455 section 5.5.2
		pings:    true,
		goodbyes: [reasons][]byte{
			hub.Gone: closeFrame(1000, ""), hub.Shutdown: closeFrame(1001, "server is stopping"),
			hub.Failed: closeFrame(1011, "the database cannot be read"), hub.Revoked: closeFrame(1008, "revoked"),
			hub.Invalid: closeFrame(1007, "not UTF-8"),
		},
	}}
}

// reasons is the number of reasons for which a stream ends.
const reasons = int(hub.Invalid) + 1

// format is what is said on one kind of connection. It is immutable once streams are open.
type format struct {
	encoding *hub.Encoding // for topics that the reader may read
	managed  *hub.Encoding // for topics that the reader may manage
	beat     []byte
	goodbyes [reasons][]byte
	pings    bool // the peer answers a heartbeat
}

const hexDigits = "0123456789abcdef"

// chunkHead is the room for a chunk's length of fixed width, so that the frame can be written in place behind it. The largest
// message that may be configured is 16 MiB, and escapes may make it six times that.
const chunkHead = "0000000\r\n"

const lastChunk = "0\r\n\r\n"

// beginChunk begins a chunk of RFC 9112 section 7.1.
func beginChunk(dst []byte) []byte { return append(dst, chunkHead...) }

// endChunk ends the chunk that begins at head.
func endChunk(dst []byte, head int) []byte {
	n := len(dst) - head - len(chunkHead)
	for i := len(chunkHead) - len("\r\n") - 1; i >= 0; i-- {
		dst[head+i] = hexDigits[n&15]
		n >>= 4
	}
	return append(dst, "\r\n"...)
}

func chunk(s string) []byte {
	return endChunk(append(beginChunk(nil), s...), 0)
}

// appendTextFrame writes an unmasked final text frame, RFC 6455 section 5.2.
func appendTextFrame(dst []byte, event func([]byte, hub.Event) []byte, e hub.Event) []byte {
	const room = 10
	head := len(dst)
	dst = append(dst, "\x81........."...)
	dst = event(dst, e)
	body := dst[head+room:]
	n := len(body)
	var size []byte
	switch {
	case n < 126:
		size = append(dst[:head+1], byte(n))
	case n <= 0xffff:
		size = append(dst[:head+1], 126, byte(n>>8), byte(n))
	default:
		size = append(dst[:head+1], 127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(size, body...)
}

// closeFrame is an unmasked close frame, RFC 6455 section 5.5.1.
func closeFrame(code int, reason string) []byte {
	return append([]byte{0x88, byte(2 + len(reason)), byte(code >> 8), byte(code)}, reason...)
}
