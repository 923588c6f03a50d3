package server

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

// showDocs answers with a page of the documentation, the first one by default.
func (s *Server) showDocs(c *request.Call) error {
	name := c.R.PathValue("page")
	if name == "" {
		name = web.Docs()[0].Slug
	}
	if name == "api" {
		return s.render(c, http.StatusOK, web.ReferencePage(web.Reference()))
	}
	d, ok := web.FindDoc(name)
	if !ok {
		return db.ErrNotFound
	}
	return s.render(c, http.StatusOK, web.DocPage(d))
}

// showOpenAPI answers with the description of the HTTP interface. Under a sub-path it names that as the server.
func (s *Server) showOpenAPI(c *request.Call) error {
	c.W.Header().Set("Content-Type", "application/json")
	_, err := c.W.Write(s.describe())
	return err
}

// describe adds the address of this server to the description.
func (s *Server) describe() []byte {
	text := web.OpenAPI()
	address := s.site.Base
	if s.site.BaseURL != nil {
		address = strings.TrimRight(s.site.BaseURL.String(), "/")
	}
	if address == "" {
		return text
	}
	return bytes.Replace(text, []byte("{\n"), fmt.Appendf(nil, "{\n \"servers\": [{\"url\": %q}],\n", address), 1)
}
