package pages

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

// ShowDocs answers with a page of the documentation, the first one by default.
func (p *Pages) ShowDocs(c *request.Call) error {
	name := c.R.PathValue("page")
	if name == "" {
		name = web.Docs()[0].Slug
	}
	if name == "api" {
		return p.Render(c, http.StatusOK, web.ReferencePage(web.Reference()))
	}
	if name == "style" && strings.Contains(p.Settings.Version, "dev") {
		return p.Render(c, http.StatusOK, web.StylePage())
	}
	d, ok := web.FindDoc(name)
	if !ok {
		return db.ErrNotFound
	}
	return p.Render(c, http.StatusOK, web.DocPage(d))
}

// ShowOpenAPI answers with the description of the HTTP interface. Under a sub-path it names that as the server.
func (p *Pages) ShowOpenAPI(c *request.Call) error {
	c.W.Header().Set("Content-Type", "application/json")
	_, err := c.W.Write(p.describe())
	return err
}

// describe adds the address of this server to the description.
func (p *Pages) describe() []byte {
	text := web.OpenAPI()
	address := p.Site.Base
	if p.Site.BaseURL != nil {
		address = strings.TrimRight(p.Site.BaseURL.String(), "/")
	}
	if address == "" {
		return text
	}
	return bytes.Replace(text, []byte("{\n"), fmt.Appendf(nil, "{\n \"servers\": [{\"url\": %q}],\n", address), 1)
}
