package markdown

import (
	"context"
	"html"
	"io"
	"strings"
	"unicode"

	"github.com/a-h/templ"
)

// Marked shows what a view of this package shows, with each place that holds the words marked. It finds them within one piece of
// text, whatever their case; nothing inside a tag is touched.
func Marked(view templ.Component, words string) templ.Component {
	if words == "" {
		return view
	}
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var b strings.Builder
		if err := view.Render(ctx, &b); err != nil {
			return err
		}
		_, err := io.WriteString(w, mark(b.String(), words))
		return err
	})
}

// MarkedLine is one line of text with the words marked.
func MarkedLine(text, words string) templ.Component {
	return Marked(templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, html.EscapeString(text))
		return err
	}), words)
}

func mark(markup, words string) string {
	want := lowered(words)
	var b strings.Builder
	for markup != "" {
		text, rest, tag := strings.Cut(markup, "<")
		markText(&b, text, want)
		if !tag {
			break
		}
		inside, after, closed := strings.Cut(rest, ">") // our renderers escape > in attributes
		b.WriteString("<" + inside)
		if closed {
			b.WriteByte('>')
		}
		markup = after
	}
	return b.String()
}

func markText(b *strings.Builder, escaped string, want []rune) {
	text := []rune(html.UnescapeString(escaped))
	have := make([]rune, len(text))
	for i, r := range text {
		have[i] = unicode.ToLower(r)
	}
	at, found := 0, false
	for i := 0; i+len(want) <= len(have); {
		if !begins(have[i:], want) {
			i++
			continue
		}
		found = true
		b.WriteString(html.EscapeString(string(text[at:i])) + "<mark>" + html.EscapeString(string(text[i:i+len(want)])) + "</mark>")
		i += len(want)
		at = i
	}
	if !found {
		b.WriteString(escaped)
		return
	}
	b.WriteString(html.EscapeString(string(text[at:])))
}

func begins(have, want []rune) bool {
	for i, r := range want {
		if have[i] != r {
			return false
		}
	}
	return true
}

func lowered(s string) []rune {
	out := []rune(s)
	for i, r := range out {
		out[i] = unicode.ToLower(r)
	}
	return out
}
