package web

import (
	"context"
	"fmt"
)

const (
	sparkHeight = 28
	sparkStep   = 7
)

type bar struct{ x, y, height string }

// bars scales counts to a small chart; a day with anything in it is never invisible.
func bars(days []int) []bar {
	top := 1
	for _, n := range days {
		top = max(top, n)
	}
	out := make([]bar, len(days))
	for i, n := range days {
		h := n * (sparkHeight - 1) / top
		if n > 0 {
			h = max(h, 2)
		}
		h = max(h, 1)
		out[i] = bar{fmt.Sprint(i * sparkStep), fmt.Sprint(sparkHeight - h), fmt.Sprint(h)}
	}
	return out
}

func sparkBox(days []int) string {
	return fmt.Sprintf("0 0 %d %d", len(days)*sparkStep-2, sparkHeight)
}

// sparkLabel says in a sentence what the chart shows.
func sparkLabel(ctx context.Context, days []int, key string) string {
	total, most := 0, 0
	for _, n := range days {
		total += n
		most = max(most, n)
	}
	return Say(ctx, key, len(days), Number(total), Number(most))
}
