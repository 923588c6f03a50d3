package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// build makes the release binary once per run, or takes the one named by -notifer. It ends up in the directory
// that TestMain makes and removes.
var build = sync.OnceValues(func() (string, error) {
	if *program != "" {
		return filepath.Abs(*program)
	}
	path := filepath.Join(os.Getenv(scratchVariable), "notifer")
	cmd := exec.Command("sh", ".ci/build", path)
	cmd.Dir = filepath.Join("..", "..", "..")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})

// scratchVariable names the directory for the built binary.
const scratchVariable = "NOTIFER_BENCH_SCRATCH"

// withScratch runs f with a scratch directory in the environment.
func withScratch(f func() int) int {
	dir, err := os.MkdirTemp("", "notifer-bench")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	os.Setenv(scratchVariable, dir)
	return f()
}

// notiferCommand is the binary with arguments, ready to start.
func notiferCommand(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatalf("build notifer: %v", err)
	}
	return exec.Command(path, args...)
}
