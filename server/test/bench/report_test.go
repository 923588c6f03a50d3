package bench

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
)

// needLong skips a measurement in a plain run of the tests.
func needLong(t *testing.T) {
	t.Helper()
	if !*long {
		t.Skip("a measurement: run it with -long")
	}
}

// median sorts values in place.
func median[T cmp.Ordered](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// collect is the median over rounds of one figure each.
func collect[R any, T cmp.Ordered](rounds []R, figure func(R) T) T {
	values := make([]T, len(rounds))
	for i, r := range rounds {
		values[i] = figure(r)
	}
	return median(values)
}

// atLeast prints the bar and fails the test when the ratio is below it.
func atLeast(t *testing.T, name string, ratio, bar float64, detail string, args ...any) {
	t.Helper()
	verdict(t, ratio >= bar, name, fmt.Sprintf("%.3f (at least %.2f)", ratio, bar), detail, args...)
}

// atMost prints the bar and fails the test when the value is above it.
func atMost(t *testing.T, name string, value, bar float64, detail string, args ...any) {
	t.Helper()
	verdict(t, value <= bar, name, fmt.Sprintf("%.3f (at most %.2f)", value, bar), detail, args...)
}

func verdict(t *testing.T, pass bool, name, figure, detail string, args ...any) {
	t.Helper()
	word := "pass"
	if !pass {
		word = "MISS"
		t.Fail()
	}
	t.Logf("%s  %-46s %-28s %s", word, name, figure, fmt.Sprintf(detail, args...))
}

// noErrors fails on the first request that did not succeed.
func noErrors(t *testing.T, name string, l load) {
	t.Helper()
	if len(l.errors) > 0 {
		t.Fatalf("%s: %d connections failed, first: %v", name, len(l.errors), l.errors[0])
	}
	if l.sent == 0 {
		t.Fatalf("%s: nothing was sent", name)
	}
}
