// Package jsonslips makes JSON of what is nearly that, as scripts and other languages write it.
package jsonslips

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"notifer/server/shape"
)

// Correct makes JSON of what is nearly that: scripts put values into it without escaping them, and some languages print objects
// in a form of their own. what says which slips were corrected, and is empty for a text that is JSON already or cannot be made so.
// Nothing is left out of a text: where it could end in two places, the result is hardly ever JSON.
func Correct(text string) (corrected, what string) {
	text = strings.TrimSpace(text)
	if len(text) > maxCorrected || !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") || shape.Crowded(text) || json.Valid([]byte(text)) {
		return "", ""
	}
	c := corrector{in: text}
	for c.at < len(c.in) {
		c.value()
	}
	if len(c.slips) == 0 || !json.Valid(c.out.Bytes()) {
		return "", ""
	}
	return c.out.String(), strings.Join(c.slips, ", ") + " had to be corrected"
}

// maxCorrected is the size of what is corrected, a few times that of a message: a large text of control characters takes long.
const maxCorrected = 256 << 10

// corrector writes the text again, token by token.
type corrector struct {
	in    string
	at    int
	out   bytes.Buffer
	slips []string

	// of the text that is taken
	bare  bool // it has a backslash before a letter that it does not escape
	plain bool // its other backslashes stay too: it holds a path of Windows
}

func (c *corrector) slip(what string) {
	if !slices.Contains(c.slips, what) {
		c.slips = append(c.slips, what)
	}
}

// next is the first character from a place on that is no white space, 0 at the end.
func (c *corrector) next(from int) byte {
	for ; from < len(c.in); from++ {
		if strings.IndexByte(" \t\r\n", c.in[from]) < 0 {
			return c.in[from]
		}
	}
	return 0
}

// value takes what stands outside of texts.
func (c *corrector) value() {
	switch b := c.in[c.at]; {
	case b == '"' || b == '\'':
		c.text(b)
	case b == ',' && (c.next(c.at+1) == '}' || c.next(c.at+1) == ']'):
		c.slip("a comma after the last value")
		c.at++
	case isWord(b):
		c.word()
	default:
		c.out.WriteByte(b)
		c.at++
	}
}

func isWord(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b == '$' }

// foreignWords are values as other languages write them.
var foreignWords = map[string]string{"True": "true", "False": "false", "None": "null", "nil": "null", "undefined": "null", "NaN": "null", "Infinity": "null"}

// word takes a value in words, or a name without quotes.
func (c *corrector) word() {
	end := c.at
	for end < len(c.in) && (isWord(c.in[end]) || c.in[end] >= '0' && c.in[end] <= '9' || c.in[end] == '-') {
		end++
	}
	word := c.in[c.at:end]
	c.at = end
	switch other := foreignWords[word]; {
	case c.next(end) == ':':
		c.slip("a name without quotes")
		word = `"` + word + `"`
	case other != "":
		c.slip("the value " + word)
		word = other
	}
	c.out.WriteString(word)
}

// text takes a text. Where one backslash of it escapes no letter, \n and the like are no escapes either: C:\dir\new is a path.
func (c *corrector) text(quote byte) {
	at, length := c.at, c.out.Len()
	c.bare, c.plain = false, false
	if c.characters(quote); c.bare {
		c.at, c.plain = at, true
		c.out.Truncate(length)
		c.characters(quote)
	}
}

// characters takes those of a text up to the quote that ends it: the one that a separator follows.
func (c *corrector) characters(quote byte) {
	if quote == '\'' {
		c.slip("single quotes")
	}
	c.out.WriteByte('"')
	for c.at++; c.at < len(c.in); c.at++ {
		b := c.in[c.at]
		switch {
		case b == quote && strings.IndexByte(",:]}\x00", c.next(c.at+1)) >= 0:
			c.out.WriteByte('"')
			c.at++
			return
		case b == '"':
			c.slip("a quote inside a text")
			c.out.WriteString(`\"`)
		case b == '\\':
			c.escape(quote)
		case b < ' ':
			c.slip("a line end or control character inside a text")
			c.out.WriteString(`\u00`)
			c.out.WriteByte('0' + b>>4)
			c.out.WriteByte("0123456789abcdef"[b&15])
		default:
			c.out.WriteByte(b)
		}
	}
}

// escape takes a backslash and what it escapes.
func (c *corrector) escape(quote byte) {
	rest := c.in[c.at+1:]
	switch {
	case rest == "":
	case rest[0] == quote && quote == '\'':
		c.out.WriteByte('\'')
		c.at++
		return
	case strings.IndexByte(`"\/`, rest[0]) >= 0 || !c.plain && strings.IndexByte("bfnrt", rest[0]) >= 0:
		c.out.WriteString(`\` + rest[:1])
		c.at++
		return
	case len(rest) > 4 && rest[0] == 'u' && json.Valid([]byte(`"\`+rest[:5]+`"`)):
		c.out.WriteByte('\\')
		return
	}
	c.slip("a backslash before a character that needs none")
	c.bare = c.bare || rest != "" && isWord(rest[0])
	c.out.WriteString(`\\`)
}
