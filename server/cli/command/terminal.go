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

// terminal is an output to a terminal that only shows what is written to it: file names and the texts of servers and messages may
// contain sequences that control the terminal.
type terminal struct{ *os.File }

// Write writes p with ? for every control character and every mark that changes the order of letters.
func (t terminal) Write(p []byte) (int, error) {
	if _, err := io.WriteString(t.File, Plain(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Output is w; when that is a terminal, with control characters replaced.
func Output(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return terminal{f}
	}
	return w
}

// IsTerminal reports whether w is a terminal, wrapped by Output or not.
func IsTerminal(w any) bool {
	if _, ok := w.(terminal); ok {
		return true
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Child is the output for a command that the user has chosen, which may control the terminal.
func Child(w io.Writer) io.Writer {
	if t, ok := w.(terminal); ok {
		return t.File
	}
	return w
}

// Paint writes a line in a colour to a terminal, and without one elsewhere.
func Paint(w io.Writer, colour, line string) error {
	t, ok := w.(terminal)
	if !ok || colour == "" {
		_, err := fmt.Fprintln(w, line)
		return err
	}
	_, err := fmt.Fprintf(t.File, "%s%s\x1b[0m\n", colour, Plain(line))
	return err
}

// Plain replaces by ? what controls a terminal. Line ends and tabs stay.
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

// EncodeJSON is json.Marshal with indentation, a line end, and every control character escaped: encoding/json does not escape those above
// U+007E.
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
