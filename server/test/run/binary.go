package run

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Build is one way to compile the program.
type Build struct {
	Name  string
	Flags func(root, dir string) ([]string, error) // more flags of `go build`; files it writes into dir stay there
	CGO   bool

	script string // makes the program at the path it is given, instead of go build
}

// Plain is the program as `go build -trimpath` makes it, or the ready one that NOTIFER_TEST_BINARY names.
var Plain = Build{Name: "plain"}

// Race has the race detector in it, which needs a C compiler.
var Race = Build{Name: "race", CGO: true, Flags: func(string, string) ([]string, error) { return []string{"-race"}, nil }}

// Release is what .ci/build makes, the form in which the program is installed and measured.
var Release = Build{Name: "release", script: ".ci/build"}

// made holds what this process has built, so that it asks the go command once.
var made sync.Map // Build.Name -> func() (string, error)

// Binary returns the path of the plain program.
func Binary(t testing.TB) string {
	t.Helper()
	return Plain.Path(t)
}

// Path returns the path of the program built this way.
func (b Build) Path(t testing.TB) string {
	t.Helper()
	path, err := b.path()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func (b Build) path() (string, error) {
	once, _ := made.LoadOrStore(b.Name, sync.OnceValues(b.make))
	return once.(func() (string, error))()
}

// make compiles the program in a directory that all test processes of this checkout share: the first one works, the others
// wait and find it done. What is returned is a copy with its content in its name, which a later build leaves alone.
func (b Build) make() (string, error) {
	if ready := os.Getenv("NOTIFER_TEST_BINARY"); ready != "" && b.Name == Plain.Name {
		return ready, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	dir, err := cacheDir(root, b.Name)
	if err != nil {
		return "", err
	}
	unlock, err := lock(dir)
	if err != nil {
		return "", err
	}
	defer unlock()
	built := filepath.Join(dir, "notifer")
	if err := b.compile(root, dir, built); err != nil {
		return "", err
	}
	prune(dir)
	return keep(dir, built)
}

func (b Build) compile(root, dir, target string) error {
	args := []string{"build", "-trimpath", "-o", target}
	if b.Flags != nil {
		more, err := b.Flags(root, dir)
		if err != nil {
			return err
		}
		args = append(args, more...)
	}
	cmd := exec.Command("go", append(args, ".")...)
	if b.script != "" {
		cmd = exec.Command("sh", b.script, target)
	}
	cmd.Dir = root
	if !b.CGO {
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build (%s): %w\n%s", b.Name, err, out)
	}
	return nil
}

// cacheDir is where a checkout keeps its builds of one kind, in the user's directory for caches.
func cacheDir(root, kind string) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		base = filepath.Join(os.TempDir(), "cache")
	}
	sum := sha256.Sum256([]byte(root))
	own := filepath.Join(base, "notifer-test", hex.EncodeToString(sum[:6]))
	dir := filepath.Join(own, kind)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	forgetCheckouts(filepath.Dir(own))
	return dir, os.WriteFile(filepath.Join(own, "checkout"), []byte(root), 0o600)
}

// forgetCheckouts deletes the builds of checkouts that are gone.
func forgetCheckouts(base string) {
	marks, _ := filepath.Glob(filepath.Join(base, "*", "checkout"))
	for _, mark := range marks {
		root, err := os.ReadFile(mark)
		if err != nil || len(root) == 0 {
			continue
		}
		if _, err := os.Stat(string(root)); errors.Is(err, os.ErrNotExist) {
			os.RemoveAll(filepath.Dir(mark))
		}
	}
}

// lock keeps other test processes out of the directory.
func lock(dir string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return func() { file.Close() }, nil
}

// keep copies the build to a directory named by its content.
func keep(dir, built string) (string, error) {
	file, err := os.Open(built)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	home := filepath.Join(dir, "built-"+hex.EncodeToString(sum.Sum(nil)[:8]))
	path := filepath.Join(home, "notifer")
	if _, err := os.Stat(path); err == nil {
		now := time.Now()
		return path, os.Chtimes(home, now, now)
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return "", err
	}
	text, err := os.ReadFile(built)
	if err == nil {
		err = os.WriteFile(path+".part", text, 0o700)
	}
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	return path, err
}

// prune deletes copies that no run has used for hours, all but the newest.
func prune(dir string) {
	copies, _ := filepath.Glob(filepath.Join(dir, "built-*"))
	age := func(path string) time.Duration {
		info, err := os.Stat(path)
		if err != nil {
			return 0
		}
		return time.Since(info.ModTime())
	}
	slices.SortFunc(copies, func(a, b string) int { return int((age(a) - age(b)).Seconds()) })
	for _, old := range copies[min(1, len(copies)):] {
		if age(old) > 3*time.Hour {
			os.RemoveAll(old)
		}
	}
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
