package web

import (
	"strconv"
	"strings"
	"time"
)

// Devices are the browsers that messages are pushed to.
type Devices struct {
	On      bool   // web push is not switched off
	Key     string // the server's public key
	Devices []Device
}

// Device is one of them.
type Device struct {
	ID, Name           string
	Topics             []DeviceTopic
	Created, Delivered time.Time
	Failures           int // in a row
	Failure            string
	Failed             time.Time
	Muted              bool
	QuietFrom, QuietTo string // as 22:30, both empty without quiet hours
	Zone               string
}

// DeviceTopic is a topic that a device follows.
type DeviceTopic struct {
	Name  string
	Least int // priority
}

// about is what reaches a device, in a line.
func (d Device) about() string {
	var parts []string
	for i, t := range d.Topics {
		if i == 3 && len(d.Topics) > 4 {
			parts = append(parts, strconv.Itoa(len(d.Topics)-3)+" more topics")
			break
		}
		text := t.Name
		if t.Least > 1 {
			text += " (" + strings.ToLower(priorityName(t.Least)) + " and up)"
		}
		parts = append(parts, text)
	}
	out := strings.Join(parts, ", ")
	if out == "" {
		out = "No topics yet"
	}
	if d.QuietFrom != "" {
		out += " · quiet " + d.QuietFrom + " to " + d.QuietTo
	}
	return out
}

// glyph is a picture of the kind of device.
func (d Device) glyph() string {
	for _, word := range []string{"Android", "iPhone", "iPad", "iOS", "hone"} {
		if strings.Contains(d.Name, word) {
			return "phone"
		}
	}
	return "laptop"
}
