package cli

import (
	"errors"

	"notifer/server/config"
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

// usagef makes a config.UsageError; try is what to type next.
func usagef(try, format string, args ...any) error {
	return config.Usagef(try, format, args...)
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
	var usage *config.UsageError
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
