package e2e_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"notifer/server/test/run"
)

var cited = regexp.MustCompile(`[A-Za-z0-9_./-]+\.md\b`)

// TestCitedDocumentsExist: a text that the sources or the documentation name by its file is in the repository: beside the file that
// names it, at that path, or among the pages of the documentation.
func TestCitedDocumentsExist(t *testing.T) {
	t.Parallel()
	all := tracked(t)
	for _, name := range all {
		if !slices.Contains([]string{".go", ".templ", ".md", ".sql", ".toml", ".js", ".mjs", ".css", ".sh", ""}, path.Ext(name)) || strings.Contains(name, "/testdata/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(run.Root(t), name))
		if err != nil {
			continue // deleted, and the deletion not committed yet
		}
		for _, at := range cited.FindAllIndex(text, -1) {
			document := strings.TrimPrefix(string(text[at[0]:at[1]]), "/")
			if strings.HasPrefix(document, "/") || strings.HasPrefix(document, ".") && !strings.HasPrefix(document, "./") && !strings.HasPrefix(document, "../") {
				continue // a URL, or only the ending
			}
			if !slices.ContainsFunc([]string{document, path.Join(path.Dir(name), document), path.Join("web/docs", document)},
				func(p string) bool { return slices.Contains(all, path.Clean(p)) }) {
				t.Errorf("%s names %s, which is not in the repository", name, document)
			}
		}
	}
}
