package markdown

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

// PlainExcerpt is the start of a text on one line.
func PlainExcerpt(source string) string {
	runes := []rune(strings.Join(strings.Fields(upright.Replace(source)), " "))
	if len(runes) > excerptRunes {
		return string(runes[:excerptRunes]) + "…"
	}
	return string(runes)
}

// textSource is as much of a long Markdown text as is read for its plain form.
const textSource = 4000

var (
	item  = regexp.MustCompile(`<li>`)
	blank = regexp.MustCompile(`\n\s*\n\s*`)
)

// Text is the start of what a reader of Markdown sees, in lines, for places that show no markup.
func Text(source string) string {
	if len(source) > textSource {
		source = strings.ToValidUTF8(source[:textSource], "")
	}
	if !renderable(source) {
		return source
	}
	var b strings.Builder
	if err := converter().Convert([]byte(source), &b); err != nil {
		return source
	}
	out := item.ReplaceAllString(cell.ReplaceAllString(b.String(), " · "), "• ")
	return strings.TrimSpace(blank.ReplaceAllString(html.UnescapeString(markup.ReplaceAllString(out, "")), "\n"))
}

// Excerpt is the start of what a reader of Markdown sees, on one line: its first headings and the first block after
// them. The text is rendered and its elements dropped: the renderer alone knows which characters are marks.
func Excerpt(source string) string {
	source = strings.ToValidUTF8(source[:min(len(source), excerptSource)], "")
	if !renderable(source) {
		return PlainExcerpt(source)
	}
	var b strings.Builder
	for block := converter().Parser().Parse(text.NewReader([]byte(source))).FirstChild(); block != nil; block = block.NextSibling() {
		shown := block
		if block.Kind() == tables.KindTable {
			shown = block.FirstChild() // its header
		}
		if err := converter().Renderer().Render(&b, []byte(source), shown); err != nil {
			return PlainExcerpt(source)
		}
		if block.Kind() == ast.KindHeading && block.NextSibling() != nil {
			b.WriteString(" · ")
		} else if block.Kind() != ast.KindThematicBreak {
			break
		}
	}
	return PlainExcerpt(html.UnescapeString(markup.ReplaceAllString(cell.ReplaceAllString(b.String(), " · "), "")))
}
