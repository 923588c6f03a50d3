package account

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"notifer/web"
)

// Devices are the browsers that messages are pushed to.
type Devices struct {
	Devices []Device
	Names   []string // of the account's topics
}

// more are the topics of the account that a device does not follow.
func (v Devices) more(d Device) []string {
	return slices.DeleteFunc(slices.Clone(v.Names), func(name string) bool {
		return slices.ContainsFunc(d.Topics, func(t DeviceTopic) bool { return t.Name == name })
	})
}

// ownReader asks whose device it is.
func ownReader(on bool) web.Check {
	return web.Check{ID: "own", Name: "own", Value: "1", On: on, Label: "This is my own device", Help: "What is read on it counts as read on your other devices."}
}

// Device is one of them.
type Device struct {
	ID, Name           string
	Push               bool // it gets pushes
	Key                *Key // of a paired device; nil otherwise
	Topics             []DeviceTopic
	Delivered          time.Time
	Failures           int // in a row
	Failure            string
	Failed             time.Time
	Muted              bool
	MutedUntil         time.Time
	QuietFrom, QuietTo string // as 22:30, both empty without quiet hours
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
			text += " (" + strings.ToLower(web.PriorityName(t.Least)) + " and above)"
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
	if d.Key != nil {
		return "phone"
	}
	for _, word := range []string{"Android", "iPhone", "iPad", "iOS", "hone"} {
		if strings.Contains(d.Name, word) {
			return "phone"
		}
	}
	return "laptop"
}
