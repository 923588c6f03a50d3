package web

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark-emoji/definition"

	"notifer/web/markdown"
)

const (
	foldLines = 12
	foldRunes = 1500
)

// label is a tag and how it is shown.
type label struct{ tag, shown string }

// emoji takes the first tag with a picture as the message's sign; the other tags are labels.
func emoji(tags []string) (picture string, labels []label) {
	known := definition.Github()
	for _, tag := range tags {
		e, ok := known.Get(tag)
		switch {
		case !ok || !e.IsUnicode():
			labels = append(labels, label{tag, tag})
		case picture == "":
			picture = string(e.Unicode)
		default:
			labels = append(labels, label{tag, string(e.Unicode)})
		}
	}
	return picture, labels
}

// messageIcon is the sign of a message without a picture of its own.
func messageIcon(priority int) string {
	switch priority {
	case 5:
		return "warn"
	case 4:
		return "high"
	}
	return "message"
}

// fold cuts a long text at a line: the head is shown, the rest on demand.
func fold(text string) (head, rest string, lines int) {
	all := strings.Split(text, "\n")
	if len(all) > foldLines+2 {
		return strings.Join(all[:foldLines], "\n"), strings.Join(all[foldLines:], "\n"), len(all) - foldLines
	}
	runes := []rune(text)
	if len(runes) > foldRunes+200 {
		return string(runes[:foldRunes]), string(runes[foldRunes:]), 0
	}
	return text, "", 0
}

// holds reports whether a text that is folded holds the words of a search.
func holds(text, words string) bool {
	return words != "" && strings.Contains(strings.ToLower(text), strings.ToLower(words))
}

func long(text string) bool {
	_, rest, _ := fold(text)
	return rest != ""
}

func restLabel(lines int) string {
	if lines == 0 {
		return "Show more"
	}
	return "Show " + Plural(lines, "more line", "more lines")
}

func priorityClass(p int) string { return "p" + strconv.Itoa(p) }

func linkTitle(l Link) string {
	if l.Title != "" {
		return l.Title
	}
	return "Open link"
}

// DeleteMessage is the message a reader is about to delete.
type DeleteMessage struct {
	Topic, ID, Text string
	Markdown        bool
}

func (m DeleteMessage) excerpt() string {
	if m.Markdown {
		return markdown.Excerpt(m.Text)
	}
	return markdown.PlainExcerpt(m.Text)
}
