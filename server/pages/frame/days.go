package frame

import (
	"strconv"
	"strings"
	"time"
)

// ChartDays is how many days a small chart shows.
const ChartDays = 14

// ChartStart is a time of the first day of a small chart that ends today. Days are those of UTC, as in the store: a local day may have 23
// or 25 hours.
func ChartStart(now time.Time) time.Time { return now.UTC().AddDate(0, 0, 1-ChartDays) }

// DayIndex is the place of a day in a list of n days that ends today, the oldest first; ok is false for a day that is not in it.
func DayIndex(day, now time.Time, n int) (i int, ok bool) {
	back := int(now.UTC().Truncate(24*time.Hour).Sub(day).Hours() / 24)
	return n - 1 - back, back >= 0 && back < n
}

// ParseDays reads a whole number of days from 1 to 36,500 as a form has it; empty is zero. ok is false for anything else.
func ParseDays(text string) (d time.Duration, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(text)
	return time.Duration(n) * 24 * time.Hour, err == nil && n >= 1 && n <= 36500
}
