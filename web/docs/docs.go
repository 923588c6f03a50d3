// Package docs holds the documentation: its pages as text, their order, and what a reader sees of each.
package docs

import (
	"slices"
	"strings"
	"sync"
)

// order is the order in which the pages are listed; the first one is what /docs shows.
var order = []string{
	"start", "tokens", "publish", "receive", "webhooks", "recipes", "keys", "phones", "from-ntfy", "from-gotify",
	"install", "hosting", "accounts", "settings", "proxies", "backup", "replication", "monitoring", "troubleshooting",
	"contract", "reliability", "performance", "security", "faq", "glossary", "changelog", "contributing",
}

// file names the file of a page. Those that a visitor of the repository looks for carry the usual upper-case names.
func file(slug string) string {
	switch slug {
	case "security", "changelog", "contributing":
		slug = strings.ToUpper(slug)
	}
	return slug + ".md"
}

// All returns the pages in their order.
var All = sync.OnceValue(func() []Page {
	pages := make([]Page, len(order))
	for i, slug := range order {
		pages[i] = read(slug)
	}
	return pages
})

// Find returns the page of that name.
func Find(slug string) (Page, bool) {
	for _, p := range All() {
		if p.Slug == slug {
			return p, true
		}
	}
	return Page{}, false
}

// Entry is one page in a list.
type Entry struct{ Slug, Path, Title string }

// Group is a group of pages as they are listed.
type Group struct {
	Name  string
	Pages []Entry
	slugs []string
}

// Groups are the pages as they are listed. A page that no group names comes under More.
func Groups() []Group {
	groups := []Group{
		{Name: "Use", slugs: []string{"start", "tokens", "publish", "receive", "webhooks", "recipes", "keys", "phones"}},
		{Name: "Switch", slugs: []string{"from-ntfy", "from-gotify"}},
		{Name: "Run", slugs: []string{"install", "hosting", "accounts", "settings", "proxies", "backup", "replication", "monitoring", "troubleshooting"}},
		{Name: "More"},
	}
	for _, p := range All() {
		i := slices.IndexFunc(groups, func(g Group) bool { return slices.Contains(g.slugs, p.Slug) })
		if i < 0 {
			i = len(groups) - 1
		}
		groups[i].Pages = append(groups[i].Pages, Entry{p.Slug, "/docs/" + p.Slug, p.Title})
	}
	groups[0].Pages = append(groups[0].Pages, Entry{"api", "/docs/api", "API reference"})
	return groups
}

// Neighbours are the pages before and after one; their path is empty where there is none.
func Neighbours(slug string) (before, after Entry) {
	var pages []Entry
	for _, g := range Groups() {
		pages = append(pages, g.Pages...)
	}
	for i, p := range pages {
		if p.Slug != slug {
			continue
		}
		if i > 0 {
			before = pages[i-1]
		}
		if i < len(pages)-1 {
			after = pages[i+1]
		}
	}
	return before, after
}
