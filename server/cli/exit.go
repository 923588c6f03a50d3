package cli

import (
	"errors"
	"fmt"
)

// The exit codes of every command; `notifer help exit-codes` explains them.
const (
	exitDone        = 0
	exitFailed      = 1 // it was tried and did not work
	exitUsage       = 2 // wrong arguments or configuration
	exitRefused     = 3 // the server refused: 401, 403 or 404
	exitUnreachable = 4 // no answer from the server
	exitInterrupted = 130
)

// UsageError is a mistake of the caller, with what to type next.
type UsageError struct {
	Msg string
	Try string
}

func (e *UsageError) Error() string { return e.Msg }

// usagef makes a UsageError; try is what to type next.
func usagef(try, format string, args ...any) error {
	return &UsageError{Msg: fmt.Sprintf(format, args...), Try: try}
}

// CodedError carries the exit code a command ends with.
type CodedError struct {
	Code int
	Err  error
}

func (e *CodedError) Error() string { return e.Err.Error() }
func (e *CodedError) Unwrap() error { return e.Err }

// exitCode maps an error to the process's exit code.
func exitCode(err error) int {
	var coded *CodedError
	var usage *UsageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &coded):
		return coded.Code
	case errors.As(err, &usage):
		return exitUsage
	}
	return exitFailed
}
