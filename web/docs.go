package web

import "slices"

// DocPart is one heading of a documentation page.
type DocPart struct{ ID, Title string }

type docGroup struct {
	name  string
	slugs []string
	pages []Tab
}

// docGroups are the pages of the documentation as they are listed. A page that no group
// names comes under More.
func docGroups() []docGroup {
	groups := []docGroup{
		{name: "Use", slugs: []string{"start", "tokens", "publish", "receive", "recipes", "keys", "phones"}},
		{name: "Switch", slugs: []string{"from-ntfy", "from-gotify"}},
		{name: "Run", slugs: []string{"install", "hosting", "proxies", "backup", "monitoring", "troubleshooting"}},
		{name: "More"},
	}
	for _, d := range Docs() {
		i := slices.IndexFunc(groups, func(g docGroup) bool { return slices.Contains(g.slugs, d.Slug) })
		if i < 0 {
			i = len(groups) - 1
		}
		groups[i].pages = append(groups[i].pages, Tab{d.Slug, "/docs/" + d.Slug, d.Title})
	}
	groups[0].pages = append(groups[0].pages, Tab{"api", "/docs/api", "API reference"})
	return groups
}

func docPages() []Tab {
	var list []Tab
	for _, g := range docGroups() {
		list = append(list, g.pages...)
	}
	return list
}

// docNeighbours are the pages before and after one; their path is empty where there is none.
func docNeighbours(slug string) (before, after Tab) {
	pages := docPages()
	for i, p := range pages {
		if p.ID != slug {
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
