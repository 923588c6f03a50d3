package e2e_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// arrows says which of our packages each package may import. A package that is not here, or an arrow that is not, is a
// change of the design: change design and this table together, not the table alone.
var arrows = map[string][]string{
	"notifer":                {"notifer/server/cli"},
	"notifer/static":         nil,
	"notifer/db":             nil,
	"notifer/web":            {"notifer/static"},
	"notifer/server/api":     nil,
	"notifer/server/metrics": nil,
	"notifer/server/hub":     nil,
	"notifer/server/auth":    {"notifer/db"},
	"notifer/server/client":  {"notifer/server/api"},
	"notifer/server": {"notifer/web", "notifer/server/auth", "notifer/db", "notifer/server/hub", "notifer/server/api",
		"notifer/server/request", "notifer/server/metrics", "notifer/server/push", "notifer/server/pages", "notifer/server/notices", "notifer/server/manage", "notifer/server/rest",
		"notifer/server/stream", "notifer/server/wire", "notifer/server/pages/frame", "notifer/server/pages/tokens"},
	"notifer/server/stream": {"notifer/server/hub", "notifer/server/request", "notifer/server/auth", "notifer/db"},
	"notifer/server/manage": {"notifer/server/auth", "notifer/db", "notifer/server/api"},
	"notifer/server/rest": {"notifer/server/request", "notifer/server/wire", "notifer/server/manage", "notifer/server/auth", "notifer/server/hub",
		"notifer/server/api", "notifer/db"},
	"notifer/server/wire": {"notifer/server/request", "notifer/server/manage", "notifer/server/stream", "notifer/server/hub", "notifer/server/auth", "notifer/server/api",
		"notifer/db"},
	"notifer/server/push": {"notifer/db"},
	"notifer/server/pages": {"notifer/web", "notifer/static", "notifer/server/request", "notifer/server/auth", "notifer/server/hub",
		"notifer/server/api", "notifer/server/manage", "notifer/server/pages/frame", "notifer/db"},
	"notifer/server/pages/frame": {"notifer/web", "notifer/static", "notifer/server/request", "notifer/server/auth", "notifer/server/manage",
		"notifer/server/push", "notifer/db"},
	"notifer/server/pages/tokens": {"notifer/web", "notifer/server/pages/frame", "notifer/server/request", "notifer/server/auth",
		"notifer/server/api", "notifer/server/manage", "notifer/db"},
	"notifer/server/notices":    {"notifer/web", "notifer/db"},
	"notifer/server/request":    {"notifer/server/auth", "notifer/db", "notifer/server/api"},
	"notifer/server/config":     {"notifer/server/auth"},
	"notifer/server/daemon":     {"notifer/server", "notifer/server/config", "notifer/server/manage", "notifer/server/auth", "notifer/server/api", "notifer/db"},
	"notifer/server/demo":       {"notifer/server/config", "notifer/server/manage", "notifer/server/auth", "notifer/db"},
	"notifer/server/doctor":     {"notifer/server/daemon", "notifer/server/client", "notifer/server/auth", "notifer/server/api", "notifer/db"},
	"notifer/server/setupfiles": nil,
	"notifer/server/cli": {"notifer/server/cli/command", "notifer/server/cli/remote", "notifer/server/doctor", "notifer/server/setupfiles", "notifer/server",
		"notifer/server/demo", "notifer/server/config", "notifer/server/manage", "notifer/server/daemon", "notifer/server/client",
		"notifer/server/auth", "notifer/server/api", "notifer/db"},
	"notifer/server/cli/command": {"notifer/server/config"},
	"notifer/server/cli/remote": {"notifer/server/cli/command", "notifer/server/config", "notifer/server/client", "notifer/server/manage",
		"notifer/server/auth", "notifer/server/api"},
}

// testOnly are packages that no program may import; what they import is free.
var testOnly = []string{"notifer/db/dbtest", "notifer/server/test"}

// ignorant says what a package must not know: a prefix of the import paths it may not have.
var ignorant = map[string][]string{
	"notifer/server/manage":       {"database/sql", "modernc.org/sqlite", "net/http"},
	"notifer/server/rest":         {"database/sql", "modernc.org/sqlite"},
	"notifer/db":                  {"net/http", "html"},
	"notifer/web":                 {"database/sql", "modernc.org/sqlite"},
	"notifer/server":              {"database/sql", "modernc.org/sqlite"},
	"notifer/server/pages":        {"database/sql", "modernc.org/sqlite"},
	"notifer/server/pages/frame":  {"database/sql", "modernc.org/sqlite"},
	"notifer/server/pages/tokens": {"database/sql", "modernc.org/sqlite"},
	"notifer/server/notices":      {"database/sql", "modernc.org/sqlite", "net/http"},
	"notifer/server/request":      {"database/sql", "modernc.org/sqlite"},
	"notifer/server/stream":       {"database/sql", "modernc.org/sqlite"},
	"notifer/server/wire":         {"database/sql", "modernc.org/sqlite"},
	"notifer/server/auth":         {"database/sql", "modernc.org/sqlite", "net/http"},
	"notifer/server/cli/remote":   {"database/sql", "modernc.org/sqlite"},
	"notifer/server/hub":          {"database/sql", "net/http"},
	"notifer/server/api":          {"database/sql", "net/http"},
}

// goPackage is what `go list` tells of one package.
type goPackage struct {
	ImportPath string
	GoFiles    []string
	Imports    []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,GoFiles,Imports", "./...")
	cmd.Dir = run.Root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportArrows(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		if isTestOnly(p.ImportPath) {
			continue
		}
		allowed, known := arrows[p.ImportPath]
		if !known && len(p.GoFiles) > 0 {
			t.Errorf("package %s has no row in arrows", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if isOurs(imported) && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
			for _, banned := range ignorant[p.ImportPath] {
				if imported == banned || strings.HasPrefix(imported, banned+"/") {
					t.Errorf("%s imports %s, which it must not know", p.ImportPath, imported)
				}
			}
		}
	}
}

func isOurs(path string) bool { return path == "notifer" || strings.HasPrefix(path, "notifer/") }

func isTestOnly(path string) bool {
	return slices.ContainsFunc(testOnly, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
}
