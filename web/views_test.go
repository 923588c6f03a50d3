package web_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"notifer/server/test/htmltest"
	"notifer/static"
	"notifer/web"
)

func render(t *testing.T, e web.Env, page templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := web.Render(context.Background(), &b, e, page); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEveryView(t *testing.T) {
	for _, v := range views() {
		t.Run(v.name, func(t *testing.T) {
			d := htmltest.Parse(t, render(t, v.env, v.page))
			if n := len(d.All("h1")); n != 1 {
				t.Errorf("%d h1 elements, want 1", n)
			}
			for _, name := range []string{"title", "main", "header"} {
				if len(d.All(name)) == 0 {
					t.Errorf("no %s element", name)
				}
			}
			noInline(t, d)
			labelled(t, d)
			uniqueIDs(t, d)
		})
	}
}

// noInline holds the views to the content security policy.
func noInline(t *testing.T, d *htmltest.Node) {
	t.Helper()
	for _, n := range d.All("*") {
		for name := range n.Attrs {
			if name == "style" || strings.HasPrefix(name, "on") {
				t.Errorf("<%s> has the attribute %s", n.Name, name)
			}
		}
		if n.Name == "style" || n.Name == "script" && n.Attrs["src"] == "" {
			t.Errorf("inline %s", n.Name)
		}
		if src := n.Attrs["src"] + n.Attrs["srcset"]; src != "" && !strings.HasPrefix(src, "/static/") {
			t.Errorf("<%s> loads %s", n.Name, src)
		}
	}
}

func labelled(t *testing.T, d *htmltest.Node) {
	t.Helper()
	labels := map[string]bool{}
	for _, l := range d.All("label") {
		labels[l.Attrs["for"]] = true
	}
	for _, n := range append(append(d.All("input"), d.All("select")...), d.All("textarea")...) {
		if n.Attrs["type"] == "hidden" || n.Within("label") || n.Attrs["aria-label"] != "" {
			continue
		}
		if !labels[n.Attrs["id"]] {
			t.Errorf("<%s id=%q> has no label", n.Name, n.Attrs["id"])
		}
	}
}

func uniqueIDs(t *testing.T, d *htmltest.Node) {
	t.Helper()
	seen := map[string]bool{}
	for _, n := range d.All("*") {
		id := n.Attrs["id"]
		if id != "" && seen[id] {
			t.Errorf("id %q is there twice", id)
		}
		seen[id] = true
	}
	for _, n := range d.All("*") {
		for _, name := range []string{"for", "aria-describedby", "aria-labelledby"} {
			for _, id := range strings.Fields(n.Attrs[name]) {
				if !seen[id] {
					t.Errorf("%s=%q leads nowhere", name, id)
				}
			}
		}
	}
}

func TestMarkupStaysText(t *testing.T) {
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	v := topicView()
	v.Display, v.Description = evil, evil
	v.Messages = []web.Message{
		{ID: "a", At: noon, Title: evil, Text: evil, Priority: 3, Tags: []string{evil}, Links: []web.Link{{URL: "javascript:alert(1)", Title: evil}}},
		{ID: "b", At: noon, Text: evil + "\n\n![x](http://tracker.example/p.png) [y](javascript:alert(1)) <http://ok.example>", Markdown: true, Priority: 3},
	}
	d := htmltest.Parse(t, render(t, someone(), web.TopicPage(v)))
	noInline(t, d)
	if n := len(d.All("script")); n != 4 {
		t.Errorf("%d script elements, want the page's own four", n)
	}
	if n := len(d.All("img")); n != 0 {
		t.Errorf("%d img elements, want none", n)
	}
	for _, a := range d.All("a") {
		if strings.HasPrefix(a.Attrs["href"], "javascript:") {
			t.Errorf("a link to %s", a.Attrs["href"])
		}
	}
	if !strings.Contains(d.First("h1").Text(), evil) {
		t.Errorf("h1 = %q, want the display name as it is", d.First("h1").Text())
	}
}

func TestPrefix(t *testing.T) {
	e := someone()
	e.Base = "/notify"
	for _, v := range views() {
		v.env.Base = "/notify"
		d := htmltest.Parse(t, render(t, v.env, v.page))
		for _, n := range d.All("*") {
			for _, name := range []string{"href", "src", "action", "data-feed", "data-stream"} {
				to := n.Attrs[name]
				if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "/notify/") {
					t.Errorf("%s: %s=%q leaves the prefix", v.name, name, to)
				}
			}
		}
	}
}

func TestEveryTextHasItsArguments(t *testing.T) {
	for _, v := range views() {
		if strings.Contains(render(t, v.env, v.page), "%!") {
			t.Errorf("%s: a text has other arguments than it takes", v.name)
		}
	}
}

// TestAssetSizes bounds what one page loads, as it comes over the wire; no page has both the feed and the tokens.
func TestAssetSizes(t *testing.T) {
	for _, page := range []struct {
		names []string
		most  int
	}{{[]string{"app.css"}, 14_000}, {[]string{"app.js", "live.js", "feed.js"}, 25_000}, {[]string{"app.js", "tokens.js"}, 25_000}} {
		n := 0
		for _, name := range page.names {
			n += static.Sent(name)
		}
		t.Logf("%v: %d of %d bytes", page.names, n, page.most)
		if n > page.most {
			t.Errorf("%v have %d bytes, want at most %d", page.names, n, page.most)
		}
	}
}

// TestErrorsOfVisitors: an error leads a visitor to signing in, and its detail reads as a sentence.
func TestErrorsOfVisitors(t *testing.T) {
	refused := web.PageError{Status: 403, Detail: "registration is off here: ask an admin for an account"}
	page := render(t, stranger(), web.ErrorPage(refused))
	for _, want := range []string{"Registration is off here: ask an admin for an account.", `href="/login"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, v := range []struct {
		fault web.PageError
		says  string
	}{
		{web.PageError{Status: 403, Closed: true}, "Ask an admin for an account."},
		{web.PageError{Status: 403}, "Sign in with an account that has it."},
		{web.PageError{Status: 404}, "you may have to sign in to see it."},
	} {
		if page := render(t, stranger(), web.ErrorPage(v.fault)); !strings.Contains(page, v.says) || strings.Contains(page, "your list") || strings.Contains(page, "another account") {
			t.Errorf("%+v does not say %q, or speaks of what a visitor does not have", v.fault, v.says)
		}
	}
	if page := render(t, someone(), web.ErrorPage(web.PageError{Status: 422, Detail: "base_url has no host"})); !strings.Contains(page, "base_url has no host.") || !strings.Contains(page, "All topics") {
		t.Error("the name of a setting was changed, or the way back is missing")
	}
}

// TestFirstStepsAreOnesThatTheReaderCanTake: the server's URL and backups are an admin's work.
func TestFirstStepsAreOnesThatTheReaderCanTake(t *testing.T) {
	for _, admin := range []bool{true, false} {
		env := someone()
		env.User = &web.User{Name: "tom", Admin: admin}
		page := render(t, env, web.HomePage(web.Home{Tab: "mine", Open: true}))
		if !strings.Contains(page, "Put it on your phone") || strings.Contains(page, "Make a backup") != admin || strings.Contains(page, "Set the public URL") != admin {
			t.Errorf("the first steps of an admin (%v) are not those that the reader can take", admin)
		}
	}
}
