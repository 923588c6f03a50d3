package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"notifer/server/config"
)

// Password reads a password from a file, from standard input for "-", and from a terminal by default.
func (a *App) Password(ctx context.Context, file string) (string, error) {
	if file == "" && !IsTerminal(a.Stdin) {
		return "", config.Usagef("--password-file FILE, or --password-file - for the standard input", "a password is needed")
	}
	if file != "" && file != "-" {
		return config.ReadSecret(file)
	}
	text, err := a.typed(ctx)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return config.TrimSecret(string(text)), nil
}

// typed reads the standard input; at a terminal it asks twice and shows nothing of what is typed.
func (a *App) typed(ctx context.Context) ([]byte, error) {
	if !IsTerminal(a.Stdin) {
		return io.ReadAll(io.LimitReader(a.Stdin, 4096))
	}
	text, err := a.ask(ctx, "Password: ")
	if err != nil {
		return nil, err
	}
	again, err := a.ask(ctx, "Once more: ")
	if err == nil && !bytes.Equal(text, again) {
		err = errors.New("the two lines differ, nothing is changed")
	}
	return text, err
}

func (a *App) ask(ctx context.Context, question string) ([]byte, error) {
	fmt.Fprint(a.Stderr, question)
	defer fmt.Fprintln(a.Stderr)
	return readHidden(ctx, a.Stdin.(*os.File))
}

// readHidden reads a line from a terminal without showing it. It is interrupted when ctx ends, and then leaves the terminal
// as it was.
func readHidden(ctx context.Context, f *os.File) ([]byte, error) {
	fd := int(f.Fd())
	was, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	text, err := Interruptible(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	if ctx.Err() != nil {
		err = errors.Join(err, term.Restore(fd, was))
	}
	return text, err
}
