package security_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"notifer/server/test/run"
	"notifer/server/test/security"
)

// TestEveryThreatHasItsTest reads all test files: each threat from T1 to T40 names tests that exist and can fail.
func TestEveryThreatHasItsTest(t *testing.T) {
	root := run.Root(t)
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
	list := security.Threats()
	if len(list) != 40 {
		t.Errorf("%d threats, want 40", len(list))
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
