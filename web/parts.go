package web

import (
	"context"
	"html"
	"io"
	"regexp"
	"strings"

	"github.com/a-h/templ"
)

// Tab is one of several sibling pages.
type Tab struct{ ID, Path, Name string }

func noticeIcon(kind string) string {
	switch kind {
	case "good":
		return "check"
	case "warn", "bad":
		return "warn"
	}
	return "info"
}

func accessIcon(access string) string {
	switch access {
	case "public":
		return "globe"
	case "protected":
		return "shield"
	}
	return "lock"
}

// marks of a line of code: a comment, the key of an object, a string, a URL, the name of a value. One rough grammar serves shell, YAML and the
// languages of the examples; what it does not know stays plain.
var codeMarks = regexp.MustCompile(`(?m)(^\s*(?:#|//).*$)|("[\w.-]+"\s*:)|("(?:[^"\\\n]|\\.)*"|'[^'\n]*')|((?:https?://|\$NOTIFER_URL)[^\s"'` + "`" + `;]+)|(^\s*(?:- )?[\w.-]+:(?:\s|$)|\b(?:import|from|for|if|func|package|const|return)\b)`)

// coloured shows code with its comments, strings, URLs and names marked.
func coloured(code string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		at := 0
		for _, m := range codeMarks.FindAllStringSubmatchIndex(code, -1) {
			b.WriteString(html.EscapeString(code[at:m[0]]))
			for i, class := range []string{"c", "k", "s", "u", "k"} {
				if m[2*i+2] >= 0 {
					b.WriteString(`<span class="` + class + `">` + html.EscapeString(code[m[0]:m[1]]) + "</span>")
				}
			}
			at = m[1]
		}
		b.WriteString(html.EscapeString(code[at:]))
		_, err := io.WriteString(w, b.String())
		return err
	})
}
