package server

import (
	"net/http"

	"notifer/db"
	"notifer/web"
)

// showDocs answers with a page of the documentation, the first one by default.
func (s *Server) showDocs(c *call) error {
	name := c.r.PathValue("page")
	if name == "" {
		name = web.Docs()[0].Slug
	}
	d, ok := web.FindDoc(name)
	if !ok {
		return db.ErrNotFound
	}
	return s.render(c, http.StatusOK, web.DocPage(d))
}
