package emoji_test

import (
	"strings"
	"testing"

	"notifer/server/manage/emoji"
)

func TestIs(t *testing.T) {
	for _, s := range []string{"🚨", "❤️", "☎", "🌡️", "👍🏽", "👨‍👩‍👧‍👦", "👩🏽‍🚀", "🏳️‍🌈", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#⃣", "↔️", "🫩", "©️", "‼️"} {
		if !emoji.Is(s) {
			t.Errorf("%q is an emoji", s)
		}
	}
	for _, s := range []string{"", "a", "bell", "🚨🚨", "🚨a", "a🚨", "\u200d", "🚨\u200d", "🇩", "🇩🇪🇩🇪", "🏽", "\ufe0f", "1", "12⃣", "<b>", "é", "漢", "€", "©\u200d", strings.Repeat("👩‍", 9)} {
		if emoji.Is(s) {
			t.Errorf("%q is one emoji", s)
		}
	}
}
