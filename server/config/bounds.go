package config

import (
	"fmt"
	"math"
	"strings"
)

// withinBounds checks a duration or a size against the bounds of its setting. An empty value has none, and neither has a share of the disk.
// Only what does harm has a bound: a server must start with any other value that an earlier one accepted.
func (s Setting) withinBounds() error {
	low, high, both := strings.Cut(s.bounds, " to ")
	if low == "" {
		return nil
	}
	from, n, err := s.measure(low)
	to := int64(math.MaxInt64)
	if err == nil && both {
		to, _, err = s.measure(high)
	}
	switch {
	case err != nil || n == 0 || n >= from && n <= to:
		return err
	case both:
		return fmt.Errorf("%s is not between %s and %s", s, low, high)
	}
	return fmt.Errorf("%s is less than %s", s, low)
}

// measure returns a bound and the value in the unit of the setting, nanoseconds or bytes.
func (s Setting) measure(bound string) (limit, n int64, err error) {
	if v, ok := s.Value().(Duration); ok {
		var d Duration
		err = d.Set(bound)
		return int64(d), int64(v), err
	}
	var size Size
	err = size.UnmarshalText([]byte(bound))
	switch v := s.Value().(type) {
	case Size:
		n = int64(v)
	case Space:
		n = v.Bytes()
	}
	return int64(size), n, err
}

// boundsHelp is what the description of a setting says about its bounds.
func boundsHelp(bounds string) string {
	switch {
	case bounds == "":
		return ""
	case strings.Contains(bounds, " to "):
		return "; from " + bounds
	}
	return "; at least " + bounds
}
