package web

import (
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

const (
	excerptRunes = 160
	// excerptSource is as much of a long Markdown text as is read for its excerpt.
	excerptSource = 2000
)

var (
	markup = regexp.MustCompile(`<[^>]*>`)
	cell   = regexp.MustCompile(`</t[hd]>\s*<t[hd]>`)
)

// Excerpt is the start of a text on one line.
func Excerpt(source string) string {
	runes := []rune(strings.Join(strings.Fields(source), " "))
	if len(runes) > excerptRunes {
		return string(runes[:excerptRunes]) + "…"
	}
	return string(runes)
}

// MarkdownExcerpt is the start of what a reader of Markdown sees, on one line: its first headings and the first block after
// them. The text is rendered and its elements dropped: the renderer alone knows which characters are marks.
func MarkdownExcerpt(source string) string {
	source = strings.ToValidUTF8(source[:min(len(source), excerptSource)], "")
	if !renderable(source) {
		return Excerpt(source)
	}
	var b strings.Builder
	for block := markdown().Parser().Parse(text.NewReader([]byte(source))).FirstChild(); block != nil; block = block.NextSibling() {
		shown := block
		if block.Kind() == tables.KindTable {
			shown = block.FirstChild() // its header
		}
		if err := markdown().Renderer().Render(&b, []byte(source), shown); err != nil {
			return Excerpt(source)
		}
		if block.Kind() != ast.KindHeading && block.Kind() != ast.KindThematicBreak {
			break
		}
	}
	return Excerpt(html.UnescapeString(markup.ReplaceAllString(cell.ReplaceAllString(b.String(), " · "), "")))
}

func excerpt(source string, markdown bool) string {
	if markdown {
		return MarkdownExcerpt(source)
	}
	return Excerpt(source)
}
