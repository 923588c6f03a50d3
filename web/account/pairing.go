package account

import (
	"strconv"
	"time"

	"notifer/web"
)

// NewPairing is the form for pairing a device.
type NewPairing struct {
	Form   web.Form // values: name, each chosen topic, topics (patterns), publish, own
	Topics []string
	Match  *Match
}

// Pairing is an offer to pair a device.
type Pairing struct {
	ID, Name   string
	URL, Code  string // empty when they were shown before
	Path       string // of the QR code, as the outline of an SVG of Size by Size; empty where the URL is too long for one
	Size       int
	Left       time.Duration
	Done, Over bool
}

// box is the view box of the QR code.
func (v Pairing) box() string { return "0 0 " + strconv.Itoa(v.Size) + " " + strconv.Itoa(v.Size) }

// seconds is how long the code still works.
func (v Pairing) seconds() string { return strconv.Itoa(max(0, int(v.Left/time.Second))) }

// JoinDevice is the page that a pairing's code leads to.
type JoinDevice struct {
	User    string // who is signed in on this browser
	Paired  bool   // it is a paired device
	Problem string
}
