package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// arrows says which of our packages each package may import. A package that is not here, or an arrow that is not, is a
// change of the design: change design and this table together, not the table alone.
var arrows = map[string][]string{
	"notifer":                       {"notifer/server/cli"},
	"notifer/static":                nil,
	"notifer/db":                    nil,
	"notifer/web/markdown":          nil,
	"notifer/web/tokens":            {"notifer/server/api", "notifer/web", "notifer/web/examples"},
	"notifer/web/account":           {"notifer/server/api", "notifer/web", "notifer/web/examples"},
	"notifer/web/examples":          nil,
	"notifer/web/docs":              nil,
	"notifer/web/openapi":           nil,
	"notifer/web":                   {"notifer/server/api", "notifer/web/examples", "notifer/static", "notifer/web/markdown", "notifer/web/docs", "notifer/web/openapi"},
	"notifer/server/api":            nil,
	"notifer/server/metrics":        nil,
	"notifer/server/qr":             nil,
	"notifer/server/plaintext":      nil,
	"notifer/server/spelling":       nil,
	"notifer/server/hub":            nil,
	"notifer/server/auth":           {"notifer/server/plaintext", "notifer/server/auth/expiry", "notifer/server/auth/secrets", "notifer/server/auth/argon", "notifer/server/auth/passwords", "notifer/server/auth/totp", "notifer/server/auth/networks", "notifer/server/quota", "notifer/db"},
	"notifer/server/auth/secrets":   nil,
	"notifer/server/auth/argon":     nil,
	"notifer/server/auth/passwords": nil,
	"notifer/server/auth/totp":      nil,
	"notifer/server/auth/expiry":    nil,
	"notifer/server/auth/networks":  nil,
	"notifer/server/client":         {"notifer/server/api"},
	"notifer/server": {"notifer/server/contract", "notifer/web", "notifer/web/markdown", "notifer/server/auth", "notifer/db", "notifer/server/hub", "notifer/server/api",
		"notifer/server/request", "notifer/server/metrics", "notifer/server/push", "notifer/server/pages", "notifer/server/notices", "notifer/server/manage", "notifer/server/rest",
		"notifer/server/stream", "notifer/server/wire", "notifer/server/pages/frame", "notifer/server/pages/tokens", "notifer/server/pages/security", "notifer/server/pages/keys"},
	"notifer/server/stream":        {"notifer/server/hub", "notifer/server/request", "notifer/server/auth", "notifer/db"},
	"notifer/server/contract":      {"notifer/server/manage", "notifer/server/auth/secrets", "notifer/server/api", "notifer/db"},
	"notifer/server/manage/quoted": nil,
	"notifer/server/manage/emoji":  nil,
	"notifer/server/manage":        {"notifer/server/manage/emoji", "notifer/server/manage/quoted", "notifer/server/plaintext", "notifer/server/auth/networks", "notifer/server/shape", "notifer/server/auth/secrets", "notifer/server/auth/totp", "notifer/server/auth", "notifer/db", "notifer/server/api"},
	"notifer/server/rest": {"notifer/server/contract", "notifer/server/request/query", "notifer/server/shape", "notifer/server/request", "notifer/server/manage", "notifer/server/auth", "notifer/server/hub",
		"notifer/server/api", "notifer/db"},
	"notifer/server/request/proxies":  nil,
	"notifer/server/request/origin":   nil,
	"notifer/server/request/query":    {"notifer/server/request", "notifer/db"},
	"notifer/server/request/refusals": {"notifer/server/auth"},
	"notifer/server/wire/charset":     nil,
	"notifer/server/wire/packed":      nil,
	"notifer/server/wire/alertgroups": {"notifer/db"},
	"notifer/server/wire/jsonslips":   {"notifer/server/shape"},
	"notifer/server/wire/jsonbody":    {"notifer/server/request", "notifer/server/request/strictjson", "notifer/server/manage", "notifer/server/shape", "notifer/server/api", "notifer/db"},
	"notifer/server/wire/signature":   {"notifer/server/auth", "notifer/server/manage", "notifer/db"},
	"notifer/server/wire": {"notifer/server/contract", "notifer/server/request/query", "notifer/server/wire/packed", "notifer/server/wire/alertgroups", "notifer/server/wire/jsonbody", "notifer/server/wire/jsonslips", "notifer/server/wire/signature", "notifer/server/wire/charset", "notifer/server/shape", "notifer/server/request", "notifer/server/manage", "notifer/server/stream", "notifer/server/hub", "notifer/server/auth", "notifer/server/api",
		"notifer/db"},
	"notifer/server/push":  {"notifer/server/plaintext", "notifer/db"},
	"notifer/server/shape": {"notifer/server/plaintext", "notifer/server/request/strictjson"},
	"notifer/server/pages": {"notifer/server/manage/emoji", "notifer/server/plaintext", "notifer/web", "notifer/web/account", "notifer/web/markdown", "notifer/web/docs", "notifer/web/openapi", "notifer/static", "notifer/server/request", "notifer/server/auth", "notifer/server/hub",
		"notifer/server/api", "notifer/server/manage", "notifer/server/pages/frame", "notifer/db"},
	"notifer/server/pages/frame": {"notifer/server/auth/secrets", "notifer/web", "notifer/static", "notifer/server/request", "notifer/server/auth", "notifer/server/manage",
		"notifer/server/push", "notifer/db"},
	"notifer/server/pages/tokens": {"notifer/server/contract", "notifer/server/request/refusals", "notifer/server/shape", "notifer/web/tokens", "notifer/web", "notifer/server/pages/frame", "notifer/server/request", "notifer/server/auth",
		"notifer/server/api", "notifer/server/manage", "notifer/db"},
	"notifer/server/pages/keys": {"notifer/server/contract", "notifer/server/api", "notifer/web", "notifer/web/account", "notifer/static", "notifer/server/pages/frame", "notifer/server/request", "notifer/server/auth",
		"notifer/server/manage", "notifer/server/qr", "notifer/db"},
	"notifer/server/pages/security":     {"notifer/server/manage", "notifer/web", "notifer/web/account", "notifer/server/pages/frame", "notifer/server/request", "notifer/server/auth", "notifer/server/qr", "notifer/db"},
	"notifer/server/notices":            {"notifer/web", "notifer/db"},
	"notifer/server/request":            {"notifer/server/request/origin", "notifer/server/request/proxies", "notifer/server/request/refusals", "notifer/server/quota", "notifer/server/shape", "notifer/server/request/strictjson", "notifer/server/auth/secrets", "notifer/server/auth/argon", "notifer/server/auth", "notifer/db", "notifer/server/api"},
	"notifer/server/request/strictjson": {"notifer/server/spelling"},
	"notifer/server/quota":              nil,
	"notifer/server/config":             {"notifer/server/spelling", "notifer/server/auth/networks", "notifer/server/auth"},
	"notifer/server/daemon/connections": {"notifer/server/config", "notifer/server/request"},
	"notifer/server/daemon":             {"notifer/server/daemon/connections", "notifer/server/auth/argon", "notifer/server", "notifer/server/config", "notifer/server/manage", "notifer/server/auth", "notifer/db"},
	"notifer/server/demo":               {"notifer/server/auth/secrets", "notifer/server/config", "notifer/server/manage", "notifer/server/auth", "notifer/db"},
	"notifer/server/doctor":             {"notifer/server/daemon", "notifer/server/manage", "notifer/server/client", "notifer/server/api", "notifer/db"},
	"notifer/server/setupfiles":         nil,
	"notifer/server/cli": {"notifer/server/cli/admin", "notifer/server/cli/command", "notifer/server/cli/local", "notifer/server/cli/manual", "notifer/server/cli/owner",
		"notifer/server/cli/remote", "notifer/server/client", "notifer/server/config", "notifer/server/daemon", "notifer/server/demo", "notifer/server/doctor",
		"notifer/server/setupfiles", "notifer/server/spelling"},
	"notifer/server/cli/admin": {"notifer/db", "notifer/server/api", "notifer/server/auth", "notifer/server/auth/secrets", "notifer/server/cli/command",
		"notifer/server/cli/local", "notifer/server/cli/owner", "notifer/server/config", "notifer/server/contract", "notifer/server/daemon", "notifer/server/manage", "notifer/server/qr",
		"notifer/server/shape"},
	"notifer/server/cli/local": {"notifer/db", "notifer/server/auth", "notifer/server/cli/command", "notifer/server/cli/owner", "notifer/server/config",
		"notifer/server/daemon", "notifer/server/manage"},
	"notifer/server/cli/owner":   {"notifer/server/config", "notifer/db"},
	"notifer/server/cli/manual":  {"notifer/server/cli/command", "notifer/server/config"},
	"notifer/server/cli/command": {"notifer/server/config"},
	"notifer/server/cli/remote":  {"notifer/server/plaintext", "notifer/server/auth/secrets", "notifer/server/cli/command", "notifer/server/config", "notifer/server/client", "notifer/server/manage", "notifer/server/api"},
}

// testOnly are packages that no program may import; what they import is free.
var testOnly = []string{"notifer/db/dbtest", "notifer/server/test"}

// sqlPackages are known by db alone: every other package asks it.
var sqlPackages = []string{"database/sql", "modernc.org/sqlite"}

// ignorant says what else a package must not know: a prefix of the import paths it may not have.
var ignorant = map[string][]string{
	"notifer/server/manage":   {"net/http"},
	"notifer/server/contract": {"net/http"},
	"notifer/db":              {"net/http", "html"},
	"notifer/server/notices":  {"net/http"},
	"notifer/server/auth":     {"net/http"},
	"notifer/server/hub":      {"net/http"},
	"notifer/server/api":      {"net/http"},
	"notifer/server/shape":    {"net/http", "os", "reflect"},
}

// goPackage is what `go list` reports of one package.
type goPackage struct {
	Dir            string
	ImportPath     string
	GoFiles        []string
	IgnoredGoFiles []string
	Imports        []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=Dir,ImportPath,GoFiles,IgnoredGoFiles,Imports", "./...")
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
		p.Imports = append(p.Imports, ignoredImports(t, p)...)
		all = append(all, p)
	}
}

// ignoredImports are those of the files of a package that this system does not build.
func ignoredImports(t *testing.T, p goPackage) []string {
	t.Helper()
	var imports []string
	for _, name := range p.IgnoredGoFiles {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imports = append(imports, path)
		}
	}
	return imports
}

func TestImportArrows(t *testing.T) {
	t.Parallel()
	found := map[string][]string{}
	for _, p := range listPackages(t) {
		if isTestOnly(p.ImportPath) {
			continue
		}
		if _, known := arrows[p.ImportPath]; !known && len(p.GoFiles)+len(p.Imports) > 0 {
			t.Errorf("package %s has no row in arrows", p.ImportPath)
			continue
		}
		found[p.ImportPath] = p.Imports
		for _, imported := range p.Imports {
			if flaw := importFlaw(p.ImportPath, imported); flaw != "" {
				t.Error(flaw)
			}
		}
	}
	for from, row := range arrows {
		imports, exists := found[from]
		if !exists {
			t.Errorf("arrows has a row for %s, which does not exist", from)
		}
		for _, to := range row {
			if exists && !slices.Contains(imports, to) {
				t.Errorf("arrows lets %s import %s, which it does not: remove the arrow", from, to)
			}
		}
	}
}

// TestImportFlaws plants imports that the design forbids.
func TestImportFlaws(t *testing.T) {
	t.Parallel()
	for _, forbidden := range [][2]string{
		{"notifer/server/daemon", "database/sql"}, {"notifer/server/cli", "modernc.org/sqlite"}, {"notifer/web", "notifer/db"},
		{"notifer/server/shape", "database/sql/driver"}, {"notifer/db", "net/http"}, {"notifer/server", "notifer/db/dbtest"},
	} {
		if importFlaw(forbidden[0], forbidden[1]) == "" {
			t.Errorf("%s may import %s", forbidden[0], forbidden[1])
		}
	}
	for _, fine := range [][2]string{{"notifer/db", "database/sql"}, {"notifer/server", "notifer/db"}, {"notifer/server", "net/http"}} {
		if flaw := importFlaw(fine[0], fine[1]); flaw != "" {
			t.Error(flaw)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "zz_windows.go"), []byte("package web\n\nimport _ \"notifer/db\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ignoredImports(t, goPackage{Dir: dir, IgnoredGoFiles: []string{"zz_windows.go"}}); !slices.Equal(got, []string{"notifer/db"}) {
		t.Errorf("a file for another system imports %q", got)
	}
}

// importFlaw says what is wrong with an import, nothing when the design allows it.
func importFlaw(from, to string) string {
	if isOurs(to) && !slices.Contains(arrows[from], to) {
		return fmt.Sprintf("%s imports %s", from, to)
	}
	banned := ignorant[from]
	if from != "notifer/db" {
		banned = append(slices.Clone(banned), sqlPackages...)
	}
	for _, path := range banned {
		if to == path || strings.HasPrefix(to, path+"/") {
			return fmt.Sprintf("%s imports %s, which it must not know", from, to)
		}
	}
	return ""
}

func isOurs(path string) bool { return path == "notifer" || strings.HasPrefix(path, "notifer/") }

func isTestOnly(path string) bool {
	return slices.ContainsFunc(testOnly, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
}
