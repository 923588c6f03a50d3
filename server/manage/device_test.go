package manage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server/manage"
)

func TestDevices(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	m := manage.New(d, nil, manage.Rules{})
	owner := dbtest.Topic(t, d, "door").OwnerID
	device := func(endpoint string) *db.Device {
		return &db.Device{UserID: owner, Name: " My\n \u202e\x1bphone ", Endpoint: endpoint, P256dh: make([]byte, 65), Secret: make([]byte, 16), QuietFrom: -1, QuietTo: -1}
	}
	for name, bad := range map[string]*db.Device{"short key": {P256dh: make([]byte, 64), Secret: make([]byte, 16)}, "no secret": {P256dh: make([]byte, 65)}} {
		if m.AddDevice(bad, nil, 1) == nil || m.RenewDevice("", bad) == nil {
			t.Errorf("%s: taken", name)
		}
	}
	one := device("https://push.example/1")
	if err := m.AddDevice(one, nil, 1); err != nil || one.Name != "My phone" {
		t.Fatalf("AddDevice: %q, %v", one.Name, err)
	}
	day, tooLong := 24*time.Hour, 367*24*time.Hour
	for _, c := range []struct {
		change manage.DeviceChange
		want   string
	}{
		{manage.DeviceChange{Name: " ", QuietFrom: 60, QuietTo: -1, Mute: &day}, "Browser -1 -1 muted"},
		{manage.DeviceChange{Name: strings.Repeat("é", 70), QuietFrom: 1350, QuietTo: 420, Mute: &tooLong}, strings.Repeat("é", 60) + " 1350 420 muted"},
		{manage.DeviceChange{Name: "Phone", QuietFrom: -1, QuietTo: -1, Mute: new(time.Duration)}, "Phone -1 -1"},
	} {
		now, err := d.Device(t.Context(), one.ID)
		if err == nil {
			err = m.UpdateDevice(now, c.change)
		}
		if err == nil {
			now, err = d.Device(t.Context(), one.ID)
		}
		got := fmt.Sprintf("%s %d %d", now.Name, now.QuietFrom, now.QuietTo)
		if now.MutedUntil.After(d.Now()) {
			got += " muted"
		}
		if err != nil || got != c.want {
			t.Errorf("UpdateDevice(%+v): %q, %v, want %q", c.change, got, err, c.want)
		}
	}
	if now, err := d.Device(t.Context(), one.ID); err != nil || now.MutedUntil.IsZero() {
		t.Errorf("a mute that was ended is forgotten, %v: what came in it could still be pushed", err)
	}
}

// TestDeviceNamesDiffer: devices of one kind are numbered, and a number keeps within the bound of names.
func TestDeviceNamesDiffer(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	m := manage.New(d, nil, manage.Rules{})
	owner := dbtest.Topic(t, d, "door").OwnerID
	long := strings.Repeat("é", 58) + " x"
	for i, row := range []struct{ name, want string }{
		{"Phone", "Phone"}, {"Phone", "Phone 2"}, {"Phone 2", "Phone 2 2"}, {"Phone", "Phone 3"},
		{long, long}, {long, strings.Repeat("é", 58) + " 2"}, {long, strings.Repeat("é", 58) + " 3"},
		{long, strings.Repeat("é", 58) + " 4"}, {long, strings.Repeat("é", 58) + " 5"}, {long, strings.Repeat("é", 58) + " 6"}, {long, strings.Repeat("é", 58) + " 7"},
		{long, strings.Repeat("é", 58) + " 8"}, {long, strings.Repeat("é", 58) + " 9"}, {long, strings.Repeat("é", 57) + " 10"},
	} {
		v := &db.Device{UserID: owner, Name: row.name, Endpoint: fmt.Sprint("https://push.example/", i), P256dh: make([]byte, 65), Secret: make([]byte, 16), QuietFrom: -1, QuietTo: -1}
		if err := m.AddDevice(v, nil, 1); err != nil || v.Name != row.want {
			t.Errorf("%d: AddDevice names %q %q, %v, want %q", i, row.name, v.Name, err, row.want)
		}
	}
}
