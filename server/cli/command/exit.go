package command

import (
	"errors"

	"notifer/server/config"
)

// The exit codes of every command; `notifer help exit-codes` explains them.
const (
	ExitDone        = 0
	ExitFailed      = 1  // the operation failed
	ExitUsage       = 2  // wrong arguments or configuration
	ExitRefused     = 3  // the server refused: 401, 403 or 404
	ExitUnreachable = 4  // no answer from the server
	ExitConfig      = 78 // wrong arguments or configuration of a server: Go ends a crash with 2
	ExitInterrupted = 130
)

// CodedError is an error with the exit code that the command ends with.
type CodedError struct {
	Code int
	Err  error
}

func (e *CodedError) Error() string { return e.Err.Error() }
func (e *CodedError) Unwrap() error { return e.Err }

// ExitCode maps an error to the process's exit code.
func ExitCode(err error) int {
	var coded *CodedError
	var usage *config.UsageError
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &coded):
		return coded.Code
	case errors.As(err, &usage):
		return ExitUsage
	}
	return ExitFailed
}
