// Command notifer is a notification server in one binary.
package main

import (
	"os"

	"notifer/server/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
