// Package cli is the command line: the command table, configuration and the wiring of serve.
package cli

import "io"

// Main runs one command and returns the process's exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int { return 0 }
