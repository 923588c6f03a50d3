package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var component = regexp.MustCompile(`(?m)^(.*)\ntempl (\w+)\(`)

func TestComponentsAreNotCopiedIntoTheirCallers(t *testing.T) {
	files, err := filepath.Glob("*.templ")
	if err != nil || len(files) == 0 {
		t.Fatalf("templ files: %v, %v", files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range component.FindAllStringSubmatch(string(text), -1) {
			if strings.TrimSpace(m[1]) != "//go:noinline" {
				t.Errorf("%s: write //go:noinline above templ %s, for the binary's size", f, m[2])
			}
		}
	}
}
