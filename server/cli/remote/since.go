package remote

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"notifer/server/config"
)

var messageID = regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{12}$`)

// parseSince turns --since into what the server understands. Days and dates are in this machine's time zone.
func parseSince(text string, now time.Time) (string, error) {
	text = strings.TrimSpace(text)
	midnight := func(days int) string {
		return time.Date(now.Year(), now.Month(), now.Day()+days, 0, 0, 0, 0, now.Location()).UTC().Format(time.RFC3339)
	}
	switch strings.ToLower(text) {
	case "", "all":
		return strings.ToLower(text), nil
	case "today":
		return midnight(0), nil
	case "yesterday":
		return midnight(-1), nil
	}
	if messageID.MatchString(text) {
		return text, nil
	}
	if n, err := strconv.ParseUint(text, 10, 63); err == nil { // seconds since 1970
		return strconv.FormatUint(n, 10), nil
	}
	if ago, ok := duration(text); ok { // by the server's clock
		return ago, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t.UTC().Format(time.RFC3339Nano), nil
		}
	}
	return "", config.Usagef("--since 2h", "invalid --since %q: use a duration such as 10m, 2h or 3d, today, yesterday, a date such as 2026-03-04, a time, a message id, or all", text)
}

// duration reads a duration, which may be in days or weeks.
func duration(text string) (string, bool) {
	for unit, days := range map[string]uint64{"d": 1, "w": 7} {
		if count, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.ParseUint(count, 10, 12)
			return strconv.FormatUint(n*days, 10) + "d", err == nil
		}
	}
	d, err := time.ParseDuration(text)
	return text, err == nil && d >= 0
}
