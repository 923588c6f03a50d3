package config

import "testing"

func TestSpace(t *testing.T) {
	for text, want := range map[string]Space{"": 0, "2GiB": 2 << 30, "50%": -50, "1 %": -1, "300": 300} {
		var s Space
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%q = %d, %v; want %d", text, s, err, want)
		}
	}
	for _, text := range []string{"0%", "100%", "-5%", "x%", "5.5%", "-1"} {
		var s Space
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q = %d, want an error", text, s)
		}
	}
	if d := Default().Retention.Size; d.Percent() != 50 || d.Bytes() != 0 || d.String() != "50%" {
		t.Errorf("the default is %d, %q; want half of the disk", d, d)
	}
}
