// Package clients_test follows streams with libraries that other people wrote, in their usual way, through a relay that cuts every
// connection. The libraries are in a package.json and in a Go module of their own beside this file.
package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"notifer/server/test/run"
)

// TestMain lets all libraries run at once: their tests wait most of the time.
func TestMain(m *testing.M) {
	run.Abreast(12)
	os.Exit(run.Main(m))
}

// unreachable is how npm and the go command say that they cannot fetch what they need.
var unreachable = regexp.MustCompile(`dial tcp|no such host|i/o timeout|connection refused|lookup disabled|server misbehaving|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENETUNREACH`)

// nodeReader installs the Node libraries in a directory that goes away with the tests.
var nodeReader = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "node")
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(dir, os.DirFS("node")); err != nil {
		return "", err
	}
	return filepath.Join(dir, "reader.mjs"), command(dir, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts")
})

// goReader builds the program of the Go module.
var goReader = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "golang")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "reader")
	return path, command("golang", "go", "build", "-o", path, ".")
})

type commandError struct {
	error
	output []byte
}

func (e *commandError) Error() string { return e.error.Error() + "\n" + string(e.output) }

func command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return &commandError{err, out}
	}
	return nil
}

// reader returns what starts a library's program, and skips the test where that cannot be had.
func reader(t *testing.T, language string) []string {
	t.Helper()
	made, before := goReader, []string(nil)
	if language == "node" {
		for _, program := range []string{"node", "npm"} {
			if _, err := exec.LookPath(program); err != nil {
				t.Skipf("skipped: %s is not installed", program)
			}
		}
		made, before = nodeReader, []string{"node"}
	}
	path, err := made()
	if err == nil {
		return append(before, path)
	}
	if unreachable.MatchString(err.Error()) {
		t.Skipf("skipped: the libraries cannot be fetched here: %v", err)
	}
	t.Fatal(err)
	return nil
}
