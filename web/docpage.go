package web

import (
	"context"
	"embed"
	"io"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

//go:embed docs/*.md docs/openapi.json
var docFiles embed.FS

// docOrder is the order in which the documentation is listed; the first page is what /docs shows.
var docOrder = []string{
	"start", "tokens", "publish", "receive", "recipes", "keys", "phones", "from-ntfy", "from-gotify",
	"install", "hosting", "proxies", "backup", "monitoring", "troubleshooting",
	"contract", "reliability", "performance", "security", "faq", "glossary", "changelog", "contributing",
}

// docFile names the file of a page. Those that a visitor of the repository looks for carry the usual upper-case names.
func docFile(slug string) string {
	switch slug {
	case "security", "changelog", "contributing":
		slug = strings.ToUpper(slug)
	}
	return "docs/" + slug + ".md"
}

// Doc is one page of the documentation.
type Doc struct {
	Slug, Title string
	Parts       []DocPart
	html        string
}

// Docs returns the documentation in its order.
var Docs = sync.OnceValue(func() []Doc {
	docs := make([]Doc, len(docOrder))
	for i, slug := range docOrder {
		docs[i] = readDoc(slug)
	}
	return docs
})

// FindDoc returns the page of that name.
func FindDoc(slug string) (Doc, bool) {
	for _, d := range Docs() {
		if d.Slug == slug {
			return d, true
		}
	}
	return Doc{}, false
}

// docBase stands for the site's prefix in rendered pages, which are made once.
const docBase = "/-base-"

func readDoc(slug string) Doc {
	source, err := docFiles.ReadFile(docFile(slug))
	if err != nil {
		panic(err)
	}
	md := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	tree := md.Parser().Parse(text.NewReader(source))
	doc := Doc{Slug: slug}
	ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			doc.note(n, source)
		}
		return ast.WalkContinue, nil
	})
	var html strings.Builder
	if err := md.Renderer().Render(&html, source, tree); err != nil {
		panic(err)
	}
	_, doc.html, _ = strings.Cut(html.String(), "</h1>\n")
	// The corner of a table heads nothing.
	doc.html = strings.ReplaceAll(doc.html, "<th></th>", "<td></td>")
	// A table and a code block scroll inside themselves, so they must be reachable by keyboard.
	doc.html = strings.ReplaceAll(doc.html, "<table>", `<div class="scroll" tabindex="0"><table>`)
	doc.html = strings.ReplaceAll(doc.html, "</table>", "</table></div>")
	doc.html = strings.ReplaceAll(doc.html, "<pre>", `<pre tabindex="0" translate="no">`)
	return doc
}

// note collects the headings and makes links to other pages independent of where this one is served.
func (d *Doc) note(n ast.Node, source []byte) {
	switch n := n.(type) {
	case *ast.Heading:
		title := string(n.Lines().Value(source))
		if n.Level == 1 {
			d.Title = title
		} else if id, ok := n.AttributeString("id"); ok && n.Level == 2 {
			d.Parts = append(d.Parts, DocPart{ID: string(id.([]byte)), Title: title})
		}
	case *ast.Link:
		// In the repository pages link to each other's files; here, to each other's paths.
		if to, isPage := strings.CutSuffix(string(n.Destination), ".md"); isPage && !strings.Contains(to, ":") {
			n.Destination = []byte(docBase + "/docs/" + strings.ToLower(to))
		}
	}
}

// Body is the page's text. It is ours, so its markup is trusted.
func (d Doc) Body() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, err := io.WriteString(w, strings.ReplaceAll(d.html, docBase, env(ctx).Base))
		return err
	})
}
