package web_test

import (
	"strings"
	"testing"

	"notifer/server/test/htmltest"
	"notifer/web"
)

// TestEmptyInbox: nothing can be published to the inbox itself, so there is no command for it.
func TestEmptyInbox(t *testing.T) {
	v := web.Topic{Inbox: true, Manage: true}
	for words, beside := range map[string][]web.TopicRow{"Create a topic": nil, "Open a topic": rows()} {
		v.Beside = beside
		if page := render(t, someone(), web.InboxPage(v, "")); strings.Contains(page, "curl") || !strings.Contains(page, words) {
			t.Errorf("the empty inbox of somebody with %d topics shows a command, or not %q", len(beside), words)
		}
	}
}

func TestLongMarkdownIsFoldedUnderPlainText(t *testing.T) {
	v := topicView()
	v.Messages = []web.Message{{ID: "a", At: noon, Markdown: true, Priority: 3, Text: "# Report\n" + strings.Repeat("- **x**\n", 20)}}
	page := render(t, someone(), web.TopicPage(v))
	if strings.Contains(page, "# Report") || !strings.Contains(page, "Report · x x") {
		t.Error("the excerpt of a long message shows its Markdown")
	}
	page = render(t, someone(), web.DeleteMessagePage(web.DeleteMessage{Text: "**bold**", Markdown: true}))
	if strings.Contains(page, "**") {
		t.Error("the question before a message is deleted shows Markdown")
	}
}

// TestRemovedFilter: a list without one of its filters begins at its beginning, wherever the page was.
func TestRemovedFilter(t *testing.T) {
	v := web.Topic{Name: "nas", Search: web.Search{Text: "disk", Tag: "raid", After: "0c9k2m4p7r1t"}}
	page := htmltest.Parse(t, render(t, someone(), web.TopicPage(v)))
	var got []string
	for _, a := range page.All("a") {
		if a.Attrs["class"] == "chip on" {
			got = append(got, a.Attrs["href"])
		}
	}
	if want := "/topic/nas?tag=raid /topic/nas?q=disk"; strings.Join(got, " ") != want {
		t.Errorf("without a filter each: %q, want %q", got, want)
	}
}
