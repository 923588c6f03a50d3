package cli

import (
	"context"
	"errors"
	"os"

	"golang.org/x/term"
)

// readHidden reads a line from a terminal without showing it. It is interrupted when ctx ends, and then leaves the terminal
// as it was.
func readHidden(ctx context.Context, f *os.File) ([]byte, error) {
	fd := int(f.Fd())
	was, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	text, err := interruptible(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	if ctx.Err() != nil {
		err = errors.Join(err, term.Restore(fd, was))
	}
	return text, err
}

// errInterrupted ends a command that was waiting for somebody to type.
var errInterrupted = &CodedError{exitInterrupted, errors.New("interrupted")}

// interruptible returns what read does, or errInterrupted as soon as ctx ends: an interrupt does not end a read, which is
// then left behind for the end of the process.
func interruptible(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	var text []byte
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		text, err = read()
	}()
	select {
	case <-done:
		return text, err
	case <-ctx.Done():
		return nil, errInterrupted
	}
}
