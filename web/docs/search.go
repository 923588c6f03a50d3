package docs

import (
	"cmp"
	"html"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Section is what stands under one heading of a page, as plain text.
type Section struct {
	Page, Path, Title string // title of the page; path with the heading's fragment; the heading
	text              string
}

// Hit is a section that has all words of a search.
type Hit struct {
	Page, Path string
	Title      []Piece
	Text       []Piece
}

// Piece is a run of text, which was searched for or not.
type Piece struct {
	Text string
	Mark bool
}

const (
	mostHits   = 30
	mostWords  = 8
	hitExcerpt = 180 // bytes of text around the first word found
)

// NewSection makes a section of a page that is not one of the documentation's own.
func NewSection(page, path, title, text string) Section { return Section{page, path, title, text} }

var (
	headings = regexp.MustCompile(`<h([23])(?: id="([^"]*)")?>(.*?)</h[23]>`)
	inline   = regexp.MustCompile(`</?(?:a|b|code|em|strong)(?: [^>]*)?>`)
	tags     = regexp.MustCompile(`<[^>]*>`)
	blanks   = regexp.MustCompile(`\s+`)
)

// sections are those of all pages, made once.
var sections = sync.OnceValue(func() []Section {
	var list []Section
	for _, p := range All() {
		var text strings.Builder
		for _, b := range p.blocks {
			text.WriteString(b.HTML)
			text.WriteString("<p>" + html.EscapeString(b.Code) + "</p>")
		}
		whole := text.String()
		path := "/docs/" + p.Slug
		title, at := p.Title, 0
		add := func(end int) {
			if plain := plainText(whole[at:end]); plain != "" || title == p.Title {
				list = append(list, Section{p.Title, path, title, plain})
			}
		}
		for _, m := range headings.FindAllStringSubmatchIndex(whole, -1) {
			add(m[0])
			title, at = plainText(whole[m[6]:m[7]]), m[1]
			if m[4] >= 0 {
				path = "/docs/" + p.Slug + "#" + whole[m[4]:m[5]]
			}
		}
		add(len(whole))
	}
	return list
})

func plainText(markup string) string {
	return strings.TrimSpace(blanks.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(inline.ReplaceAllString(markup, ""), " ")), " "))
}

// Search returns the sections that have all words of a text, in any letter case, the best first: at most 30. Words after the eighth are
// ignored. more are sections beside the documentation's own. The text must be valid UTF-8.
func Search(query string, more []Section) []Hit {
	words := strings.Fields(strings.ToLower(query))
	words = words[:min(len(words), mostWords)]
	if len(words) == 0 {
		return nil
	}
	type scored struct {
		Section
		score int
	}
	var found []scored
	for _, s := range slices.Concat(sections(), more) {
		if score := s.score(words); score > 0 {
			found = append(found, scored{s, score})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	hits := make([]Hit, min(len(found), mostHits))
	wanted := anyOf(words)
	for i := range hits {
		hits[i] = found[i].hit(words, wanted)
	}
	return hits
}

// score is 0 unless the section has every word; a word of the heading or of the page's title counts more than one of the text.
func (s Section) score(words []string) int {
	title, page, text := strings.ToLower(s.Title), strings.ToLower(s.Page), strings.ToLower(s.text)
	score := 0
	for _, w := range words {
		n := min(strings.Count(text, w), 5)
		if strings.Contains(title, w) {
			n += 20
		}
		if n == 0 {
			return 0
		}
		if strings.Contains(page, w) {
			n += 6
		}
		score += n
	}
	return score
}

// hit is the section with an excerpt around the first of the words; wanted matches any of them.
func (s Section) hit(words []string, wanted *regexp.Regexp) Hit {
	text := s.text
	first := -1
	for _, w := range words {
		if i := strings.Index(strings.ToLower(text), w); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	start := 0
	if first > hitExcerpt/3 {
		start = first - hitExcerpt/3
		if i := strings.IndexByte(text[start:], ' '); i >= 0 {
			start += i + 1
		}
	}
	for start > 0 && !utf8.RuneStart(text[min(start, len(text)-1)]) {
		start--
	}
	text = text[min(start, len(text)):]
	if len(text) > hitExcerpt {
		end := strings.LastIndexByte(text[:hitExcerpt], ' ')
		if end < hitExcerpt/2 {
			for end = hitExcerpt; !utf8.RuneStart(text[end]); end-- {
			}
		}
		text = text[:end] + " …"
	}
	if start > 0 {
		text = "… " + text
	}
	return Hit{Page: s.Page, Path: s.Path, Title: mark(s.Title, wanted), Text: mark(text, wanted)}
}

// anyOf matches any of the words, the longest that fits, in any letter case.
func anyOf(words []string) *regexp.Regexp {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = regexp.QuoteMeta(w)
	}
	slices.SortFunc(quoted, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return regexp.MustCompile("(?i)" + strings.Join(quoted, "|"))
}

// mark cuts a text at the words that were searched for.
func mark(text string, wanted *regexp.Regexp) []Piece {
	var out []Piece
	at := 0
	for _, m := range wanted.FindAllStringIndex(text, -1) {
		if m[0] > at {
			out = append(out, Piece{Text: text[at:m[0]]})
		}
		out = append(out, Piece{Text: text[m[0]:m[1]], Mark: true})
		at = m[1]
	}
	if at < len(text) {
		out = append(out, Piece{Text: text[at:]})
	}
	return out
}
