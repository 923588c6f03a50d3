package frame

import (
	"strconv"
	"strings"
	"time"
)

// ParseDays reads a number of days; empty is zero.
func ParseDays(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(text)
	return time.Duration(n) * 24 * time.Hour, err == nil && n >= 1 && n <= 36500
}
