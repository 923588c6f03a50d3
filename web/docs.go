package web

// DocPart is one heading of a documentation page.
type DocPart struct{ ID, Title string }
