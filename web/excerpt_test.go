package web_test

import (
	"strings"
	"testing"

	"notifer/web"
)

func TestMarkdownExcerpt(t *testing.T) {
	for source, want := range map[string]string{
		"# Report\n\n**412** files in _41_ min":                             "Report 412 files in 41 min",
		"see [the log](https://x.example) ![plot](https://x.example/p.png)": "see the log plot",
		"- one\n- `two`\n\n1. three":                                        "one two",
		"```sh\nrm -r *.tmp\n```\nend":                                      "rm -r *.tmp",
		"> quoted\n\n---\nend":                                              "quoted",
		`a \* b &amp; c_d_e < f "g" 'h' &copy;`:                             "a * b & c_d_e < f \"g\" 'h' ©",
		"<b>1</b> <https://x.example>":                                      "<b>1</b> https://x.example",
		strings.Repeat("ä", 200):                                            strings.Repeat("ä", 160) + "…",
		"x" + strings.Repeat("ä", 5000):                                     "x" + strings.Repeat("ä", 159) + "…",
	} {
		if got := web.MarkdownExcerpt(source); got != want {
			t.Errorf("MarkdownExcerpt(%q) = %q, want %q", source, got, want)
		}
	}
}

func TestLongMarkdownIsFoldedUnderPlainText(t *testing.T) {
	v := topicView()
	v.Messages = []web.Message{{ID: "a", At: noon, Markdown: true, Priority: 3, Text: "# Report\n" + strings.Repeat("- **x**\n", 20)}}
	page := render(t, someone(), web.TopicPage(v))
	if strings.Contains(page, "# Report") || !strings.Contains(page, "Report x x") {
		t.Error("the excerpt of a long message shows its Markdown")
	}
	page = render(t, someone(), web.DeleteMessagePage(web.DeleteMessage{Text: "**bold**", Markdown: true}))
	if strings.Contains(page, "**") {
		t.Error("the question before a message is deleted shows Markdown")
	}
}
