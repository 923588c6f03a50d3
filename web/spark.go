package web

import (
	"fmt"
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
