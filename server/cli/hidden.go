package cli

import (
	"os"

	"golang.org/x/term"
)

// readHidden reads a line from a terminal without showing it.
func readHidden(f *os.File) ([]byte, error) { return term.ReadPassword(int(f.Fd())) }
