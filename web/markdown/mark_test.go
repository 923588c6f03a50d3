package markdown

import (
	"strings"
	"testing"
)

func TestMarked(t *testing.T) {
	for _, c := range []struct {
		view, text, words, want string
	}{
		{"plain", "Disk full, disk slow", "disk", "<mark>Disk</mark> full, <mark>disk</mark> slow"},
		{"plain", "a <b> & c", "<b> &", "a <mark>&lt;b&gt; &amp;</mark> c"},
		{"plain", "see https://nas.example/disk?a=1&b=2", "DISK", `see <a href="https://nas.example/disk?a=1&amp;b=2"` + linkRel + `>https://nas.example/<mark>disk</mark>?a=1&amp;b=2</a>`},
		{"plain", "ÄRGER in İstanbul", "ärger", "<mark>ÄRGER</mark> in İstanbul"},
		{"plain", "nothing here", "p", "nothing here"},
		{"plain", "aaa", "aa", "<mark>aa</mark>a"},
		{"markdown", "The **disk** is `disk`", "disk", "<p>The <strong><mark>disk</mark></strong> is <code><mark>disk</mark></code></p>\n"},
		{"markdown", "a [link](https://x.example/\"disk>) disk", "disk", ""},
	} {
		view := Plain(c.text)
		if c.view == "markdown" {
			view = View(c.text)
		}
		var b strings.Builder
		if err := Marked(view, c.words).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); c.want != "" && got != c.want {
			t.Errorf("%s %q marked %q = %q, want %q", c.view, c.text, c.words, got, c.want)
		} else if strings.Count(got, "<mark>") != strings.Count(got, "</mark>") {
			t.Errorf("%q: unbalanced in %q", c.text, got)
		}
	}
}
