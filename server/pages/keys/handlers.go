// Package keys holds the pages of API keys and devices: the browsers that messages are pushed to, and those that are paired, each
// of which is listed and revoked like the key that it has.
package keys

import (
	"notifer/server/pages/frame"
)

// Keys holds the handlers. Its methods may be called from any goroutine.
type Keys struct {
	// immutable after New
	*frame.Frame
}

// New makes the handlers.
func New(f *frame.Frame) *Keys { return &Keys{f} }
