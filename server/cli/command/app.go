// Package command is what all commands share: streams, exit codes, rules for arguments, the reading of passwords, and output on a
// terminal.
package command

import (
	"fmt"
	"io"

	"notifer/server/config"
)

// App is what every command runs with: its streams, its environment and the flag --json.
type App struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Env    config.Environment

	JSON bool // --json
}

// Terminal reports whether the standard output is a terminal.
func (a *App) Terminal() bool { return IsTerminal(a.Stdout) }

// Printf writes to the standard output. An output that cannot be written to is not reported.
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
