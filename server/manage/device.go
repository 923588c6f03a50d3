package manage

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/plaintext"
)

const (
	maxDevices    = 200 // of one account, paired ones among them
	maxDeviceName = 60  // characters
)

// MaxMute is the longest mute of a device: about a year.
const MaxMute = 366 * 24 * time.Hour

// AddDevice stores the subscription of a browser and makes it follow a topic from a priority on. Without a topic, a device of the
// account itself that follows nothing follows all topics of the account.
func (m *Manager) AddDevice(d *db.Device, topic *db.Topic, least int) error {
	if err := checkDevice(d); err != nil {
		return err
	}
	switch err := m.d.SaveDevice(d, maxDevices, numberedName); {
	case errors.Is(err, db.ErrLimit):
		return invalid("", "an account has at most %d devices: remove one first", maxDevices)
	case err != nil:
		return err
	}
	if topic != nil {
		return m.d.FollowTopic(d.ID, topic.ID, least)
	}
	if d.KeyID == "" {
		return m.d.FollowOwn(d.ID)
	}
	return nil
}

// RenewDevice replaces the subscription of a device, which it proves by the URL of the old one.
func (m *Manager) RenewDevice(old string, d *db.Device) error {
	if err := checkDevice(d); err != nil {
		return err
	}
	return m.d.RenewDevice(old, d)
}

// checkDevice brings the name into its canonical form and refuses keys that no push can be encrypted with, RFC 8291.
func checkDevice(d *db.Device) error {
	d.Name = deviceName(d.Name)
	if len(d.P256dh) != 65 || len(d.Secret) != 16 {
		return invalid("", "the subscription has no usable keys")
	}
	return nil
}

func deviceName(text string) string {
	if name := strings.TrimSpace(plaintext.First(plaintext.Line(text), maxDeviceName)); name != "" {
		return name
	}
	return "Browser"
}

// numberedName is the name of a device with a number behind it, within the bound of names.
func numberedName(name string, n int) string {
	number := " " + strconv.Itoa(n)
	return strings.TrimSpace(plaintext.First(name, maxDeviceName-len(number))) + number
}

// DeviceChange is what the owner of a device sets.
type DeviceChange struct {
	Name               string
	QuietFrom, QuietTo int // minutes of the day; one that is negative: no quiet hours
	Zone               string
	Mute               *time.Duration // from now; 0 ends it, nil and what is out of bounds leave it as it is
}

// UpdateDevice changes a device's name, quiet hours, time zone and mute.
func (m *Manager) UpdateDevice(d db.Device, v DeviceChange) error {
	d.Name, d.QuietFrom, d.QuietTo, d.Zone = deviceName(v.Name), v.QuietFrom, v.QuietTo, v.Zone
	if d.QuietFrom < 0 || d.QuietTo < 0 {
		d.QuietFrom, d.QuietTo = -1, -1
	}
	switch {
	case v.Mute == nil || *v.Mute < 0 || *v.Mute > MaxMute:
	case *v.Mute == 0:
		if now := m.now(); now.Before(d.MutedUntil) {
			d.MutedUntil = now // what came until then stays muted, also if it is still on its way
		}
	default:
		d.MutedUntil = m.now().Add(*v.Mute)
	}
	return m.d.UpdateDevice(d)
}
