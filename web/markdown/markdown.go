// Package markdown renders what senders write: Markdown within bounds of time and memory, and plain text with its links. What
// comes out cannot act on its own: no markup of the sender's, no images, no address but those that a reader may follow.
package markdown

import (
	"context"
	"html"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	goldhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

const linkRel = ` rel="noopener noreferrer nofollow"`

var schemes = regexp.MustCompile(`(?i)^(https?|mailto|tel|sms|slack):`)

// SafeURL accepts the schemes a message may link to. Everything else could run script or reach
// into the reader's machine.
func SafeURL(address string) bool { return schemes.MatchString(address) }

var webAddress = regexp.MustCompile(`https?://[^\s<>"'` + "`" + `]*[^\s<>"'` + "`" + `.,;:!?)\]}]`)

// Plain shows a text as it is, with its web addresses made into links.
func Plain(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, linked(text))
		return err
	})
}

// upright takes out the characters that turn the text behind them around: by them "exe.png" is read where "gnp.exe" is written.
// Marks and isolates, which right-to-left text needs, stay.
var upright = strings.NewReplacer("\u202d", "", "\u202e", "")

func linked(text string) string {
	text = upright.Replace(text)
	var b strings.Builder
	at := 0
	for _, span := range webAddress.FindAllStringIndex(text, -1) {
		b.WriteString(html.EscapeString(text[at:span[0]]))
		address := html.EscapeString(text[span[0]:span[1]])
		b.WriteString(`<a href="` + address + `"` + linkRel + `>` + address + `</a>`)
		at = span[1]
	}
	b.WriteString(html.EscapeString(text[at:]))
	return b.String()
}

var converter = sync.OnceValue(func() goldmark.Markdown {
	table := extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)) // the others need style attributes
	return goldmark.New(
		goldmark.WithExtensions(extension.Linkify, extension.Strikethrough, table),
		goldmark.WithRendererOptions(goldhtml.WithHardWraps(), renderer.WithNodeRenderers(util.Prioritized(tame{}, 1))),
	)
})

// View renders a text whose markup stays text, whose images become links (an image would tell its host who reads the
// message), and whose headings do not disturb the outline of the page. What would take too long to render is shown as
// plain text.
func View(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, rendered.of(text))
		return err
	})
}

func render(text string) string {
	if !renderable(text) {
		return `<div class="text">` + linked(text) + "</div>"
	}
	text = upright.Replace(text)
	var b strings.Builder
	if err := converter().Convert([]byte(text), &b); err != nil { // a strings.Builder takes everything
		return `<div class="text">` + linked(text) + "</div>"
	}
	html := strings.ReplaceAll(b.String(), "<th></th>", "<td></td>") // an empty corner is not a header
	html = strings.ReplaceAll(html, "<table>", `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>`)
	return strings.ReplaceAll(html, "</table>", "</table></div>")
}

// tame replaces the renderers of everything that could act on its own.
type tame struct{}

func (t tame) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindRawHTML, t.rawHTML)
	r.Register(ast.KindHTMLBlock, t.htmlBlock)
	r.Register(ast.KindImage, t.image)
	r.Register(ast.KindLink, t.link)
	r.Register(ast.KindAutoLink, t.autoLink)
	r.Register(ast.KindHeading, t.heading)
}

func (tame) rawHTML(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		w.WriteString(html.EscapeString(string(n.(*ast.RawHTML).Segments.Value(source))))
	}
	return ast.WalkSkipChildren, nil
}

func (tame) htmlBlock(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := n.(*ast.HTMLBlock)
	text := string(block.Lines().Value(source))
	if block.HasClosure() {
		text += string(block.ClosureLine.Value(source))
	}
	w.WriteString("<p>" + html.EscapeString(text) + "</p>\n")
	return ast.WalkSkipChildren, nil
}

func (tame) image(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	return anchor(w, string(n.(*ast.Image).Destination), entering)
}

func (tame) link(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	return anchor(w, string(n.(*ast.Link).Destination), entering)
}

func anchor(w util.BufWriter, address string, entering bool) (ast.WalkStatus, error) {
	switch {
	case !SafeURL(address):
	case entering:
		w.WriteString(`<a href="` + html.EscapeString(address) + `"` + linkRel + `>`)
	default:
		w.WriteString("</a>")
	}
	return ast.WalkContinue, nil
}

func (tame) autoLink(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	link := n.(*ast.AutoLink)
	label, address := string(link.Label(source)), string(link.URL(source))
	if link.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(address), "mailto:") {
		address = "mailto:" + address
	}
	anchor(w, address, true)
	w.WriteString(html.EscapeString(label))
	return anchor(w, address, false)
}

func (tame) heading(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		w.WriteString("<p><strong>")
	} else {
		w.WriteString("</strong></p>\n")
	}
	return ast.WalkContinue, nil
}
