package server

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/hub"
)

const hexDigits = "0123456789abcdef"

// appendMessage writes a message as one line of JSON. With ascii, every character beyond ASCII is escaped: stream
// parsers split lines at more characters than the standard names (U+0085, U+2028, U+2029).
func appendMessage(dst []byte, m *db.Message, ascii bool) []byte {
	dst = append(dst, `{"id":"`...)
	dst = m.ID.Append(dst)
	dst = append(dst, `","topic":"`...)
	dst = append(dst, m.Topic...)
	dst = append(dst, `","title":`...)
	if m.HasTitle {
		dst = api.AppendString(dst, m.Title, ascii)
	} else {
		dst = append(dst, "null"...)
	}
	dst = append(dst, `,"message":`...)
	dst = api.AppendString(dst, m.Body, ascii)
	dst = append(dst, `,"priority":`...)
	dst = append(dst, '0'+byte(m.Priority))
	dst = append(dst, `,"tags":[`...)
	dst = appendTags(dst, m.Tags)
	dst = append(dst, `],"timestamp":`...)
	dst = append(dst, '"')
	dst = appendTime(dst, m.At)
	dst = append(dst, '"')
	if m.ExtrasText() != "" {
		dst = appendExtras(dst, m.Extras(), ascii)
	}
	return append(dst, '}')
}

// appendExtras writes the fields that few messages have, each with a comma before it.
func appendExtras(dst []byte, e db.Extras, ascii bool) []byte {
	if e.Markdown {
		dst = append(dst, `,"markdown":true`...)
	}
	if e.URL != "" {
		dst = api.AppendString(append(dst, `,"url":`...), e.URL, ascii)
	}
	if e.URLTitle != "" {
		dst = api.AppendString(append(dst, `,"url_title":`...), e.URLTitle, ascii)
	}
	for i, a := range e.Actions {
		if i == 0 {
			dst = append(dst, `,"actions":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = appendAction(dst, a, ascii)
		if i == len(e.Actions)-1 {
			dst = append(dst, ']')
		}
	}
	return dst
}

func appendAction(dst []byte, a db.Action, ascii bool) []byte {
	dst = api.AppendString(append(dst, `{"type":`...), a.Type, ascii)
	dst = api.AppendString(append(dst, `,"label":`...), a.Label, ascii)
	if a.URL != "" {
		dst = api.AppendString(append(dst, `,"url":`...), a.URL, ascii)
	}
	for i, key := range slices.Sorted(maps.Keys(a.Options)) {
		if i == 0 {
			dst = append(dst, `,"options":{`...)
		} else {
			dst = append(dst, ',')
		}
		dst = api.AppendString(append(api.AppendString(dst, key, ascii), ':'), a.Options[key], ascii)
		if i == len(a.Options)-1 {
			dst = append(dst, '}')
		}
	}
	return append(dst, '}')
}

// appendTime writes a moment as api.Layout does, at a third of its cost: every message is encoded once per form.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = append(appendDigits(dst, year, 4), '-')
	dst = append(appendDigits(dst, int(month), 2), '-')
	dst = append(appendDigits(dst, day, 2), 'T')
	dst = append(appendDigits(dst, hour, 2), ':')
	dst = append(appendDigits(dst, minute, 2), ':')
	dst = append(appendDigits(dst, second, 2), '.')
	return append(appendDigits(dst, t.Nanosecond()/1e6, 3), 'Z')
}

func appendDigits(dst []byte, n, width int) []byte {
	dst = append(dst, "0000"[:width]...)
	for i := len(dst) - 1; n > 0; i-- {
		dst[i] = '0' + byte(n%10)
		n /= 10
	}
	return dst
}

// appendTags writes a comma list whose tags need no escaping.
func appendTags(dst []byte, tags string) []byte {
	if tags == "" {
		return dst
	}
	dst = append(dst, '"')
	for i := range len(tags) {
		if tags[i] == ',' {
			dst = append(dst, `","`...)
		} else {
			dst = append(dst, tags[i])
		}
	}
	return append(dst, '"')
}

// The forms a message is framed in.
const (
	formChunked hub.Form = iota // SSE inside a chunk of HTTP/1.1
	formPlain                   // SSE as it is: HTTP/1.0, HTTP/2
	formText                    // a WebSocket text frame
)

// chunkDigits is the fixed width of a chunk's length, so that the frame can be written in place behind it. The largest
// message that may be configured is 16 MiB, and escapes may make it six times that.
const chunkDigits = 7

// encodeFrame is the hub's encoder.
func encodeFrame(f hub.Form, dst []byte, e hub.Event) []byte {
	m := e.Data.(*db.Message)
	switch f {
	case formChunked:
		return appendChunk(dst, func(dst []byte) []byte { return appendEvent(dst, m) })
	case formText:
		return appendTextFrame(dst, m)
	}
	return appendEvent(dst, m)
}

// appendEvent writes one event of the stream format, WHATWG HTML section 9.2.6.
func appendEvent(dst []byte, m *db.Message) []byte {
	dst = append(dst, "id: "...)
	dst = m.ID.Append(dst)
	dst = append(dst, "\nevent: message\ndata: "...)
	dst = appendMessage(dst, m, true)
	return append(dst, "\n\n"...)
}

// appendChunk writes a chunk of RFC 9112 section 7.1.
func appendChunk(dst []byte, body func([]byte) []byte) []byte {
	head := len(dst)
	dst = append(dst, "0000000\r\n"...)
	start := len(dst)
	dst = body(dst)
	n := len(dst) - start
	for i := chunkDigits - 1; i >= 0; i-- {
		dst[head+i] = hexDigits[n&15]
		n >>= 4
	}
	return append(dst, "\r\n"...)
}

// appendTextFrame writes an unmasked final text frame, RFC 6455 section 5.2.
func appendTextFrame(dst []byte, m *db.Message) []byte {
	const room = 10
	head := len(dst)
	dst = append(dst, "\x81........."...)
	dst = appendMessage(dst, m, true)
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

// wireMessage is a message as the API's struct.
func wireMessage(m *db.Message) (api.Message, error) {
	var out api.Message
	err := json.Unmarshal(appendMessage(nil, m, false), &out)
	return out, err
}
