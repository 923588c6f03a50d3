package query_test

import (
	"net/url"
	"testing"
	"time"

	"notifer/db"
	"notifer/server/request/query"
)

func TestSince(t *testing.T) {
	now := time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"10m": now.Add(-10 * time.Minute), "1h30m": now.Add(-90 * time.Minute), "2d": now.AddDate(0, 0, -2), "1w": now.AddDate(0, 0, -7), "0s": now,
		"10": time.Unix(10, 0), "1774785600": time.Unix(1774785600, 0), "1774785600123": time.UnixMilli(1774785600123), "1774785600.25": time.Unix(1774785600, 0),
		"2026-03-28": time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), "2026-03-28T10:00": time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC),
		"2026-03-28 10:00:05": time.Date(2026, 3, 28, 10, 0, 5, 0, time.UTC), "2026-03-28T10:00:00+02:00": time.Date(2026, 3, 28, 8, 0, 0, 0, time.UTC),
		"2026-03-28T10:00:00 02:00": time.Date(2026, 3, 28, 8, 0, 0, 0, time.UTC), // a plus sign that was not escaped
		"2026-03-28T10:00:00Z":      time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC),
	} {
		if got, err := query.Since(text, now); err != nil || got != db.FirstID(want)-1 {
			t.Errorf("Since(%q) = %v, %v, want what comes from %v on", text, got, err, want)
		}
	}
	id := db.FirstID(now) + 7
	for text, want := range map[string]db.ID{id.String(): id, "all": 0, "ALL": 0, "0": 0, "1970-01-01": 0} {
		if got, err := query.Since(text, now); err != nil || got != want {
			t.Errorf("Since(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "-10m", "-1", "1.5.2", "65536d", "9999999999999999999", "2026-13-01", " ", "d", "w", "1e9"} {
		if got, err := query.Since(text, now); err == nil {
			t.Errorf("Since(%q) = %v, want an error", text, got)
		}
	}
}

func TestPage(t *testing.T) {
	for text, want := range map[string][2]int{
		"": {50, 0}, "limit=7": {7, 0}, "limit=1000": {100, 0}, "per_page=9": {9, 0}, "limit=5&per_page=9": {9, 0}, "offset=3": {50, 3},
		"page=1": {20, 0}, "page=3": {20, 40}, "page=3&per_page=10": {10, 20}, "page=2&limit=30": {30, 30}, "page=2&offset=5": {20, 5},
	} {
		q, _ := url.ParseQuery(text)
		if limit, offset, err := query.Page(q); err != nil || [2]int{limit, offset} != want {
			t.Errorf("Page(%q) = %d, %d, %v, want %v", text, limit, offset, err, want)
		}
	}
	for _, text := range []string{"limit=0", "limit=-1", "limit=x", "page=0", "page=1048577", "offset=-1", "offset=1073741825", "per_page=1.5"} {
		q, _ := url.ParseQuery(text)
		if limit, offset, err := query.Page(q); err == nil {
			t.Errorf("Page(%q) = %d, %d, want an error", text, limit, offset)
		}
	}
}
