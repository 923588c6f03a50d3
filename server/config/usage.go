package config

import (
	"fmt"
	"strings"
)

// UsageError is a mistake of the caller. Try is what to type next; it may be empty.
type UsageError struct {
	Msg string
	Try string
}

func (e *UsageError) Error() string { return e.Msg }

// Usagef returns a UsageError; try is what to type next.
func Usagef(try, format string, args ...any) error {
	return &UsageError{Msg: fmt.Sprintf(format, args...), Try: try}
}

// Passing is a fault at a start that may go away while the configuration stays: another program ends, or a disk is mounted.
type Passing struct{ Err error }

func (e *Passing) Error() string { return e.Err.Error() }

// Unwrap returns the fault.
func (e *Passing) Unwrap() error { return e.Err }

// ShellWord is a text as a shell takes it for one word: what an error says to type is pasted.
func ShellWord(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-:,=@%+", r) || r >= 0x80
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
