package networks_test

import (
	"testing"

	"notifer/server/auth/networks"
)

func TestNetworksHaveOneSpelling(t *testing.T) {
	for text, want := range map[string]string{
		" 10.0.0.7 , 10.1.2.3/8": "10.0.0.7/32,10.0.0.0/8",
		"::ffff:10.0.0.7":        "10.0.0.7/32", // addresses are compared in this form
		"2001:db8::1":            "2001:db8::1/128",
	} {
		if got, err := networks.Canonical(text); err != nil || got != want {
			t.Errorf("Canonical(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
}
