package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"notifer/server/test/htmltest"
	"notifer/web"
	"notifer/web/docs"
	tokenviews "notifer/web/tokens"
)

func TestDistances(t *testing.T) {
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		20 * time.Second:          "in 1 minute",
		365*day - time.Second:     "in 365 days",
		7*day - time.Minute:       "in 7 days",
		90*day - 13*time.Hour:     "in 89 days",
		5*time.Hour - time.Second: "in 5 hours",
	} {
		if got := web.Until(d); got != want {
			t.Errorf("Distance(%v) = %q, want %q", d, got, want)
		}
	}
}

func words(t *testing.T, v tokenviews.Details) string {
	t.Helper()
	return strings.Join(htmltest.Parse(t, render(t, someone(), tokenviews.DetailsPage(v))).Words(), " ")
}

func TestEndOfAToken(t *testing.T) {
	v := tokenPage(0)
	v.Token.Status, v.Token.ExpiresAt = "expired", noon.AddDate(0, 0, -3)
	if text := words(t, v); !strings.Contains(text, "Expired 3 days ago (21 Nov 2026, 12:00 UTC)") || strings.Contains(text, "Expires") {
		t.Errorf("an expired token: %s", text)
	}
	v.Token.Status, v.Token.ExpiresAt = "active", noon.AddDate(0, 0, 30)
	if text := words(t, v); !strings.Contains(text, "Expires in 30 days (24 Dec 2026, 12:00 UTC)") {
		t.Errorf("a live token: %s", text)
	}
}

func TestLeakIsTheGravestNotice(t *testing.T) {
	for _, n := range []int{1, 2} {
		v := tokensView()
		v.Notices = []tokenviews.Notice{{Kind: tokenviews.Leaked, Count: n}}
		if page := render(t, someone(), tokenviews.Page(v)); !strings.Contains(page, `class="note bad"`) {
			t.Errorf("the notice of %d leaked tokens is not red", n)
		}
	}
}

// TestProgramsHaveNames: the form that creates a token names each program that it knows.
func TestProgramsHaveNames(t *testing.T) {
	v := tokenviews.New{Settings: tokensView().Settings, Senders: []tokenviews.Sender{{ID: "grafana", Name: "Grafana", Icon: "bell"}}}
	if text := htmltest.Parse(t, render(t, someone(), tokenviews.NewPage(v))).Words(); !slices.Contains(text, "Grafana") {
		t.Errorf("the form does not name Grafana: %s", text)
	}
}

func TestEmptyTokens(t *testing.T) {
	v := tokensView()
	v.Tokens = nil
	page := render(t, someone(), tokenviews.Page(v))
	if !strings.Contains(page, "No live tokens") || strings.Contains(page, "first token") {
		t.Error("a list with ended tokens is shown as one that never had any")
	}
	if v.Ended = nil; !strings.Contains(render(t, someone(), tokenviews.Page(v)), "Create your first token") {
		t.Error("a list that never had a token does not say so")
	}
}

// TestEveryIconIsThere looks for the names of icons in the sources: one that does not exist draws nothing.
func TestEveryIconIsThere(t *testing.T) {
	name := regexp.MustCompile(`(?:@(?:web\.)?Icon\(|Glyph: |\bSubmit\("[^"]*", |\b(?:LinkButton|DialogLink)\((?:[^"\n]|"[^"\n]*")*?, "[a-z ]*", )"([a-z]\w*)"`)
	found := map[string]bool{}
	for _, pattern := range []string{"*.templ", "*.go", "tokens/*.templ", "tokens/*.go", "account/*.templ", "account/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_templ.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range name.FindAllStringSubmatch(string(text), -1) {
				found[m[1]] = true
				if !web.HasIcon(m[1]) {
					t.Errorf("%s: there is no icon %q", file, m[1])
				}
			}
		}
	}
	for _, sure := range []string{"x", "plus", "rotate", "trash", "dice", "save"} {
		if !found[sure] {
			t.Errorf("the icon %q is not found in the sources: the pattern misses it", sure)
		}
	}
}

func TestRowsShowDescriptions(t *testing.T) {
	r := rows()[2]
	r.Description = "From the garden station"
	page := render(t, someone(), web.HomePage(web.Home{Tab: "catalog", Topics: []web.TopicRow{r}}))
	if !strings.Contains(page, r.Description) || !strings.Contains(page, r.LastText) {
		t.Error("the catalog does not show a description and the last message")
	}
}

func TestFieldsSayTheirRule(t *testing.T) {
	for _, v := range views() {
		for _, in := range htmltest.Parse(t, render(t, v.env, v.page)).All("input") {
			if in.Attrs["pattern"] != "" && in.Attrs["title"] == "" {
				t.Errorf("%s: the field %s has a pattern and no title to explain it", v.name, in.Attrs["id"])
			}
		}
	}
}

func TestEmptyTopicLeadsToACredential(t *testing.T) {
	v := topicView()
	v.Messages, v.Next, v.Cursor = nil, "", ""
	for access, want := range map[string]string{"private": "/topic/backups/settings/tokens?new", "protected": "/settings/keys?new"} {
		v.Access = access
		page := render(t, someone(), web.TopicPage(v))
		if !strings.Contains(page, `href="`+want+`"`) || !strings.Contains(page, "curl -fsS -d") {
			t.Errorf("an empty %s topic does not lead to %s, or its example hides errors", access, want)
		}
	}
	v.Access, v.Manage = "private", false
	if strings.Contains(render(t, someone(), web.TopicPage(v)), "tokens?new") {
		t.Error("an empty topic offers a token to somebody who may not make one")
	}
}

// TestPrioritiesHaveOneName holds the forms, the details of a token and the documentation to the same five words.
func TestPrioritiesHaveOneName(t *testing.T) {
	const want = "Urgent High Default Low Min"
	for name, page := range map[string]templ.Component{
		"publish": web.TopicPage(topicView()),
		"token":   tokenviews.NewPage(tokenviews.New{Settings: settings("tokens"), Form: web.Form{Values: map[string]string{"priority": "3"}}}),
	} {
		for _, s := range htmltest.Parse(t, render(t, someone(), page)).All("select") {
			if got := strings.Join(s.Words(), " "); s.Attrs["id"] == "priority" && got != want {
				t.Errorf("%s: the choice is %q, want %q", name, got, want)
			}
		}
	}
	v := tokenPage(0)
	if v.Token.Priority = 4; !strings.Contains(words(t, v), "Default priority High") {
		t.Error("the details of a token show its priority as a number")
	}
	d, _ := docs.Find("publish")
	if page := render(t, stranger(), web.DocPage(d, web.Reading{})); !strings.Contains(page, "1 Min, 2 Low, 3 Default, 4 High, 5 Urgent") {
		t.Error("the documentation has other names")
	}
}

func TestChecksArePlain(t *testing.T) {
	for _, v := range views() {
		if v.name == "admin" {
			text := strings.Join(htmltest.Parse(t, render(t, v.env, v.page)).Words(), " ")
			for _, want := range []string{"Clock It says", "Disk space", "Not checked", "File access /data", "Needs fixing", "Check this"} {
				if !strings.Contains(text, want) {
					t.Errorf("the page of the server does not say %q", want)
				}
			}
		}
	}
}
