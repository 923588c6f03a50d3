// Package run builds the notifer binary once per test process and starts servers from it, for the tests that
// look at the program from outside. Only tests import it. It knows the command line and the wire, no Go API of ours.
package run

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// build compiles main.go as `go build` does and says where the binary is. NOTIFER_TEST_BINARY names a ready one instead.
var build = sync.OnceValues(func() (string, error) {
	if ready := os.Getenv("NOTIFER_TEST_BINARY"); ready != "" {
		return ready, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "notifer-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "notifer")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// Binary returns the path of the built program; it is built on the first call. Main removes it.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Main runs the tests of a package and removes the binary they built; use it as TestMain's body.
func Main(m *testing.M) int {
	code := m.Run()
	if os.Getenv("NOTIFER_TEST_BINARY") == "" {
		if path, err := build(); err == nil {
			os.RemoveAll(filepath.Dir(path))
		}
	}
	return code
}

// Root returns the directory of go.mod.
func Root(t testing.TB) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
}
