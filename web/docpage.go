package web

import (
	"context"
	"embed"
	"html"
	"io"
	"regexp"
	"strconv"
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
	var b strings.Builder
	if err := md.Renderer().Render(&b, source, tree); err != nil {
		panic(err)
	}
	_, doc.html, _ = strings.Cut(b.String(), "</h1>\n")
	// The corner of a table heads nothing.
	doc.html = strings.ReplaceAll(doc.html, "<th></th>", "<td></td>")
	// A table scrolls inside itself, so it must be reachable by keyboard.
	doc.html = strings.ReplaceAll(doc.html, "<table>", `<div class="wrap" tabindex="0" role="region" aria-label="Table"><table class="grid">`)
	doc.html = strings.ReplaceAll(doc.html, "</table>", "</table></div>")
	n := 0
	doc.html = codeBlock.ReplaceAllStringFunc(doc.html, func(block string) string {
		n++
		return docCode(n, html.UnescapeString(codeBlock.FindStringSubmatch(block)[1]))
	})
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

var codeBlock = regexp.MustCompile(`(?s)<pre><code(?: class="language-[\w-]+")?>(.*?)\n?</code></pre>`)

// docCode is a block of code with colours and a copy button.
func docCode(n int, code string) string {
	var b strings.Builder
	if err := Snippet("code-"+strconv.Itoa(n), "Example "+strconv.Itoa(n), code).Render(context.Background(), &b); err != nil {
		panic(err)
	}
	return b.String()
}

// serverURL is how the pages write the server's URL. A reader sees the one of this server.
const serverURL = "$NOTIFER_URL"

// Body is the page's text. It is ours, so its markup is trusted.
func (d Doc) Body() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		text := strings.ReplaceAll(d.html, docBase, env(ctx).Base)
		if public := env(ctx).Public; public != "" {
			text = strings.ReplaceAll(text, serverURL, html.EscapeString(public))
		}
		_, err := io.WriteString(w, text)
		return err
	})
}
