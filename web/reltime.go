package web

import (
	"context"
	"strconv"
	"time"
)

// The forms of dates, as package time writes them.
const (
	absoluteForm = "2 Jan 2006, 15:04"
	dayForm      = "Monday 2 January 2006"
	ShortDay     = "2 Jan 2006"
)

// Ago is the distance between a moment and now in the largest unit that fits, for a moment in the future as Until. Days are calendar days, as
// the headings of a feed count them.
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

// Until is a distance to a moment in the future, such as "in 3 days".
func Until(d time.Duration) string {
	switch {
	case d < time.Hour:
		return "in " + Plural(max(1, whole(d, time.Minute)), "minute", "minutes")
	case d < 24*time.Hour:
		return "in " + Plural(whole(d, time.Hour), "hour", "hours")
	}
	return "in " + Plural(whole(d, 24*time.Hour), "day", "days")
}

// whole rounds like static/app/time.js, which keeps these texts up to date: a token that was just created for a year has 365 days left.
func whole(d, unit time.Duration) int { return int(d.Round(unit) / unit) }

// Local is a moment in the reader's time zone.
func Local(ctx context.Context, at time.Time) time.Time { return at.In(EnvOf(ctx).Zone) }

// Absolute is a date and a time with the time zone.
func Absolute(ctx context.Context, at time.Time) string {
	return Local(ctx, at).Format(absoluteForm + " MST")
}

// Shown is a moment in the form that the reader prefers.
func Shown(ctx context.Context, at time.Time) string {
	switch EnvOf(ctx).Dates {
	case "absolute":
		return Local(ctx, at).Format(absoluteForm)
	case "both":
		return Local(ctx, at).Format(absoluteForm) + " (" + Ago(ctx, at) + ")"
	}
	return Ago(ctx, at)
}

// Machine is a moment for attributes that programs read: RFC 3339 in UTC.
func Machine(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// relative reports whether the text is a distance, which a script keeps up to date.
func relative(ctx context.Context) bool {
	d := EnvOf(ctx).Dates
	return d == "" || d == "relative"
}

// Clock is the time of day of a moment.
func Clock(ctx context.Context, at time.Time) string { return Local(ctx, at).Format("15:04") }

// DayKey is the day of a moment as 2006-01-02.
func DayKey(ctx context.Context, at time.Time) string { return Local(ctx, at).Format("2006-01-02") }

func dayName(ctx context.Context, at time.Time) string {
	today := EnvOf(ctx).Now
	switch DayKey(ctx, at) {
	case DayKey(ctx, today):
		return "Today"
	case DayKey(ctx, Local(ctx, today).AddDate(0, 0, -1)):
		return "Yesterday"
	}
	return dayDate(ctx, at)
}

func dayDate(ctx context.Context, at time.Time) string { return Local(ctx, at).Format(dayForm) }

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

// Soon is a moment within the next days: only the time of day if it is today.
func Soon(ctx context.Context, at time.Time) string {
	if DayKey(ctx, at) == DayKey(ctx, EnvOf(ctx).Now) {
		return Clock(ctx, at)
	}
	return Local(ctx, at).Format("Mon 2 Jan, 15:04")
}

// ShortDate is a day, without the year if that is the current one.
func ShortDate(ctx context.Context, at time.Time) string {
	at = Local(ctx, at)
	if at.Year() == Local(ctx, EnvOf(ctx).Now).Year() {
		return at.Format("2 Jan")
	}
	return at.Format(ShortDay)
}
