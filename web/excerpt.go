package web

import (
	"bytes"
	"regexp"
	"strings"
)

const (
	excerptRunes = 160
	// excerptSource is as much of a long Markdown text as is read for its excerpt.
	excerptSource = 2000
)

var (
	markup = regexp.MustCompile(`<[^>]*>`)
	// unescape is the reverse of what the renderers do, and no more: the table of all entities would weigh kilobytes.
	unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#34;", `"`, "&#39;", "'", "&amp;", "&")
)

// Excerpt is the start of a text on one line.
func Excerpt(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > excerptRunes {
		return string(runes[:excerptRunes]) + "…"
	}
	return string(runes)
}

// MarkdownExcerpt is the start of what a reader of Markdown sees, on one line. The text is rendered and its elements
// dropped: the renderer alone knows which characters are marks.
func MarkdownExcerpt(source string) string {
	source = strings.ToValidUTF8(source[:min(len(source), excerptSource)], "")
	var b bytes.Buffer
	if err := markdown().Convert([]byte(source), &b); err != nil {
		return Excerpt(source)
	}
	return Excerpt(unescape.Replace(markup.ReplaceAllString(b.String(), "")))
}

func excerpt(text string, markdown bool) string {
	if markdown {
		return MarkdownExcerpt(text)
	}
	return Excerpt(text)
}
