package cli

import (
	"context"
	"errors"
	"os"

	"golang.org/x/term"

	"notifer/server/cli/command"
)

// readHidden reads a line from a terminal without showing it. It is interrupted when ctx ends, and then leaves the terminal
// as it was.
func readHidden(ctx context.Context, f *os.File) ([]byte, error) {
	fd := int(f.Fd())
	was, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	text, err := command.Interruptible(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	if ctx.Err() != nil {
		err = errors.Join(err, term.Restore(fd, was))
	}
	return text, err
}
