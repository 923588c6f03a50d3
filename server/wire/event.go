package wire

import (
	"notifer/db"
	"notifer/server/api"
	"notifer/server/contract"
	"notifer/server/hub"
)

// appendEvent writes one event of the stream format, WHATWG HTML section 9.2.6. The id comes last: several libraries take it as they read
// its line, and would resume after an event that was cut behind it.
func appendEvent(write contract.AppendFunc) func([]byte, hub.Event) []byte {
	return func(dst []byte, e hub.Event) []byte { return appendEventAs(dst, e.Data.(*db.Message), write) }
}

func appendEventAs(dst []byte, m *db.Message, write contract.AppendFunc) []byte {
	dst = append(dst, "event: message\ndata: "...)
	dst = write(dst, m, api.ASCII)
	dst = append(dst, "\nid: "...)
	dst = m.ID.Append(dst)
	return append(dst, "\n\n"...)
}

// appendText writes the text of a WebSocket frame.
func appendText(write contract.AppendFunc) func([]byte, hub.Event) []byte {
	return func(dst []byte, e hub.Event) []byte { return write(dst, e.Data.(*db.Message), api.ASCII) }
}
