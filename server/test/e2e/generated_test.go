package e2e_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// tracked lists the files under version control; outside a checkout the test that asks is skipped.
func tracked(t *testing.T) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-z")
	cmd.Dir = run.Root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("not a git checkout: %v", err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// TestGeneratedFilesAreFresh runs the pinned generator over a copy of web's templates and compares what it writes
// with the committed files, in both directions.
func TestGeneratedFilesAreFresh(t *testing.T) {
	t.Parallel()
	templates := t.TempDir()
	committed := map[string][]byte{}
	for _, path := range tracked(t) {
		text, err := os.ReadFile(filepath.Join(run.Root(t), path))
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasSuffix(path, "_templ.go"):
			committed[path] = text
		case strings.HasSuffix(path, ".templ"):
			write(t, filepath.Join(templates, path), text)
		}
	}
	if len(committed) == 0 {
		t.Skip("no generated files yet")
	}
	generate(t, filepath.Join(templates, "web")) // the generated code names its template relative to this directory
	for path, text := range committed {
		fresh, err := os.ReadFile(filepath.Join(templates, path))
		if err != nil {
			t.Errorf("%s has no template", path)
		} else if !bytes.Equal(fresh, text) {
			t.Errorf("%s is stale. Try: go generate ./...", path)
		}
		os.Remove(filepath.Join(templates, path))
	}
	filepath.WalkDir(templates, func(path string, _ os.DirEntry, _ error) error {
		if strings.HasSuffix(path, "_templ.go") {
			t.Errorf("%s is not committed. Try: go generate ./...", filepath.Base(path))
		}
		return nil
	})
}

// generatorVersion is the templ version of go.mod, which the go:generate line must name.
var generatorVersion = regexp.MustCompile(`github\.com/a-h/templ (v[0-9.]+)`)

// unreachable is how the go command says that it cannot fetch a module or its checksum.
var unreachable = regexp.MustCompile(`dial tcp|no such host|i/o timeout|connection refused|lookup disabled|lookup .* on |server misbehaving`)

func generate(t *testing.T, dir string) {
	t.Helper()
	mod, err := os.ReadFile(filepath.Join(run.Root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := generatorVersion.FindSubmatch(mod)
	if version == nil {
		t.Fatal("go.mod names no templ version")
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", "github.com/a-h/templ/cmd/templ@"+string(version[1]), "generate")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil && unreachable.Match(out) {
		t.Skipf("skipped: the generator of go.mod's version cannot be fetched here: %s", out)
	}
	if err != nil {
		t.Fatalf("templ generate: %v\n%s", err, out)
	}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
