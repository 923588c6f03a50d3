// Package tokens holds the HTML handlers of a topic's access tokens.
package tokens

import (
	"net/http"

	"notifer/server/pages/frame"
)

// Tokens holds the handlers. Its methods may be called from any goroutine.
type Tokens struct {
	*frame.Frame  // immutable after New
	streamHeaders func(http.Header)
}

// New makes the handlers; streamHeaders are set on every event stream.
func New(f *frame.Frame, streamHeaders func(http.Header)) *Tokens {
	return &Tokens{Frame: f, streamHeaders: streamHeaders}
}
