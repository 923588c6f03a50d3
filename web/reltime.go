package web

import (
	"context"
	"strconv"
	"time"
)

const (
	absoluteForm = "2 Jan 2006, 15:04"
	dayForm      = "Monday 2 January 2006"
	ShortDay     = "2 Jan 2006"
)

// Ago is the distance between a moment and now in the largest unit that fits; days are those of the calendar, as headings count them.
func Ago(ctx context.Context, at time.Time) string {
	d := EnvOf(ctx).Now.Sub(at)
	if d < 0 {
		return Until(-d)
	}
	switch {
	case d < 45*time.Second:
		return "just now"
	case d < time.Hour:
		return Plural(max(1, whole(d, time.Minute)), "minute ago", "minutes ago")
	case d < 24*time.Hour:
		return Plural(whole(d, time.Hour), "hour ago", "hours ago")
	case d < 60*24*time.Hour:
		return Plural(max(1, calendarDays(Local(ctx, at), Local(ctx, EnvOf(ctx).Now))), "day ago", "days ago")
	}
	return Local(ctx, at).Format(ShortDay)
}

// calendarDays counts the midnights between two moments of one zone.
func calendarDays(from, to time.Time) int {
	noon := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	return int(noon(to).Sub(noon(from)) / (24 * time.Hour))
}

func Until(d time.Duration) string {
	switch {
	case d < time.Hour:
		return "in " + Plural(max(1, whole(d, time.Minute)), "minute", "minutes")
	case d < 24*time.Hour:
		return "in " + Plural(whole(d, time.Hour), "hour", "hours")
	}
	return "in " + Plural(whole(d, 24*time.Hour), "day", "days")
}

// whole rounds as static/app/time.js does, which keeps these texts fresh: a token of a year that was just made has 365 days left.
func whole(d, unit time.Duration) int { return int(d.Round(unit) / unit) }

func Local(ctx context.Context, at time.Time) time.Time { return at.In(EnvOf(ctx).Zone) }

// Absolute names the zone, because a page without script cannot know the reader's.
func Absolute(ctx context.Context, at time.Time) string {
	return Local(ctx, at).Format(absoluteForm + " MST")
}

func Shown(ctx context.Context, at time.Time) string {
	switch EnvOf(ctx).Dates {
	case "absolute":
		return Local(ctx, at).Format(absoluteForm)
	case "both":
		return Local(ctx, at).Format(absoluteForm) + " (" + Ago(ctx, at) + ")"
	}
	return Ago(ctx, at)
}

func Machine(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// relative says whether the script may keep the shown text fresh.
func relative(ctx context.Context) bool {
	d := EnvOf(ctx).Dates
	return d == "" || d == "relative"
}

func Clock(ctx context.Context, at time.Time) string { return Local(ctx, at).Format("15:04") }

func DayKey(ctx context.Context, at time.Time) string { return Local(ctx, at).Format("2006-01-02") }

func dayName(ctx context.Context, at time.Time) string {
	today := EnvOf(ctx).Now
	switch DayKey(ctx, at) {
	case DayKey(ctx, today):
		return "Today"
	case DayKey(ctx, Local(ctx, today).AddDate(0, 0, -1)):
		return "Yesterday"
	}
	return Local(ctx, at).Format(dayForm)
}

// brief is a distance for a narrow column.
func brief(ctx context.Context, at time.Time) string {
	d := EnvOf(ctx).Now.Sub(at)
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 24*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	case d < 7*24*time.Hour:
		return Local(ctx, at).Format("Mon")
	}
	return Local(ctx, at).Format("2 Jan")
}

// Soon is a moment that comes within days: the clock where it comes today.
func Soon(ctx context.Context, at time.Time) string {
	if DayKey(ctx, at) == DayKey(ctx, EnvOf(ctx).Now) {
		return Clock(ctx, at)
	}
	return Local(ctx, at).Format("Mon 2 Jan, 15:04")
}

// ShortDate is a day without its year, where that is the current one.
func ShortDate(ctx context.Context, at time.Time) string {
	at = Local(ctx, at)
	if at.Year() == Local(ctx, EnvOf(ctx).Now).Year() {
		return at.Format("2 Jan")
	}
	return at.Format(ShortDay)
}
