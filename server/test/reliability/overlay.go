package reliability

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"notifer/server/test/run"
)

// rule writes one fault into the product: find is a line of its sources, or a part of one, that occurs once in the whole
// product. White space of any kind and amount is the same, so that formatting breaks no rule; moving the line to another file
// does not either.
type rule struct{ find, replace string }

// rules make the faulty binary. Who changes one of these lines in the product changes the rule with it.
var rules = []rule{
	{`"synchronous(FULL)"`, `"synchronous("+faults.Synchronous()+")"`},
	{"'highest_id'), 0))`).Scan(&id)", "'` + faults.HighestID() + `'), 0))`).Scan(&id)"},
	{`if err := run(w.stmts.commit, nil); err != nil {`, `if early := w.d.hooks.Load().messages; early != nil && faults.On(faults.AnnounceFirst) {
		early(w.sent)
	}
	if faults.On(faults.AnswerFirst) {
		w.answer()
	}
	if err := run(w.stmts.commit, nil); err != nil {`},
	{`if len(w.sent) > 0 && after.messages != nil {`, `if len(w.sent) > 0 && after.messages != nil && !faults.On(faults.AnnounceFirst) {`},
	{`page := pages.Get().(*scannedPage)`, `faults.Hold(d.read); page := pages.Get().(*scannedPage)`},
	{`var migrations embed.FS`, "var embedded embed.FS\n\nvar migrations = faults.Migrations(embedded)"},
	{`dir: dir, now: o.Now,`, `dir: dir, now: faults.Clock(o.Now),`},
	{`s.rows = min(2*n, pageRows)`, `last, s.rows = faults.Joined(s.h.Announced, last), min(2*n, pageRows)`},
	{`return time.Since(start) }, jumpQuiet, m.log)`, `return time.Since(start) }, faults.Doubt(jumpQuiet), m.log)`},
	{`wait(ctx, sizeEvery); {`, `wait(ctx, faults.Hurry(sizeEvery)); { faults.Trip("retention");`},
	{`time.Since(swept) >= sweepEvery;`, `time.Since(swept) >= faults.Hurry(sweepEvery);`},
	{`for wait(ctx, healthEvery) {`, `for wait(ctx, healthEvery) { faults.Trip("check after an I/O error");`},
	{`every := time.Duration(m.c.Backup.Every)`, `every := faults.Hurry(time.Duration(m.c.Backup.Every))`},
	{`wait(ctx, dueEvery); {`, `wait(ctx, faults.Hurry(dueEvery)); {`},
	{`err := m.backup(ctx)`, `faults.Trip("backup"); err := m.backup(ctx)`},
	{`min(every, backupRetry)`, `min(every, faults.Hurry(backupRetry))`},
}

// Faulty is the program with the faults of package faults in it.
var Faulty = run.Build{Name: "faulty", Flags: func(root, dir string) ([]string, error) {
	list, err := Overlay(root, dir)
	return []string{"-overlay", list}, err
}}

const importFaults = `import "notifer/server/test/reliability/faults"`

// Overlay writes the sources with faults in them into dir, and returns the file that `go build -overlay` takes. Its error names
// each rule whose line does not occur exactly once in the product.
func Overlay(root, dir string) (string, error) {
	sources, err := productSources(root)
	if err != nil {
		return "", err
	}
	changed, err := applyRules(sources, rules)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for path, text := range changed {
		file := filepath.Join(dir, strings.ReplaceAll(path, "/", "_"))
		replace[filepath.Join(root, path)] = file
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "overlay.json")
	return list, os.WriteFile(list, text, 0o600)
}

// productSources are the texts of the product's Go files by their path below root.
func productSources(root string) (map[string]string, error) {
	sources := map[string]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if path != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"test", "testdata", "dbtest", "node_modules"}, d.Name())) {
				return fs.SkipDir
			}
			return nil
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go"):
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		sources[path] = string(text)
		return err
	})
	return sources, err
}

// applyRules returns the sources that the rules change.
func applyRules(sources map[string]string, rules []rule) (map[string]string, error) {
	changed := map[string]string{}
	var broken []string
	for _, r := range rules {
		line := pattern(r.find)
		var in []string
		for path, text := range sources {
			for range line.FindAllStringIndex(text, -1) {
				in = append(in, path)
			}
		}
		if len(in) != 1 {
			slices.Sort(in)
			broken = append(broken, fmt.Sprintf("%q occurs %d times %v", r.find, len(in), in))
			continue
		}
		text := line.ReplaceAllLiteralString(sources[in[0]], r.replace)
		if changed[in[0]] == "" {
			text = addImport(text)
		}
		sources[in[0]], changed[in[0]] = text, text
	}
	if broken != nil {
		return nil, fmt.Errorf("the sources have changed: adapt the rules of server/test/reliability/overlay.go, each of which wants its line once in the product:\n%s",
			strings.Join(broken, "\n"))
	}
	return changed, nil
}

// pattern finds a text whatever the white space in it.
func pattern(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	return regexp.MustCompile(strings.Join(words, `\s+`))
}

var packageClause = regexp.MustCompile(`(?m)^package \w+$`)

func addImport(text string) string {
	at := packageClause.FindStringIndex(text)
	return text[:at[1]] + "\n\n" + importFaults + text[at[1]:]
}
