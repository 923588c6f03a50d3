package shape_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"notifer/server/shape"
)

var update = flag.Bool("update", false, "write web/docs/webhooks.md anew")

const page = "../../web/docs/webhooks.md"

// TestDocumentation demands that the page on webhooks is the one that the shapes make. go generate ./server/shape writes it.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	want := document(t)
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the shapes make: go generate ./server/shape (%v)", page, err)
	}
}

func document(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	head, err := os.ReadFile("shapes/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	b.Write(head)
	fill := strings.NewReplacer("{URL}", "https://home.example/server-alerts", "{URL_WITH_TOKEN}", "https://home.example/server-alerts?token=YOUR_TOKEN",
		"{APPRISE}", "jsons://home.example/server-alerts?+X-Topic-Token=YOUR_TOKEN", "{TOKEN}", "YOUR_TOKEN", "{TOPIC}", "server-alerts")
	for _, s := range shape.All() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\nShape `%s`", s.Name, s.About, s.ID)
		switch {
		case len(s.Header) > 0:
			fmt.Fprintf(&b, ", recognised by its header `%s`", strings.Join(s.Header, "` or `"))
		case len(s.Recognise) > 0:
			b.WriteString(", recognised by its fields")
		}
		fmt.Fprintf(&b, ". [Official documentation](%s).\n\n", s.Docs)
		fmt.Fprintf(&b, "Where to set it up: %s. Field for the URL: %s.", s.Setup.Where, s.Setup.Field)
		if s.Setup.Header != "" {
			fmt.Fprintf(&b, " To send the token as a header: %s.", fill.Replace(s.Setup.Header))
		}
		b.WriteString("\n")
		for i, step := range s.Setup.Steps {
			fmt.Fprintf(&b, "\n%d. %s\n", i+1, fill.Replace(step.Text))
			if step.Code != "" {
				fmt.Fprintf(&b, "\n```text\n%s\n```\n", strings.TrimRight(fill.Replace(step.Code), "\n "))
			}
		}
		e, err := s.Examples()
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString("\nExamples of payloads, and the messages they become:\n\n| payload | title | text | priority | key |\n|---|---|---|---|---|\n")
		for _, c := range e.Cases {
			for i, m := range c.Messages() {
				name := c.Name
				if i > 0 {
					name = ""
				}
				key := cell(m.Key)
				if m.Resolved {
					key += " (resolved)"
				}
				fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", name, cell(m.Title), cell(m.Text), m.Priority, key)
			}
		}
	}
	return b.String()
}

// cell is a text in a table: its first line, without marks.
func cell(s string) string {
	line, rest, more := strings.Cut(strings.TrimSpace(s), "\n")
	if more && len(line) < 4 { // a bracket alone says nothing
		var flat bytes.Buffer
		if json.Compact(&flat, []byte(s)) == nil {
			line, rest = flat.String(), ""
		}
	}
	if r := []rune(line); len(r) > 70 {
		line, rest = string(r[:69])+"…", ""
	}
	if rest != "" {
		line += " …"
	}
	if strings.TrimSpace(line) == "" {
		return ""
	}
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "_", `\_`, "*", `\*`, "[", `\[`).Replace(line)
}
