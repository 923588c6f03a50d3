package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestManPagesOfEveryCommand(t *testing.T) {
	dir := t.TempDir()
	if code, _, errs := run(t, "man", "--dir", dir); code != 0 {
		t.Fatalf("man = %d: %s", code, errs)
	}
	pages, err := filepath.Glob(dir + "/*.1")
	if err != nil || len(pages) < 8 {
		t.Fatalf("pages = %v, %v", pages, err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), ".TH \"NOTIFER") || !strings.Contains(string(text), ".SH NAME\n") {
			t.Errorf("%s is no manual page:\n%s", page, text)
		}
	}
	tool(t, "man", "--warnings", "-l", pages[0])
	// What man calls for a page, called once for all.
	if out := tool(t, "groff", append([]string{"-man", "-Tutf8", "-Kutf8", "-t", "-wmac", "-z"}, pages...)...); out != "" {
		t.Errorf("warnings of groff:\n%s", out)
	}
}

func TestManPageOfOneCommand(t *testing.T) {
	_, out, _ := run(t, "man", "config", "check")
	if !strings.Contains(out, `notifer\-config\-check \- Check`) {
		t.Errorf("man config check:\n%s", out)
	}
	if code, _, _ := run(t, "man", "nothing"); code != 2 {
		t.Errorf("man nothing = %d, want 2", code)
	}
}
