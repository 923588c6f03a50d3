package config

import "fmt"

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
