// Package security holds the pages of an account's second factor and of what happened to accounts. It decides nothing about
// what may be changed.
package security

import "notifer/server/pages/frame"

// Pages holds the handlers. Its methods may be called from any goroutine.
type Pages struct{ *frame.Frame }

// New makes the handlers.
func New(f *frame.Frame) *Pages { return &Pages{f} }
