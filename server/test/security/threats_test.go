package security_test

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server/test/run"
	"notifer/server/test/security"
)

// knownTests are the names of all tests.
func knownTests(t *testing.T, root string) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(\w+ \*testing\.[TF]\)`)
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range function.FindAllSubmatch(text, -1) {
			known[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// TestSecurityPageNamesItsTests: each requirement on the security page names tests that exist.
func TestSecurityPageNamesItsTests(t *testing.T) {
	root := run.Root(t)
	known := knownTests(t, root)
	page, err := os.ReadFile(filepath.Join(root, "web/docs/SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| ([0-9]+\.[0-9.]+[^|]*)\| [^|]+\| ([^|]+)\|$`).FindAllStringSubmatch(string(page), -1)
	if len(rows) < 20 {
		t.Fatalf("the page has %d requirements with tests", len(rows))
	}
	for _, row := range rows {
		names := regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[2], -1)
		for _, name := range names {
			if !known[name[1]] {
				t.Errorf("%s: there is no test %s", row[1], name[1])
			}
		}
		if len(names) == 0 {
			t.Errorf("%s: no test", row[1])
		}
	}
}

// TestEveryTableIsBounded: a table cannot be added without naming what keeps it from growing without end.
func TestEveryTableIsBounded(t *testing.T) {
	known := knownTests(t, run.Root(t))
	bounds := map[string]security.Bound{}
	for _, b := range security.Bounds() {
		bounds[b.Table] = b
		if b.By != "by the program" && len(b.Tests) == 0 {
			t.Errorf("%s: no test shows that it is bounded", b.Table)
		}
		for _, name := range b.Tests {
			if !known[name] {
				t.Errorf("%s: there is no test %s", b.Table, name)
			}
		}
	}
	dir := t.TempDir()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	raw, err := sql.Open("sqlite", filepath.Join(dir, "notifer.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	rows, err := raw.Query("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		if _, there := bounds[table]; !there {
			t.Errorf("no bound is named for the table %s", table)
		}
		delete(bounds, table)
	}
	for table := range bounds {
		t.Errorf("there is no table %s", table)
	}
}

// TestEveryThreatHasItsTest reads all test files: each threat from T1 to T58 names tests that exist and can fail.
func TestEveryThreatHasItsTest(t *testing.T) {
	root := run.Root(t)
	known := knownTests(t, root)
	list := security.Threats()
	if len(list) != 58 {
		t.Errorf("%d threats, want 58", len(list))
	}
	for i, x := range list {
		if want := "T" + strconv.Itoa(i+1); x.Name != want {
			t.Errorf("threat %d is called %s, want %s", i+1, x.Name, want)
		}
		if len(x.Tests) == 0 {
			t.Errorf("%s (%s) has no test", x.Name, x.What)
		}
		for _, name := range x.Tests {
			if _, err := os.Stat(filepath.Join(root, name)); strings.Contains(name, "/") && err == nil {
				continue
			}
			if !known[name] {
				t.Errorf("%s (%s) names %s, which does not exist", x.Name, x.What, name)
			}
		}
	}
}
