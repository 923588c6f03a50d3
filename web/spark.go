package web

import (
	"context"
	"fmt"
	"math"
	"strconv"
)

const (
	sparkHeight = 28
	sparkStep   = 7
)

// bars draws counts as the outline of a small chart; a day with anything in it is never invisible.
func bars(days []int) string {
	top := 1
	for _, n := range days {
		top = max(top, n)
	}
	var path []byte
	for i, n := range days {
		h := n * (sparkHeight - 1) / top
		if n > 0 {
			h = max(h, 2)
		}
		h = max(h, 1)
		path = append(strconv.AppendInt(append(path, 'M'), int64(i*sparkStep), 10), ' ')
		path = strconv.AppendInt(path, int64(sparkHeight-h), 10)
		path = append(strconv.AppendInt(append(path, "h5v"...), int64(h), 10), "h-5z"...)
	}
	return string(path)
}

func sparkBox(days []int) string {
	return fmt.Sprintf("0 0 %d %d", len(days)*sparkStep-2, sparkHeight)
}

// sparkLabel says in a sentence what the chart shows; what is "messages" or "requests".
func sparkLabel(days []int, what string) string {
	total, most := 0, 0
	for _, n := range days {
		total += n
		most = max(most, n)
	}
	return fmt.Sprintf("%s %s in the last %d days, at most %s per day", Number(total), what, len(days), Number(most))
}

// Bar is one day of a chart: how much there was, and how much of it was refused.
type Bar struct {
	Name           string // of the day
	Count, Refused int
}

func (b Bar) label(what string) string {
	text := b.Name + ": " + Number(b.Count) + " " + what
	if b.Refused > 0 {
		text += ", " + Number(b.Refused) + " refused"
	}
	return text
}

// dayBars names the days of counts of which the newest is today's.
func dayBars(ctx context.Context, days []int) []Bar {
	out := make([]Bar, len(days))
	for i, n := range days {
		out[i] = Bar{Name: EnvOf(ctx).Now.UTC().AddDate(0, 0, i-len(days)+1).Format("2 Jan"), Count: n}
	}
	return out
}

// ceiling is the top of the axis: the next round number above every bar, even so that its half is whole.
func ceiling(days []Bar) int {
	most := 1
	for _, d := range days {
		most = max(most, d.Count)
	}
	for step := 1; ; step *= 10 {
		for _, n := range []int{2, 4, 6, 8, 10, 20} {
			if n*step >= most {
				return n * step
			}
		}
	}
}

// height is a bar's share of the chart; a day with anything in it is never invisible.
func height(n, top int) float64 {
	if n == 0 {
		return 0
	}
	return max(1.5, math.Round(float64(n)*1000/float64(top))/10)
}

// axis names the first day, two between and today.
func axis(days []Bar) []string {
	if len(days) < 4 {
		return nil
	}
	n := len(days) - 1
	return []string{days[0].Name, days[n/3].Name, days[2*n/3].Name, "Today"}
}

func chartLabel(days []Bar, what string) string {
	counts, refused := make([]int, len(days)), 0
	for i, d := range days {
		counts[i] = d.Count
		refused += d.Refused
	}
	text := sparkLabel(counts, what)
	if refused > 0 {
		text += "; " + Number(refused) + " refused"
	}
	return text
}
