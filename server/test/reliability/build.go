package reliability

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Race, as a tag, stands for a build with the race detector, which needs a C compiler.
const Race = "race"

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
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-tags", tags, "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if slices.Contains(strings.Split(tags, ","), Race) {
		cmd = exec.Command("go", "build", "-race", "-o", path, ".")
	}
	cmd.Dir = strings.TrimSpace(string(root))
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
