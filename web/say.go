package web

import (
	"context"
	"fmt"
	"strings"
)

// tables holds every text of the pages by message id. English is the only language yet; another
// one is another list of tables.
var tables = []map[string]string{wordsCommon, wordsHome, wordsTopic, wordsSettings, wordsTokens, wordsTokenCare, wordsAccount, wordsAdmin}

// Say is the text of a message id, with its arguments filled in. An unknown id is shown as it is:
// an odd page is better than none.
func Say(_ context.Context, key string, args ...any) string {
	for _, words := range tables {
		if text, ok := words[key]; ok {
			return fill(text, args)
		}
	}
	return key
}

func fill(text string, args []any) string {
	if len(args) == 0 || !strings.Contains(text, "%") {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// count is a number with the right form of its noun: the texts are KEY.one and KEY.many.
func count(ctx context.Context, key string, n int) string {
	if n == 1 {
		return Say(ctx, key+".one", "1")
	}
	return Say(ctx, key+".many", Number(n))
}

// Number is a count with separators between thousands.
func Number(n int) string {
	s := fmt.Sprint(n)
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return strings.Join(append([]string{s}, parts...), ",")
}

// Bytes is a size in the unit that suits it.
func Bytes(n int64) string {
	size, unit := float64(n), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if size < 1024 {
			break
		}
		size, unit = size/1024, next
	}
	if size >= 100 || unit == "B" {
		return fmt.Sprintf("%.0f %s", size, unit)
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}
