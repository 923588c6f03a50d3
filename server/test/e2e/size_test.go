package e2e_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// Sizes of files and functions are a guide: what is longer is printed by `go test -v -run Sizes ./server/test/e2e`, and fails
// nothing. The size of a package is a rule: what outgrows it has more than one reason to change.
const (
	fileLines     = 300
	testFileLines = 500
	funcLines     = 60
	packageLines  = 2500 // of hand-written Go without tests
)

// sources calls visit for each hand-written source file below the root, by its path from there.
func sources(t *testing.T, visit func(path string, text []byte)) {
	t.Helper()
	root := os.DirFS(run.Root(t))
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"testdata", "node_modules", "data"}, d.Name())) {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".templ", ".css", ".js", ".mjs"}, filepath.Ext(path)) || strings.HasSuffix(path, "_templ.go") {
			return nil
		}
		text, err := fs.ReadFile(root, path)
		if err == nil {
			visit(path, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFileSizes(t *testing.T) {
	t.Parallel()
	sources(t, func(path string, text []byte) {
		limit := fileLines
		if strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/e2e/") {
			limit = testFileLines
		}
		if n := bytes.Count(text, []byte("\n")); n > limit {
			t.Logf("warning: %s has %d lines, more than %d", path, n, limit)
		}
	})
}

func TestPackageSizes(t *testing.T) {
	t.Parallel()
	lines := map[string]int{}
	sources(t, func(path string, text []byte) {
		if filepath.Ext(path) == ".go" && !strings.HasSuffix(path, "_test.go") {
			lines[filepath.Dir(path)] += bytes.Count(text, []byte("\n"))
		}
	})
	for _, dir := range slices.Sorted(maps.Keys(lines)) {
		n := lines[dir]
		if n > packageLines && dir != "db" && !isTestOnly("notifer/"+dir) { // db is one noun's SQL beside the next: it stays flat
			t.Errorf("package %s has %d lines, more than %d: give what changes for a reason of its own a package", dir, n, packageLines)
		} else if n > packageLines*9/10 {
			t.Logf("package %s has %d of at most %d lines", dir, n, packageLines)
		}
	}
	if lines["server"] == 0 || lines["web"] == 0 {
		t.Error("the packages were not found")
	}
}

func TestFunctionSizes(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	sources(t, func(path string, text []byte) {
		if filepath.Ext(path) != ".go" {
			return
		}
		file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		for _, d := range file.Decls {
			f, isFunc := d.(*ast.FuncDecl)
			if !isFunc || f.Body == nil || isFlat(f) {
				continue
			}
			if n := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1; n > funcLines {
				t.Logf("warning: %s: %s has %d lines, more than %d", path, f.Name.Name, n, funcLines)
			}
		}
	})
}

// isFlat says whether a function is one switch or one literal: a table, which is as long as it has rows.
func isFlat(f *ast.FuncDecl) bool {
	if len(f.Body.List) == 0 || len(f.Body.List) > 2 {
		return false
	}
	switch s := f.Body.List[0].(type) {
	case *ast.SwitchStmt, *ast.TypeSwitchStmt:
		return true
	case *ast.ReturnStmt:
		if len(s.Results) == 1 {
			_, isTable := s.Results[0].(*ast.CompositeLit)
			return isTable
		}
	}
	return false
}

// The top level is fixed by the design; a new entry there is a change of the design.
func TestTopLevel(t *testing.T) {
	t.Parallel()
	known := []string{"main.go", "server", "web", "db", "static", "go.mod", "go.sum", "config.example.toml", "README.md", "LICENSE", "Dockerfile"}
	for _, path := range tracked(t) {
		top, _, _ := strings.Cut(path, "/")
		if !slices.Contains(known, top) && !strings.HasPrefix(top, ".") {
			t.Errorf("%s: %s does not belong at the top level", path, top)
		}
	}
}
