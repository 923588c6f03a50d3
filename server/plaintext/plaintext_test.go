package plaintext_test

import (
	"testing"

	"notifer/server/plaintext"
)

func TestCutKeepsCharactersWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"", 3, ""}, {"door", 0, ""}, {"door", 3, "doo"}, {"door", 4, "door"}, {"door", 9, "door"},
		{"né", 2, "n"}, {"né", 3, "né"}, {"🚪x", 3, ""}, {"🚪x", 4, "🚪"}, {"a\xff\xffb", 2, "a\xff"},
	} {
		if got := plaintext.Cut(c.text, c.n); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func TestShortenEndsWithAnEllipsis(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "door": "door", "doors": "doo…", "a b cd": "a b…", "éééé": "éééé"} {
		if got := plaintext.Shorten(text, 4); got != want {
			t.Errorf("Shorten(%q, 4) = %q, want %q", text, got, want)
		}
	}
}

func TestFirstCountsCharacters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "door": "door", "doors": "door", "é🚪日本x": "é🚪日本"} {
		if got := plaintext.First(text, 4); got != want {
			t.Errorf("First(%q, 4) = %q, want %q", text, got, want)
		}
	}
	if got := plaintext.First("door", 0); got != "" {
		t.Errorf("First of no characters = %q", got)
	}
}
