package pages

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/static"
	"notifer/web"
)

const (
	maxDevices    = 50 // of one account
	maxDeviceName = 60
)

var errNoPush = &request.Problem{Status: http.StatusNotFound, Detail: "web push is switched off on this server"}

// ShowWorker answers with the service worker, which has to live at the site's root to serve all of it.
func (p *Pages) ShowWorker(c *request.Call) error {
	c.W.Header().Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'")
	static.Serve(c.W, c.R, "sw.js")
	return nil
}

// ShowDevices lists the browsers that messages are pushed to.
func (p *Pages) ShowDevices(c *request.Call) error {
	list, err := p.DB.Devices(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	v := web.Devices{On: p.Settings.Push != nil, Key: p.PushKey()}
	for _, d := range list {
		v.Devices = append(v.Devices, webDevice(d, p.DB.Now()))
	}
	return p.Render(c, http.StatusOK, web.DevicesPage(v))
}

func webDevice(d db.Device, now time.Time) web.Device {
	v := web.Device{ID: d.ID, Name: d.Name, Created: d.CreatedAt, Delivered: d.DeliveredAt, Failures: d.Failures, Failure: d.Failure, Failed: d.FailedAt,
		Muted: now.Before(d.MutedUntil), QuietFrom: dayTime(d.QuietFrom), QuietTo: dayTime(d.QuietTo), Zone: d.Zone}
	for _, t := range d.Topics {
		v.Topics = append(v.Topics, web.DeviceTopic{Name: t.Topic, Least: t.Least})
	}
	return v
}

// dayTime writes minutes of a day as a form does; empty for none.
func dayTime(minutes int) string {
	if minutes < 0 {
		return ""
	}
	return time.Time{}.Add(time.Duration(minutes) * time.Minute).Format("15:04")
}

func readDayTime(text string) int {
	t, err := time.Parse("15:04", text)
	if err != nil {
		return -1
	}
	return t.Hour()*60 + t.Minute()
}

// subscribed is what the page's script is told of its own device.
type subscribed struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// SubmitDevice stores the subscription of the browser that sends it, and the topic that it is to be told of, if it names one.
func (p *Pages) SubmitDevice(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if p.Settings.Push == nil {
		return errNoPush
	}
	d, err := p.readDevice(c, f)
	if err != nil {
		return err
	}
	topic, err := p.followed(c, f.Value("topic"))
	if err != nil {
		return err
	}
	err = db.ErrNotFound
	if old := f.Value("old"); old != "" {
		err = p.DB.RenewDevice(old, &d)
	}
	if errors.Is(err, db.ErrNotFound) {
		err = p.DB.SaveDevice(&d)
	}
	if err != nil {
		return err
	}
	if topic != nil {
		if err := p.DB.FollowTopic(d.ID, topic.ID, leastPriority(f.Value("least"))); err != nil {
			return err
		}
	}
	if err := p.Settings.Push.Changed(); err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, subscribed{d.ID, d.Name})
	return nil
}

// readDevice reads a subscription as PushSubscription.toJSON has it.
func (p *Pages) readDevice(c *request.Call, f web.Form) (db.Device, error) {
	d := db.Device{UserID: c.User().ID, Name: cleanDeviceName(f.Value("name")), Endpoint: f.Value("endpoint"), Base: p.Site.Link(c.R, ""), Zone: frame.BrowserZone(c)}
	if err := p.Settings.Push.Check(d.Endpoint); err != nil {
		return d, request.Unprocessable("the subscription leads to %v; an admin can add it to push.hosts", err)
	}
	var err, err2 error
	d.P256dh, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(f.Value("p256dh"), "="))
	d.Secret, err2 = base64.RawURLEncoding.DecodeString(strings.TrimRight(f.Value("auth"), "="))
	if err != nil || err2 != nil || len(d.P256dh) != 65 || len(d.Secret) != 16 {
		return d, request.Unprocessable("the subscription has no usable keys")
	}
	have, err := p.DB.Devices(c.R.Context(), d.UserID)
	if err == nil && len(have) >= maxDevices {
		return d, request.Unprocessable("an account has at most %d devices: remove one first", maxDevices)
	}
	return d, err
}

func cleanDeviceName(s string) string {
	if s = strings.Join(strings.Fields(clipRunes(s, maxDeviceName)), " "); s == "" {
		return "Browser"
	}
	return s
}

// leastPriority is the priority from which messages are pushed; 1 unless another is named.
func leastPriority(s string) int {
	if n, err := strconv.Atoi(s); err == nil && n >= 1 && n <= 5 {
		return n
	}
	return 1
}

// followed is a topic that the reader may read; nil for no name.
func (p *Pages) followed(c *request.Call, name string) (*db.Topic, error) {
	if name == "" {
		return nil, nil
	}
	t, err := p.DB.Topic(c.R.Context(), name)
	if err != nil {
		return nil, err
	}
	if t.OwnerID != c.User().ID && !c.User().IsAdmin && t.AccessLevel == db.Private {
		return nil, db.ErrNotFound
	}
	return &t, nil
}

// ownDevice is the device of the path, ErrNotFound unless it is the reader's.
func (p *Pages) ownDevice(c *request.Call) (db.Device, error) {
	d, err := p.DB.Device(c.R.Context(), c.R.PathValue("id"))
	if err == nil && d.UserID != c.User().ID {
		err = db.ErrNotFound
	}
	return d, err
}

// SubmitDeviceTest sends the device a push and tells how it went.
func (p *Pages) SubmitDeviceTest(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	if p.Settings.Push == nil {
		return errNoPush
	}
	d, err := p.ownDevice(c)
	if err != nil {
		return err
	}
	took, failure := p.Settings.Push.Test(c.R.Context(), d)
	if c.R.Header.Get("Accept") == "application/json" {
		out := map[string]any{"ok": failure == nil, "ms": took.Milliseconds()}
		if failure != nil {
			out["detail"] = failure.Error()
		}
		request.WriteJSON(c.W, http.StatusOK, out)
		return nil
	}
	if failure != nil {
		return p.SeeOther(c, "/devices", "flash.device.failed", failure.Error())
	}
	return p.SeeOther(c, "/devices", "flash.device.tested", d.Name)
}

// SubmitDeviceEdit changes the name, the mute and the quiet hours.
func (p *Pages) SubmitDeviceEdit(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.ownDevice(c)
	if err != nil {
		return err
	}
	d.Name, d.QuietFrom, d.QuietTo = cleanDeviceName(f.Value("name")), readDayTime(f.Value("quiet_from")), readDayTime(f.Value("quiet_to"))
	d.Zone = p.ReaderZone(c).String()
	if d.QuietFrom < 0 || d.QuietTo < 0 {
		d.QuietFrom, d.QuietTo = -1, -1
	}
	switch hours, err := strconv.Atoi(f.Value("mute")); {
	case err == nil && hours > 0 && hours <= 24*366:
		d.MutedUntil = p.DB.Now().Add(time.Duration(hours) * time.Hour)
	case f.Value("mute") == "0":
		d.MutedUntil = time.Time{}
	}
	if err := p.DB.UpdateDevice(d); err != nil {
		return err
	}
	return p.SeeOther(c, "/devices", "flash.saved")
}

// SubmitDeviceTopic makes a device follow a topic from a priority on, or ends it with "least" 0.
func (p *Pages) SubmitDeviceTopic(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.ownDevice(c)
	if err != nil {
		return err
	}
	t, err := p.followed(c, f.Value("topic"))
	if err != nil || t == nil {
		return errors.Join(err, db.ErrNotFound)
	}
	if f.Value("least") == "0" {
		err = p.DB.UnfollowTopic(d.ID, t.ID)
	} else {
		err = p.DB.FollowTopic(d.ID, t.ID, leastPriority(f.Value("least")))
	}
	if err == nil && p.Settings.Push != nil {
		err = p.Settings.Push.Changed()
	}
	if err != nil {
		return err
	}
	return p.SeeOther(c, "/devices", "flash.saved")
}

// SubmitDeviceRemove ends all pushes to a device.
func (p *Pages) SubmitDeviceRemove(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	if err := p.DB.DeleteDevice(c.User().ID, c.R.PathValue("id")); err != nil {
		return err
	}
	if p.Settings.Push != nil {
		if err := p.Settings.Push.Changed(); err != nil {
			return err
		}
	}
	return p.SeeOther(c, "/devices", "flash.device.removed")
}
