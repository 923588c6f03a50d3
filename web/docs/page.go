package docs

import (
	"embed"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

//go:embed *.md
var files embed.FS

// Page is one page of the documentation.
type Page struct {
	Slug, Title string
	Parts       []Part
	blocks      []Block
	sampled     bool // some of its code names SampleTopic
}

// Part is one heading of a page.
type Part struct{ ID, Title string }

// Block is a piece of a page: HTML of ours, or code to copy.
type Block struct{ HTML, Code string }

// base stands for the site's prefix in rendered pages, which are made once.
const base = "/-base-"

// serverURL is how the pages write the server's URL, and SampleTopic the topic of their examples. A reader sees this server
// and a topic of their own.
const (
	serverURL   = "$NOTIFER_URL"
	SampleTopic = "server-alerts"
	sampleURL   = "https://home.example/" + SampleTopic // where no shell reads the example
	appriseURL  = "jsons://home.example/" + SampleTopic // in the notation of Apprise
	localURL    = "http://localhost:8080"               // where the first page sets the URL
)

// Fits reports whether the examples of a page may be shown with another topic: those of the first page create theirs.
func (p Page) Fits() bool { return p.Slug != "start" && p.sampled }

// Blocks is the text of a page on a site with a path prefix and a public URL, and for a topic; each may be empty.
func (p Page) Blocks(prefix, public, topic string) []Block {
	if topic == "" || !p.Fits() {
		topic = SampleTopic
	}
	sample, own := public+"/"+topic, public
	if public == "" {
		public, sample, own = serverURL, sampleURL, localURL
	}
	markup := strings.NewReplacer(base, prefix, serverURL, html.EscapeString(public), sampleURL, html.EscapeString(sample), SampleTopic, html.EscapeString(topic))
	code := strings.NewReplacer(serverURL, public, localURL, own, sampleURL, sample, appriseURL, strings.Replace(sample, "http", "json", 1), SampleTopic, topic)
	out := make([]Block, len(p.blocks))
	for i, b := range p.blocks {
		out[i] = Block{HTML: markup.Replace(b.HTML), Code: code.Replace(b.Code)}
	}
	return out
}

func read(slug string) Page {
	source, err := files.ReadFile(file(slug))
	if err != nil {
		panic(err)
	}
	md := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	tree := md.Parser().Parse(text.NewReader(source))
	page := Page{Slug: slug}
	ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			page.note(n, source)
		}
		return ast.WalkContinue, nil
	})
	var b strings.Builder
	if err := md.Renderer().Render(&b, source, tree); err != nil {
		panic(err)
	}
	_, text, _ := strings.Cut(b.String(), "</h1>\n")
	// The corner of a table heads nothing.
	text = strings.ReplaceAll(text, "<th></th>", "<td></td>")
	// A table scrolls inside itself, so it must be reachable by keyboard.
	text = strings.ReplaceAll(text, "<table>", `<div class="wrap" tabindex="0" role="region" aria-label="Table"><table class="grid">`)
	text = strings.ReplaceAll(text, "</table>", "</table></div>")
	page.blocks = split(text)
	for _, b := range page.blocks {
		page.sampled = page.sampled || strings.Contains(b.Code, SampleTopic)
	}
	return page
}

// note collects the headings and makes links to other pages independent of where this one is served.
func (p *Page) note(n ast.Node, source []byte) {
	switch n := n.(type) {
	case *ast.Heading:
		title := string(n.Lines().Value(source))
		if n.Level == 1 {
			p.Title = title
		} else if id, ok := n.AttributeString("id"); ok && n.Level == 2 {
			p.Parts = append(p.Parts, Part{ID: string(id.([]byte)), Title: title})
		}
	case *ast.Link:
		n.Destination = []byte(served(string(n.Destination)))
	}
}

// served is where a link leads on a server. In the repository pages link to each other's files; here, to each other's paths.
func served(link string) string {
	if strings.Contains(link, ":") {
		return link
	}
	path, fragment, _ := strings.Cut(link, "#")
	if fragment != "" {
		fragment = "#" + fragment
	}
	if path == "../openapi/openapi.json" {
		return base + "/openapi.json"
	}
	if slug, isPage := strings.CutSuffix(path, ".md"); isPage {
		return base + "/docs/" + strings.ToLower(slug) + fragment
	}
	return link
}

var codeBlock = regexp.MustCompile(`(?s)<pre><code(?: class="language-[\w-]+")?>(.*?)\n?</code></pre>`)

// split takes the code out of a rendered page: its reader adds colours and a button that copies it.
func split(text string) []Block {
	var blocks []Block
	at := 0
	for _, m := range codeBlock.FindAllStringSubmatchIndex(text, -1) {
		blocks = append(blocks, Block{HTML: text[at:m[0]]}, Block{Code: html.UnescapeString(text[m[2]:m[3]])})
		at = m[1]
	}
	return append(blocks, Block{HTML: text[at:]})
}
