package remote

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"notifer/server/auth/secrets"
)

var colours = regexp.MustCompile("\x1b\\[[0-9;?]*[ -/]*[@-~]")

// readable is a command's output as text: valid UTF-8 without what controls a terminal.
func readable(text string) string {
	text = colours.ReplaceAllString(strings.ToValidUTF8(text, "\uFFFD"), "")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return '\uFFFD'
		}
		return r
	}, text)
	return strings.Trim(text, "\n")
}

// masked replaces tokens and keys by their hints. A shell prints them with set -x, and the server refuses a message with one.
func masked(text string) string {
	for _, secret := range secrets.Find(text) {
		text = strings.ReplaceAll(text, secret, secrets.Hint(secret))
	}
	return text
}

// lastBytes is the end of a text, at most n bytes, cut between characters.
func lastBytes(text string, n int) string {
	const mark = "…\n"
	if len(text) <= n {
		return text
	}
	text = text[len(text)-n+len(mark):]
	for len(text) > 0 && !utf8.RuneStart(text[0]) {
		text = text[1:]
	}
	return mark + text
}

// oneLine makes a title of a text.
func oneLine(text string) string {
	runes := []rune(strings.Join(strings.Fields(masked(readable(text))), " "))
	if len(runes) > titleRunes {
		runes = append(runes[:titleRunes-1], '…')
	}
	return string(runes)
}

// tail keeps the end of what is written to it. Two goroutines may write at once.
type tail struct {
	max int

	mu   sync.Mutex
	text []byte
}

// Write keeps p, and drops the oldest bytes in steps.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if len(t.text) > 2*t.max {
		t.text = append(t.text[:0], t.text[len(t.text)-t.max:]...)
	}
	return len(p), nil
}

// String returns the end of what was written, at most max bytes.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.text) > t.max {
		return string(t.text[len(t.text)-t.max:])
	}
	return string(t.text)
}
