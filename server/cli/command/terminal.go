package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// terminal is an output that a person reads at a terminal. What is written to it has no effect but to be shown: names of
// files, texts of servers and of messages may hold sequences that drive the terminal.
type terminal struct{ *os.File }

// Write writes p with ? in place of control characters and of marks that change the order of letters.
func (t terminal) Write(p []byte) (int, error) {
	if _, err := io.WriteString(t.File, Plain(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Output is w, cleaned when it is a terminal.
func Output(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return terminal{f}
	}
	return w
}

// IsTerminal says whether a person is at the other end.
func IsTerminal(w any) bool {
	if _, ok := w.(terminal); ok {
		return true
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Child is what a command of the user's writes to, which may drive its terminal.
func Child(w io.Writer) io.Writer {
	if t, ok := w.(terminal); ok {
		return t.File
	}
	return w
}

// Paint writes a line in a colour at a terminal, and as it is elsewhere.
func Paint(w io.Writer, colour, line string) error {
	t, ok := w.(terminal)
	if !ok || colour == "" {
		_, err := fmt.Fprintln(w, line)
		return err
	}
	_, err := fmt.Fprintf(t.File, "%s%s\x1b[0m\n", colour, Plain(line))
	return err
}

// Plain is a text without effect on a terminal; its lines and tabs stay.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if drives(r) && r != '\n' && r != '\t' || r == unicode.ReplacementChar {
			return '?'
		}
		return r
	}, text)
}

// drives reports whether a character controls a terminal or the order of letters.
func drives(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// EncodeJSON is json.Marshal with every control character escaped: JSON itself leaves those above U+007E as they are.
func EncodeJSON(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", indent)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	if !bytes.ContainsFunc(b.Bytes(), func(r rune) bool { return drives(r) && r != '\n' }) {
		return b.Bytes(), nil
	}
	var out bytes.Buffer
	for _, r := range b.String() {
		if drives(r) && r != '\n' {
			fmt.Fprintf(&out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
	return out.Bytes(), nil
}
