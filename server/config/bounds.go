package config

import (
	"errors"
	"fmt"
	"strings"
)

// withinBounds checks a duration or a size against the bounds of its setting. An empty value has none, and neither has a share of the disk.
func (s Setting) withinBounds() error {
	low, high, bounded := strings.Cut(s.bounds, " to ")
	if !bounded {
		return nil
	}
	var n, from, to int64
	var err error
	switch v := s.Value().(type) {
	case Duration:
		n = int64(v)
		from, to, err = spans(low, high)
	case Size:
		n = int64(v)
		from, to, err = sizes(low, high)
	case Space:
		n = v.Bytes()
		from, to, err = sizes(low, high)
	}
	if err == nil && n != 0 && (n < from || n > to) {
		err = fmt.Errorf("%s is not between %s and %s", s, low, high)
	}
	return err
}

func spans(low, high string) (from, to int64, err error) {
	var a, b Duration
	err = errors.Join(a.Set(low), b.Set(high))
	return int64(a), int64(b), err
}

func sizes(low, high string) (from, to int64, err error) {
	var a, b Size
	err = errors.Join(a.UnmarshalText([]byte(low)), b.UnmarshalText([]byte(high)))
	return int64(a), int64(b), err
}
