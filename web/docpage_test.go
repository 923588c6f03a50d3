package web_test

import (
	"regexp"
	"strings"
	"testing"

	"notifer/web"
	"notifer/web/docs"
)

func renderDoc(t *testing.T, d docs.Page, base string) string {
	t.Helper()
	var b strings.Builder
	if err := web.Render(t.Context(), &b, web.Env{Base: base}, web.DocPage(d, web.Reading{})); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every link between documentation pages leads to a page, whatever prefix the site has.
func TestDocLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`href="/notify/docs/([^"#]*)`)
	for _, d := range docs.All() {
		page := renderDoc(t, d, "/notify")
		if d.Title == "" || len(d.Parts) == 0 {
			t.Errorf("%s has no title or no parts", d.Slug)
		}
		if strings.Contains(page, "-base-") {
			t.Errorf("%s has an unfilled prefix", d.Slug)
		}
		for _, m := range link.FindAllStringSubmatch(page, -1) {
			if _, ok := docs.Find(m[1]); !ok && m[1] != "api" {
				t.Errorf("%s links to /docs/%s, which is no page", d.Slug, m[1])
			}
		}
		for _, part := range d.Parts {
			if !strings.Contains(page, `id="`+part.ID+`"`) {
				t.Errorf("%s lists the part %s, which it does not have", d.Slug, part.ID)
			}
		}
	}
}

func TestDocUnknown(t *testing.T) {
	if _, ok := docs.Find("../docs/start"); ok {
		t.Error("a path is taken for a page")
	}
}

func TestDocsBeginWithTheirTitle(t *testing.T) {
	for _, d := range docs.All() {
		page := render(t, stranger(), web.DocPage(d, web.Reading{}))
		_, main, _ := strings.Cut(page, "<main")
		if h1, nav := strings.Index(main, "<h1"), strings.Index(main, "<nav"); h1 < 0 || h1 > nav {
			t.Errorf("%s: a list of links stands before the title", d.Slug)
		}
	}
}

func TestDocsShowThisServersURL(t *testing.T) {
	d, _ := docs.Find("publish")
	page := render(t, stranger(), web.DocPage(d, web.Reading{}))
	if !strings.Contains(page, stranger().Public+"/server-alerts") || strings.Contains(page, "$NOTIFER_URL/") {
		t.Error("the examples do not show the URL of this server")
	}
	if n := strings.Count(page, "data-copy="); n < 3 {
		t.Errorf("%d blocks of code can be copied, want all", n)
	}
	d, _ = docs.Find("start")
	page = render(t, stranger(), web.DocPage(d, web.Reading{}))
	if !strings.Contains(page, stranger().Public+"}") || strings.Contains(page, "http://localhost:8080") {
		t.Error("the line that sets the URL for the commands does not show the URL of this server")
	}
	d, _ = docs.Find("webhooks")
	page = render(t, stranger(), web.DocPage(d, web.Reading{Topic: "ops"}))
	if !strings.Contains(page, stranger().Public+"/ops?token=YOUR_TOKEN") || strings.Contains(page, "//home.example") {
		t.Error("what to paste into other programs does not show the URL of this server")
	}
}
