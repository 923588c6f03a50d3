package keys

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/static"
	"notifer/web"
	views "notifer/web/account"
)

// ShowWorker answers with the service worker, which has to live at the site's root to serve all of it.
func (p *Keys) ShowWorker(c *request.Call) error {
	c.W.Header().Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'")
	static.Serve(c.W, c.R, "sw.js")
	return nil
}

// ShowOffline answers with what the worker shows while the server cannot be reached.
func (p *Keys) ShowOffline(c *request.Call) error {
	return p.Render(c, http.StatusOK, web.OfflinePage())
}

// ShowDevices lists the browsers that messages are pushed to, and the paired devices. A paired one sees itself only.
func (p *Keys) ShowDevices(c *request.Call) error {
	list, err := p.DB.Devices(c.R.Context(), c.Reader().ID)
	if err != nil {
		return err
	}
	v := views.Devices{}
	at := map[string]int{}
	for _, d := range list {
		if c.Who.Paired() && d.KeyID != c.Who.Key().ID {
			continue
		}
		if d.KeyID != "" {
			at[d.KeyID] = len(v.Devices)
		}
		v.Devices = append(v.Devices, webDevice(d, p.DB.Now()))
	}
	if c.User() != nil {
		if err := p.addPaired(c, &v, at); err != nil {
			return err
		}
	}
	return p.Render(c, http.StatusOK, views.DevicesPage(v))
}

// addPaired says of the devices that are paired what their keys may, and adds those that get no pushes; at is where a key's
// device is in the list.
func (p *Keys) addPaired(c *request.Call, v *views.Devices, at map[string]int) error {
	keys, err := p.DB.Keys(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	names, err := p.DB.OwnTopicNames(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	sessions, err := p.DB.PairedSessions(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	for _, k := range keys {
		key := p.webKey(k, names)
		if !k.Paired || key.Status != api.Active {
			continue
		}
		s := sessions[k.ID]
		key.LastUsedAt = s.LastUsedAt
		i, there := at[k.ID]
		if !there {
			i = len(v.Devices)
			v.Devices = append(v.Devices, views.Device{ID: k.ID})
		}
		v.Devices[i].Name, v.Devices[i].Key = k.Name, &key
	}
	return nil
}

func webDevice(d db.Device, now time.Time) views.Device {
	v := views.Device{ID: d.ID, Name: d.Name, Push: true, Delivered: d.DeliveredAt, Failures: d.Failures, Failure: d.Failure, Failed: d.FailedAt,
		Muted: now.Before(d.MutedUntil), MutedUntil: d.MutedUntil, QuietFrom: dayTime(d.QuietFrom), QuietTo: dayTime(d.QuietTo)}
	for _, t := range d.Topics {
		v.Topics = append(v.Topics, views.DeviceTopic{Name: t.Topic, Least: t.Least})
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

// ownDevice is the device of the path, ErrNotFound unless it is the reader's.
func (p *Keys) ownDevice(c *request.Call) (db.Device, error) {
	d, err := p.DB.Device(c.R.Context(), c.R.PathValue("id"))
	if err == nil && (d.UserID != c.Reader().ID || c.Who.Paired() && d.KeyID != c.Who.Key().ID) {
		err = db.ErrNotFound
	}
	return d, err
}

// topicsOf is what a device follows.
func (p *Keys) topicsOf(c *request.Call, d db.Device) ([]db.DeviceTopic, error) {
	list, err := p.DB.Devices(c.R.Context(), d.UserID)
	if i := slices.IndexFunc(list, func(v db.Device) bool { return v.ID == d.ID }); i >= 0 {
		return list[i].Topics, err
	}
	return nil, err
}

// SubmitDeviceTest sends the device a push and shows the result.
func (p *Keys) SubmitDeviceTest(c *request.Call) error {
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

// ShowDevice is the form of a device that gets pushes.
func (p *Keys) ShowDevice(c *request.Call) error {
	d, err := p.ownDevice(c)
	if err == nil {
		d.Topics, err = p.topicsOf(c, d)
	}
	if err != nil {
		return err
	}
	f := web.Form{Values: map[string]string{"name": d.Name, "quiet_from": dayTime(d.QuietFrom), "quiet_to": dayTime(d.QuietTo)}}
	return p.deviceForm(c, http.StatusOK, d, f)
}

func (p *Keys) deviceForm(c *request.Call, status int, d db.Device, f web.Form) (err error) {
	v := views.DeviceForm{Device: webDevice(d, p.DB.Now()), Form: f}
	for i, t := range v.Device.Topics {
		if least, err := strconv.Atoi(f.Value("least_" + t.Name)); err == nil {
			v.Device.Topics[i].Least = least
		}
	}
	if c.User() != nil && d.KeyID == "" {
		if v.More, err = p.DB.OwnTopicNames(c.R.Context(), c.User().ID); err != nil {
			return err
		}
		v.More = slices.DeleteFunc(v.More, func(name string) bool {
			return slices.ContainsFunc(d.Topics, func(t db.DeviceTopic) bool { return t.Topic == name })
		})
	}
	return p.Render(c, status, views.DevicePage(v))
}

// SubmitDeviceEdit changes the name, the mute, the quiet hours and what the device follows.
func (p *Keys) SubmitDeviceEdit(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.ownDevice(c)
	if err == nil {
		d.Topics, err = p.topicsOf(c, d)
	}
	if err != nil {
		return err
	}
	if (f.Value("quiet_from") == "") != (f.Value("quiet_to") == "") {
		f = f.Wrong("quiet_from", "Quiet hours have a beginning and an end: fill in both, or neither.")
		return p.deviceForm(c, http.StatusUnprocessableEntity, d, f)
	}
	change := manage.DeviceChange{Name: f.Value("name"), QuietFrom: readDayTime(f.Value("quiet_from")), QuietTo: readDayTime(f.Value("quiet_to")), Zone: p.ReaderZone(c).String()}
	if hours, err := strconv.Atoi(f.Value("mute")); err == nil && hours >= 0 && hours <= int(manage.MaxMute/time.Hour) {
		mute := time.Duration(hours) * time.Hour
		change.Mute = &mute
	}
	if err := p.Manage.UpdateDevice(d, change); err != nil {
		return err
	}
	for _, t := range d.Topics {
		if least := f.Value("least_" + t.Topic); least != "" && least != strconv.Itoa(t.Least) {
			if err := p.follow(c, d, t.Topic, least); err != nil {
				return err
			}
		}
	}
	if name := f.Value("another"); name != "" {
		if err := p.follow(c, d, name, ""); err != nil {
			return err
		}
	}
	if p.Settings.Push != nil {
		p.Settings.Push.RightsChanged()
	}
	return p.SeeOther(c, "/devices", "flash.saved")
}

// SubmitDeviceTopic makes a device follow a topic from a priority on, or ends it with "least" 0.
func (p *Keys) SubmitDeviceTopic(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.ownDevice(c)
	if err != nil {
		return err
	}
	if err := p.follow(c, d, f.Value("topic"), f.Value("least")); err != nil {
		return err
	}
	return p.SeeOther(c, "/devices", "flash.saved")
}

// follow makes a device follow a topic from a priority on, or ends it with "0".
func (p *Keys) follow(c *request.Call, d db.Device, topic, least string) error {
	t, err := p.followed(c, topic)
	if err != nil {
		return err
	}
	if t == nil {
		return db.ErrNotFound
	}
	if least == "0" {
		err = p.DB.UnfollowTopic(d.ID, t.ID)
	} else {
		err = p.DB.FollowTopic(d.ID, t.ID, leastPriority(least))
	}
	if err == nil && p.Settings.Push != nil {
		err = p.Settings.Push.RefreshFollowers()
	}
	return err
}

// SubmitDeviceRemove ends all pushes to a device.
func (p *Keys) SubmitDeviceRemove(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	d, err := p.ownDevice(c)
	if err == nil {
		err = p.DB.DeleteDevice(d.UserID, d.ID)
	}
	if err != nil {
		return err
	}
	if p.Settings.Push != nil {
		if err := p.Settings.Push.RefreshFollowers(); err != nil {
			return err
		}
	}
	return p.SeeOther(c, "/devices", "flash.device.removed")
}
