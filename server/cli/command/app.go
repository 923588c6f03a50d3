// Package command is what all commands share: their streams, exit codes, rules of arguments, passwords that
// are typed, and output at a terminal.
package command

import (
	"fmt"
	"io"

	"notifer/server/config"
)

// App is what every command runs with: its streams, its environment and the flag that all commands share.
type App struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Env    config.Environment

	JSON bool // --json
}

// Terminal says whether the output is read by a person at a terminal.
func (a *App) Terminal() bool { return IsTerminal(a.Stdout) }

// Printf writes to the standard output.
func (a *App) Printf(format string, args ...any) { fmt.Fprintf(a.Stdout, format, args...) }

// PrintJSON writes one indented JSON value to the standard output.
func (a *App) PrintJSON(v any) error {
	text, err := EncodeJSON(v, "  ")
	if err != nil {
		return err
	}
	_, err = a.Stdout.Write(text)
	return err
}
