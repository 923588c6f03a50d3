package command

import (
	"context"
	"errors"
)

// errInterrupted ends a command that was waiting for input.
var errInterrupted = &CodedError{Code: ExitInterrupted, Err: errors.New("interrupted")}

// Interruptible returns what read does, or errInterrupted as soon as ctx ends: an interrupt does not end a read, which is
// then left behind for the end of the process.
func Interruptible(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
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
