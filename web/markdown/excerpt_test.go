package markdown_test

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"notifer/web/markdown"
)

// TestNothingTurnsTextAround: what is drawn reads as it is written.
func TestNothingTurnsTextAround(t *testing.T) {
	for _, draw := range []func(string) templ.Component{markdown.Plain, markdown.View} {
		var b strings.Builder
		if err := draw("open \u202egnp.exe, \u2067שלום\u2069").Render(t.Context(), &b); err != nil || !strings.Contains(b.String(), "open gnp.exe, \u2067שלום\u2069") {
			t.Errorf("drawn as %q, %v", b.String(), err)
		}
	}
	if got := markdown.Excerpt("\u202dabc"); got != "abc" {
		t.Errorf("Excerpt = %q", got)
	}
}

func TestText(t *testing.T) {
	for source, want := range map[string]string{
		"# Report\n\n**412** files in _41_ min":            "Report\n412 files in 41 min",
		"- one\n- `two`\n\n1. three":                       "• one\n• two\n• three",
		"[the log](https://x.example) <b> &amp; c_d_e < f": "the log <b> & c_d_e < f",
		"```sh\nrm -r *.tmp\n```\nend":                     "rm -r *.tmp\nend",
		"| a | b |\n|---|---|\n| 1 | 2 |":                  "a · b\n1 · 2",
		"one\ntwo  \nthree":                                "one\ntwo\nthree",
		strings.Repeat("x", 3999) + "ä" + "more":           strings.Repeat("x", 3999),
	} {
		if got := markdown.Text(source); got != want {
			t.Errorf("Text(%q) = %q, want %q", source, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for source, want := range map[string]string{
		"# Report\n\n**412** files in _41_ min":                             "Report · 412 files in 41 min",
		"see [the log](https://x.example) ![plot](https://x.example/p.png)": "see the log plot",
		"- one\n- `two`\n\n1. three":                                        "one two",
		"```sh\nrm -r *.tmp\n```\nend":                                      "rm -r *.tmp",
		"> quoted\n\n---\nend":                                              "quoted",
		`a \* b &amp; c_d_e < f "g" 'h' &copy;`:                             "a * b & c_d_e < f \"g\" 'h' ©",
		"<b>1</b> <https://x.example>":                                      "<b>1</b> https://x.example",
		strings.Repeat("ä", 200):                                            strings.Repeat("ä", 160) + "…",
		"x" + strings.Repeat("ä", 5000):                                     "x" + strings.Repeat("ä", 159) + "…",
	} {
		if got := markdown.Excerpt(source); got != want {
			t.Errorf("Excerpt(%q) = %q, want %q", source, got, want)
		}
	}
}
