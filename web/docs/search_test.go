package docs_test

import (
	"strings"
	"testing"

	"notifer/web/docs"
)

func text(list []docs.Piece) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.Text)
	}
	return b.String()
}

func TestSearchFindsSections(t *testing.T) {
	more := []docs.Section{docs.NewSection("API reference", "/docs/api#post-topic", "Publish a message", "POST /{topic}")}
	for query, want := range map[string]string{
		"trusted_proxies":   "/docs/proxies",
		"IDEMPOTENCY":       "/docs/publish",
		"heartbeat":         "/docs/",
		"POST /{topic} pub": "/docs/api#post-topic",
	} {
		hits := docs.Search(query, more)
		found := false
		for _, h := range hits {
			found = found || strings.HasPrefix(h.Path, want)
			marked := 0
			for _, p := range append(h.Title, h.Text...) {
				if p.Mark {
					marked++
				}
			}
			if marked == 0 {
				t.Errorf("Search(%q): nothing is marked in %s", query, h.Path)
			}
		}
		if !found {
			t.Errorf("Search(%q) = %v, want %s among them", query, hits, want)
		}
	}
}

// Whatever is asked for, nothing breaks and nothing of what was typed is read as a pattern.
func TestSearchOfOddWords(t *testing.T) {
	for _, query := range []string{"", "   ", "no-such-word-anywhere", ".*", "(", "\\", "İ", "é ß", strings.Repeat("a ", 500)} {
		for _, h := range docs.Search(query, nil) {
			if len(text(h.Text)) > 250 || text(h.Title) == "" {
				t.Errorf("Search(%.20q) = %d bytes of %q", query, len(text(h.Text)), text(h.Title))
			}
		}
	}
	if n := len(docs.Search("e", nil)); n == 0 || n > 30 {
		t.Errorf("Search(e) = %d hits, want 1 to 30", n)
	}
}

// A word of one letter is in every section. Whoever opens the documentation may ask for it.
func BenchmarkSearchOfOneLetter(b *testing.B) {
	docs.Search("e", nil)
	for b.Loop() {
		docs.Search("e", nil)
	}
}
