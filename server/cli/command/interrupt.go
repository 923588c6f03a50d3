package command

import (
	"context"
	"errors"
)

// errInterrupted ends a command that waits for input.
var errInterrupted = &CodedError{Code: ExitInterrupted, Err: errors.New("interrupted")}

// Interruptible returns the result of read, or errInterrupted as soon as ctx ends. An interrupt does not end a read of a terminal, so
// the goroutine that reads then stays until the process ends.
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
