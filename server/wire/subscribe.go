package wire

import (
	"errors"
	"io"
	"net/http"

	"notifer/db"
	"notifer/server/request"
	"notifer/server/stream"
)

// SSE streams one topic as server-sent events, WHATWG HTML section 9.2.
func (w *Wire) SSE(c *request.Call) error {
	return w.serveSSE(c, []*db.Topic{c.Topic})
}

func (w *Wire) serveSSE(c *request.Call, topics []*db.Topic) error {
	if c.R.Method == http.MethodHead {
		w.events.SetHeaders(c.W.Header())
		return nil
	}
	place, err := w.resumePoint(c, topics)
	if err != nil {
		return err
	}
	events := w.events
	if c.Query.Get("heartbeat") == "event" {
		events = w.visible
	}
	o, err := w.streams.Open(c, topics, events)
	if errors.Is(err, db.ErrClosed) { // the stream ends as those that were open: at an error an EventSource gives up for good
		place.say(c)
		events.SetHeaders(c.W.Header())
		_, err = io.WriteString(c.W, place.opening())
	}
	if o == nil {
		return err
	}
	place.say(c)
	o.From, o.First = place.from, place.opening()
	return w.streams.Serve(c, events, o)
}

// WebSocket streams one topic over a WebSocket: each text frame is one message.
func (w *Wire) WebSocket(c *request.Call) error {
	if err := stream.CheckUpgrade(c); err != nil {
		return err
	}
	topics := []*db.Topic{c.Topic}
	place, err := w.resumePoint(c, topics)
	if err != nil {
		return err
	}
	o, err := w.streams.OpenWebSocket(c, topics, w.texts)
	if err != nil {
		return err
	}
	place.say(c)
	o.From = place.from
	return w.streams.ServeWebSocket(c, o)
}
