// Package pages holds the HTML handlers: each reads a form or a query, asks below for what it needs, and answers with a
// view of package web. It decides nothing about what may be created or changed.
package pages

import (
	"time"

	"notifer/db"
	"notifer/server/hub"
	"notifer/server/pages/frame"
	"notifer/server/request"
)

// Hooks are what pages need of packages that they do not know.
type Hooks struct {
	AppendMessage func([]byte, *db.Message) []byte // as JSON
	Published     func(took time.Duration)         // a message was stored after so long
	DeleteMessage func(*request.Call, db.ID) error // also from the memory that streams are served from
	SetupJSON     func(*request.Call) error        // the setup as JSON
}

// Pages holds the handlers. Its methods may be called from any goroutine.
type Pages struct {
	// immutable after New
	*frame.Frame
	hub   *hub.Hub
	hooks Hooks
	began time.Time
}

// New makes the handlers.
func New(f *frame.Frame, h *hub.Hub, hooks Hooks) *Pages {
	return &Pages{Frame: f, hub: h, hooks: hooks, began: f.DB.Now()}
}
