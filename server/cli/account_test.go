package cli_test

import (
	"testing"

	"notifer/db"
)

// TestPasswdAndTotpOff: a password that the command line sets is changed at the next sign-in, unless it is the person's own; a
// lost second factor is turned off.
func TestPasswdAndTotpOff(t *testing.T) {
	dir := t.TempDir()
	file := writeFile(t, "password", "correct horse battery")
	must := func(args ...string) {
		t.Helper()
		if code, _, errs := run(t, append(args, "--data-dir="+dir)...); code != 0 {
			t.Fatalf("%q = %d: %s", args, code, errs)
		}
	}
	must("user", "add", "ann@home.example", "--admin", "--password-file", file)
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ann := func() db.User {
		t.Helper()
		u, err := d.UserByLogin(t.Context(), "ann")
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for _, step := range []struct {
		args []string
		want bool
	}{{nil, true}, {[]string{"--own"}, false}, {[]string{"--revoke-keys"}, true}} {
		must(append([]string{"user", "passwd", "ann", "--password-file", file}, step.args...)...)
		if got := ann().MustChange; got != step.want {
			t.Errorf("user passwd %q: the password must be changed %v, want %v", step.args, got, step.want)
		}
	}
	u := ann()
	if err := d.EnableSecondFactor(&u, db.SecondFactor{Secret: []byte("12345678901234567890")}, nil, ""); err != nil {
		t.Fatal(err)
	}
	must("user", "totp-off", "ann")
	if ann().Factor {
		t.Error("the second factor is still on")
	}
	if code, _, _ := run(t, "user", "totp-off", "ann", "--data-dir="+dir); code != 2 {
		t.Errorf("totp-off of an account without a second factor = %d, want 2", code)
	}
	events, err := d.AccountEvents(t.Context(), db.EventFilter{User: u.ID, Limit: 10})
	if err != nil || len(events) < 2 || events[0].Verb != "account.second_factor_reset" || events[0].By.Name != "command line" {
		t.Errorf("the events are %+v, %v", events, err)
	}
}
