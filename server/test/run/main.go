// Package run builds the program and starts servers from it, for the tests that look at it from outside. Only tests import it.
// It knows the command line and the wire, no Go API of ours.
//
// The program is built once for all packages of a `go test ./...`, before any test's clock runs, and kept in the user's directory
// for caches (notifer-test/). All temporary files of a test process and its children are in one directory, which goes with it.
package run

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Main builds what the tests of a package need (the plain program when nothing else is named) and runs them. It is TestMain's body.
func Main(m *testing.M, builds ...Build) int {
	flag.Parse()
	remove, err := ownTemp()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer remove()
	if len(builds) == 0 {
		builds = []Build{Plain}
	}
	if flag.Lookup("test.list").Value.String() == "" {
		for _, b := range builds {
			if _, err := b.path(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
		}
	}
	return m.Run()
}

// Abreast lets n tests run at the same time where go test would let fewer: for packages whose tests wait more than they work.
// It is to be called before Main.
func Abreast(n int) {
	flag.Parse()
	parallel := flag.Lookup("test.parallel")
	if now, err := strconv.Atoi(parallel.Value.String()); err == nil && now < n && parallel.Value.String() == parallel.DefValue {
		parallel.Value.Set(strconv.Itoa(n))
	}
}

const tempPrefix = "notifer-test-"

// ownTemp makes the directory for temporary files of this process and its children, and removes those that processes which were
// killed have left behind.
func ownTemp() (remove func(), err error) {
	for _, old := range leftBehind() {
		os.RemoveAll(old)
	}
	dir, err := os.MkdirTemp("", tempPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, err
	}
	before := os.Getenv("TMPDIR")
	os.Setenv("TMPDIR", dir)
	return func() {
		os.RemoveAll(dir)
		os.Setenv("TMPDIR", before)
	}, nil
}

func leftBehind() []string {
	var old []string
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), tempPrefix+"*"))
	for _, dir := range dirs {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), tempPrefix), "-")
		if pid, err := strconv.Atoi(number); err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			old = append(old, dir)
		}
	}
	return old
}
