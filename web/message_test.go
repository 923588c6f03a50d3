package web_test

import (
	"strings"
	"testing"

	"notifer/web"
)

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
