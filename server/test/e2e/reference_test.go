package e2e_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"notifer/server"
	"notifer/server/test/run"
)

func docPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(run.Root(t), "web/docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// quotedIn lists what stands in backquotes.
func quotedIn(text string) []string {
	var list []string
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return list
}

// section is the text under a heading that begins like this, up to the next one.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, "\n"+heading)
	if !found {
		t.Fatalf("the page has no %q", heading)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	return rest
}

// compare reports what one of two lists lacks.
func compare(t *testing.T, what string, program, page []string) {
	t.Helper()
	for _, name := range program {
		if !slices.Contains(page, name) {
			t.Errorf("the page lacks the %s %q", what, name)
		}
	}
	for _, name := range page {
		if !slices.Contains(program, name) {
			t.Errorf("the page has the %s %q, which the program does not", what, name)
		}
	}
}

func TestSettingsPageIsTheProgrammes(t *testing.T) {
	t.Parallel()
	want := run.Command(t, nil, "", "config", "example", "--markdown").Stdout
	if got := docPage(t, "settings.md"); got != want {
		t.Error("web/docs/settings.md is stale; run: go run . config example --markdown > web/docs/settings.md")
	}
	if strings.Contains(want, "## \n") {
		t.Errorf("a section has no title:\n%s", want)
	}
}

func TestReservedNamesAreDocumented(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join(run.Root(t), "server/reserved.go"))
	if err != nil {
		t.Fatal(err)
	}
	candidates := regexp.MustCompile(`"([a-z]+)"`).FindAllStringSubmatch(string(source), -1)
	var program []string
	reserved := new(server.Config).Rules().Reserved
	add := func(name string) {
		if reserved(name) && !slices.Contains(program, name) {
			program = append(program, name)
		}
	}
	for _, m := range candidates {
		add(m[1])
	}
	for _, r := range server.Routes() {
		if first, _, _ := strings.Cut(strings.TrimPrefix(r.Pattern[strings.Index(r.Pattern, "/"):], "/"), "/"); !strings.HasPrefix(first, "{") {
			name, _, _ := strings.Cut(first, ".")
			add(name)
		}
	}
	text := section(t, docPage(t, "faq.md"), "## May I use names")
	_, list, _ := strings.Cut(text, ":\n")
	list, _, _ = strings.Cut(list, "Names of the form")
	compare(t, "reserved name", program, quotedIn(list))
}

func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	s := run.Start(t, run.Args("--metrics-allow", "127.0.0.0/8"))
	s.AddAdmin(t, "ann")
	call(t, "GET", s.URL+"/no-topic/json", "")
	_, text := call(t, "GET", s.URL+"/metrics", "")
	var program, page []string
	for line := range strings.Lines(text) {
		name := regexp.MustCompile(`^(notifer_[a-z_]+?)(_bucket|_sum|_count)?[{ ]`).FindStringSubmatch(line)
		if name != nil && !slices.Contains(program, name[1]) {
			program = append(program, name[1])
		}
	}
	for _, name := range quotedIn(section(t, docPage(t, "monitoring.md"), "## Metrics")) {
		if name, _, _ = strings.Cut(name, "{"); strings.HasPrefix(name, "notifer_") {
			page = append(page, name)
		}
	}
	compare(t, "metric", program, page)
}

// Every line that the server logs above level debug is in the table, and the table has no other.
func TestLogMessagesAreDocumented(t *testing.T) {
	t.Parallel()
	var program []string
	call := regexp.MustCompile(`[lL]og\.(?:Info|Warn|Error)\("([^"]+)"`)
	for _, dir := range []string{"server", "db", "web"} {
		err := filepath.WalkDir(filepath.Join(run.Root(t), dir), func(path string, e fs.DirEntry, err error) error {
			if err == nil && e.IsDir() && (e.Name() == "test" || e.Name() == "node_modules") {
				return fs.SkipDir
			}
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range call.FindAllStringSubmatch(string(text), -1) {
				program = append(program, m[1])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(program) < 20 {
		t.Fatalf("found only %q", program)
	}
	var page []string
	for line := range strings.Lines(section(t, docPage(t, "monitoring.md"), "## Log")) {
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "| `") {
			page = append(page, quotedIn(cells[0])...)
		}
	}
	for _, message := range program {
		if !slices.ContainsFunc(page, func(p string) bool { return strings.HasPrefix(message, p) }) {
			t.Errorf("the page lacks the message %q", message)
		}
	}
	for _, p := range page {
		if !slices.ContainsFunc(program, func(message string) bool { return strings.HasPrefix(message, p) }) {
			t.Errorf("the page has the message %q, which the program does not log", p)
		}
	}
}
