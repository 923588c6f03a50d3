package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"notifer/server/config"
)

// Password reads a password from a file, from standard input for "-", or from the terminal when file is empty. Without a terminal an
// empty file is a usage error.
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
	password := config.TrimSecret(string(text))
	if strings.ContainsAny(password, "\r\n") {
		return "", errors.New("the password has more than one line, which no sign-in form takes")
	}
	return password, nil
}

// typed reads the standard input. At a terminal it asks twice and does not show what is typed.
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
		err = errors.New("the passwords differ: nothing was changed")
	}
	return text, err
}

func (a *App) ask(ctx context.Context, question string) ([]byte, error) {
	fmt.Fprint(a.Stderr, question)
	defer fmt.Fprintln(a.Stderr)
	return readHidden(ctx, a.Stdin.(*os.File))
}

// readHidden reads a line from a terminal without showing it. When ctx ends, it restores the terminal and returns an error.
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
