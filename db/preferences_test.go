package db

import "testing"

// TestPreferencesAreSavedWhole: when the devices of an account cannot follow its time zone, nothing of the preferences is stored.
func TestPreferencesAreSavedWhole(t *testing.T) {
	t.Parallel()
	d, u, _ := bounded(t)
	v := Device{UserID: u.ID, Name: "phone", Endpoint: "https://push.example/1", P256dh: []byte{1}, Secret: []byte{1}, Zone: "Europe/Berlin"}
	if err := d.SaveDevice(&v, 1, nil); err != nil {
		t.Fatal(err)
	}
	save := func(preferences, zone, wantPreferences, wantZone string) (err error) {
		t.Helper()
		err = d.SetPreferences(u.ID, preferences, zone)
		account, failed := d.User(t.Context(), u.ID)
		if failed != nil {
			t.Fatal(failed)
		}
		device, failed := d.Device(t.Context(), v.ID)
		if failed != nil {
			t.Fatal(failed)
		}
		if account.Preferences != wantPreferences || device.Zone != wantZone {
			t.Errorf("after SetPreferences(%q, %q) = %v the account has %q and its device %q, want %q and %q", preferences, zone, err,
				account.Preferences, device.Zone, wantPreferences, wantZone)
		}
		return err
	}
	if err := save("a", "Asia/Tokyo", "a", "Asia/Tokyo"); err != nil {
		t.Error(err)
	}
	if err := save("b", "", "b", "Asia/Tokyo"); err != nil {
		t.Error(err)
	}
	if err := d.write(func(tx *Tx) error {
		_, err := tx.exec("create trigger stuck before update of zone on device begin select raise(abort, 'stuck'); end")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := save("c", "Europe/Paris", "b", "Asia/Tokyo"); err == nil {
		t.Error("a device cannot be written, and SetPreferences does not fail")
	}
}
