package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"notifer/web/docs"
)

var (
	fileLink   = regexp.MustCompile(`\]\(([^):]+)\)|(?:src|srcset)="([^":]+)"`)
	servedLink = regexp.MustCompile(`href="([^"]*)"`)
	headingID  = regexp.MustCompile(`<h[2-6] id="([^"]+)"`)
)

// In the repository a link names a file beside the one it is in, and perhaps one of its headings.
func TestLinksNameFiles(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(pages, "../../README.md", "../../server/ARCHITECTURE.md", "../../server/auth/RIGHTS.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fileLink.FindAllStringSubmatch(string(text), -1) {
			path, fragment, _ := strings.Cut(m[1]+m[2], "#")
			target := filepath.Join(filepath.Dir(name), path)
			if path == "" {
				target = name
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", name, m[0], err)
			}
			slug := strings.ToLower(strings.TrimSuffix(filepath.Base(target), ".md"))
			if fragment != "" && !ids(slug)[fragment] {
				t.Errorf("%s links to %s, which has no such heading", name, m[0])
			}
		}
	}
}

// On a server a link names a page, one of its headings, or a file of the server.
func TestServedLinksLead(t *testing.T) {
	for _, page := range docs.All() {
		for _, block := range page.Blocks("", "https://notify.example.org", "") {
			for _, m := range servedLink.FindAllStringSubmatch(block.HTML, -1) {
				path, fragment, _ := strings.Cut(m[1], "#")
				if strings.Contains(path, ":") || path == "/openapi.json" || path == "/docs/api" {
					continue
				}
				slug := strings.TrimPrefix(path, "/docs/")
				if path == "" {
					slug = page.Slug
				}
				if _, found := docs.Find(slug); !found {
					t.Errorf("%s links to %s, which no server has", page.Slug, m[1])
				} else if fragment != "" && !ids(slug)[fragment] {
					t.Errorf("%s links to %s, which has no such heading", page.Slug, m[1])
				}
			}
		}
	}
}

// ids are the headings of a page that a link can name.
func ids(slug string) map[string]bool {
	found := map[string]bool{}
	page, _ := docs.Find(slug)
	for _, block := range page.Blocks("", "", "") {
		for _, m := range headingID.FindAllStringSubmatch(block.HTML, -1) {
			found[m[1]] = true
		}
	}
	return found
}
