// Package pages holds the HTML handlers. Each reads a form or a query, calls the packages below, and answers with a view of package web.
// Package manage decides what can be created and changed.
package pages

import (
	"time"

	"notifer/db"
	"notifer/server/hub"
	"notifer/server/pages/frame"
	"notifer/server/request"
)

// Hooks are the functions that pages need from packages that they do not import.
type Hooks struct {
	AppendMessage func([]byte, *db.Message) []byte       // as JSON
	Published     func(messages int, took time.Duration) // reports how many messages a publish stored, and how long it took
	DeleteMessage func(*request.Call, db.ID) error       // also from the buffers that streams are served from
	SetupJSON     func(*request.Call) error              // the setup as JSON
}

// Pages holds the handlers. Its methods may be called from any goroutine.
type Pages struct {
	// immutable after New
	*frame.Frame
	hub   *hub.Hub
	hooks Hooks
	began time.Time
}

// New returns the handlers.
func New(f *frame.Frame, h *hub.Hub, hooks Hooks) *Pages {
	return &Pages{Frame: f, hub: h, hooks: hooks, began: f.DB.Now()}
}
