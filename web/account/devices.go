package account

import (
	"context"
	"strconv"
	"strings"
	"time"

	"notifer/web"
)

// Devices are the browsers that messages are pushed to.
type Devices struct {
	Devices []Device
}

// signedIn reports whether an account reads the page: a paired device sees itself only.
func signedIn(ctx context.Context) bool { return web.EnvOf(ctx).User != nil }

func devicesTitle(ctx context.Context) string {
	if signedIn(ctx) {
		return "Devices"
	}
	return "This device"
}

// DeviceForm is the form of one of them.
type DeviceForm struct {
	Device Device
	More   []string // topics of the account that it does not follow
	Form   web.Form // values: name, mute, quiet_from, quiet_to, another
}

// mute offers to mute the device; the first choice leaves that as it is.
func (v DeviceForm) mute() web.Choice {
	c := web.Choice{ID: "mute", Label: "Mute", Value: v.Form.Value("mute"), Options: []web.Option{
		{Value: "", Label: "Off"}, {Value: "1", Label: "For 1 hour"}, {Value: "8", Label: "For 8 hours"}, {Value: "168", Label: "For a week"}}}
	if v.Device.Muted {
		c.Options[0].Label = "Muted"
		c.Options = append(c.Options, web.Option{Value: "0", Label: "Stop muting"})
	}
	return c
}

// another offers the topics that the device does not follow.
func (v DeviceForm) another() web.Choice {
	c := web.Choice{ID: "another", Label: "Another topic", Value: v.Form.Value("another"), Options: []web.Option{{Label: "None"}}}
	for _, name := range v.More {
		c.Options = append(c.Options, web.Option{Value: name, Label: name})
	}
	return c
}

func leastName(p int) string {
	if p == 1 {
		return "Everything"
	}
	return web.PriorityName(p) + " and above"
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
