package web

import (
	"context"
	"strconv"
	"time"
)

const (
	absoluteForm = "2 Jan 2006, 15:04"
	dayForm      = "Monday 2 January 2006"
	shortDay     = "2 Jan 2006"
)

// ago is the distance between a moment and now in the largest unit that fits.
func ago(ctx context.Context, at time.Time) string {
	d := env(ctx).Now.Sub(at)
	if d < 0 {
		return until(-d)
	}
	switch {
	case d < 45*time.Second:
		return "just now"
	case d < time.Hour:
		return plural(max(1, whole(d, time.Minute)), "minute ago", "minutes ago")
	case d < 24*time.Hour:
		return plural(whole(d, time.Hour), "hour ago", "hours ago")
	case d < 60*24*time.Hour:
		return plural(whole(d, 24*time.Hour), "day ago", "days ago")
	}
	return local(ctx, at).Format(shortDay)
}

func until(d time.Duration) string {
	switch {
	case d < time.Hour:
		return "in " + plural(max(1, whole(d, time.Minute)), "minute", "minutes")
	case d < 24*time.Hour:
		return "in " + plural(whole(d, time.Hour), "hour", "hours")
	}
	return "in " + plural(whole(d, 24*time.Hour), "day", "days")
}

// whole rounds as app.js does, which keeps these texts fresh: a token of a year that was just made has 365 days left.
func whole(d, unit time.Duration) int { return int(d.Round(unit) / unit) }

func local(ctx context.Context, at time.Time) time.Time { return at.In(env(ctx).Zone) }

// absolute names the zone, because a page without script cannot know the reader's.
func absolute(ctx context.Context, at time.Time) string {
	return local(ctx, at).Format(absoluteForm + " MST")
}

func shown(ctx context.Context, at time.Time) string {
	switch env(ctx).Dates {
	case "absolute":
		return local(ctx, at).Format(absoluteForm)
	case "both":
		return local(ctx, at).Format(absoluteForm) + " (" + ago(ctx, at) + ")"
	}
	return ago(ctx, at)
}

func machine(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// relative tells the script whether it may keep the shown text fresh.
func relative(ctx context.Context) bool {
	d := env(ctx).Dates
	return d == "" || d == "relative"
}

func clock(ctx context.Context, at time.Time) string { return local(ctx, at).Format("15:04") }

func dayKey(ctx context.Context, at time.Time) string { return local(ctx, at).Format("2006-01-02") }

func dayName(ctx context.Context, at time.Time) string {
	today := env(ctx).Now
	switch dayKey(ctx, at) {
	case dayKey(ctx, today):
		return "Today"
	case dayKey(ctx, local(ctx, today).AddDate(0, 0, -1)):
		return "Yesterday"
	}
	return local(ctx, at).Format(dayForm)
}

// brief is a distance for a narrow column.
func brief(ctx context.Context, at time.Time) string {
	d := env(ctx).Now.Sub(at)
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 24*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	case d < 7*24*time.Hour:
		return local(ctx, at).Format("Mon")
	}
	return local(ctx, at).Format("2 Jan")
}

// shortDate is a day without its year, where that is the current one.
func shortDate(ctx context.Context, at time.Time) string {
	at = local(ctx, at)
	if at.Year() == local(ctx, env(ctx).Now).Year() {
		return at.Format("2 Jan")
	}
	return at.Format(shortDay)
}
