package reliability

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Kinds of binaries beside the plain one.
const (
	Race   = "race"   // with the race detector, which needs a C compiler
	Faulty = "faulty" // with the faults of package faults
)

// Builder makes notifer binaries, one per set of build tags and test run. Make one in TestMain and Remove it at the end.
type Builder struct {
	dir string

	mu    sync.Mutex
	built map[string]func() error
}

// NewBuilder keeps its binaries in a directory of its own.
func NewBuilder() (*Builder, error) {
	dir, err := os.MkdirTemp("", "notifer-reliability-")
	return &Builder{dir: dir, built: map[string]func() error{}}, err
}

// Remove deletes the binaries.
func (b *Builder) Remove() error { return os.RemoveAll(b.dir) }

// Binary returns the path of the binary built with the tags, building it on first use.
func (b *Builder) Binary(t testing.TB, tags ...string) string {
	t.Helper()
	list := strings.Join(tags, ",")
	path := filepath.Join(b.dir, "notifer-"+strings.Join(append(tags, "bin"), "-"))
	b.mu.Lock()
	build := b.built[list]
	if build == nil {
		build = sync.OnceValue(func() error { return compile(path, list) })
		b.built[list] = build
	}
	b.mu.Unlock()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return path
}

func compile(path, tags string) error {
	text, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return err
	}
	root := strings.TrimSpace(string(text))
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	switch tags {
	case Race:
		cmd = exec.Command("go", "build", "-race", "-o", path, ".")
	case Faulty:
		overlay, err := Overlay(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		cmd.Args = []string{"go", "build", "-overlay", overlay, "-o", path, "."}
	}
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
