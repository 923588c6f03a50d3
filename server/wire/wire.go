// Package wire is Notifer's own protocol on the paths of topics: publishing, server-sent events, WebSockets and polling. Another
// dialect is a package beside it.
package wire

import (
	"time"

	"notifer/server/contract"
	"notifer/server/hub"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/stream"
	"notifer/server/wire/alertgroups"
)

// Wire answers in the protocol. Its handlers may be called from any goroutine.
type Wire struct {
	// immutable after New
	site    *request.Site
	manage  *manage.Manager
	hub     *hub.Hub
	streams *stream.Streams
	o       Options
	events  *stream.EventStream
	visible *stream.EventStream // events, with heartbeats that a script of a page can see
	texts   *stream.WebSocket
	shapes  *shapes
	groups  *alertgroups.Groups
}

// Options are what the protocol needs of the server.
type Options struct {
	// Published is called after each publish with the number of messages that it stored, and the time from its arrival to the disk.
	Published func(messages int, took time.Duration)
}

// New makes the protocol over a hub and its streams.
func New(s *request.Site, m *manage.Manager, h *hub.Hub, streams *stream.Streams, o Options) *Wire {
	// For some libraries a blank line ends an event even when it has no data: a heartbeat has none.
	events := stream.NewEventStream(stream.Dialect{
		ContentType: stream.EventStreamType,
		Event:       appendEvent(contract.AppendMessage),
		Managed:     appendEvent(contract.AppendManaged),
		Heartbeat:   ": keepalive\n",
		Goodbye:     map[hub.Reason]string{hub.Revoked: "event: revoked\ndata: revoked\n\n"},
	})
	return &Wire{site: s, manage: m, hub: h, streams: streams, o: o, events: events, visible: events.WithHeartbeat(aliveEvent),
		texts: stream.NewWebSocket(appendText(contract.AppendMessage), appendText(contract.AppendManaged)), shapes: newShapes(), groups: alertgroups.New(s.DB)}
}

// aliveEvent is a heartbeat for a page: its script cannot see a comment. It has no id, so the place to resume from stays.
const aliveEvent = "event: alive\ndata: {}\n\n"
