package web

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark-emoji/definition"
)

const (
	foldLines = 12
	foldRunes = 1500
)

// emoji splits tags into those that have a picture and those that stay words.
func emoji(tags []string) (pictures string, words []string) {
	known := definition.Github()
	for _, tag := range tags {
		if e, ok := known.Get(tag); ok && e.IsUnicode() {
			pictures += string(e.Unicode) + " "
			continue
		}
		words = append(words, tag)
	}
	return pictures, words
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

func long(text string) bool {
	_, rest, _ := fold(text)
	return rest != ""
}

func restLabel(lines int) string {
	if lines == 0 {
		return "Show more"
	}
	return "Show " + plural(lines, "more line", "more lines")
}

func priorityClass(p int) string { return "p" + strconv.Itoa(p) }

func priorityIcon(p int) string {
	switch p {
	case 5:
		return "chev2"
	case 4:
		return "chev1"
	case 2, 1:
		return "low"
	}
	return ""
}

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
