//go:build !linux

package shape_test

import "time"

func processor(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}
