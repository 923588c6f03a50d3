package pages

import (
	"bytes"
	"net/http"
	"strings"
	"sync"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/plaintext"
	"notifer/server/request"
	"notifer/web"
	"notifer/web/docs"
	"notifer/web/openapi"
)

// ShowDocs answers with a page of the documentation, the first one by default.
func (p *Pages) ShowDocs(c *request.Call) error {
	name := c.R.PathValue("page")
	if query := strings.TrimSpace(c.Query.Get("q")); name == "" && query != "" {
		query = plaintext.First(strings.ToValidUTF8(query, ""), 200)
		return p.Render(c, http.StatusOK, web.DocSearchPage(query, docs.Search(query, operationSections())))
	}
	if name == "" {
		name = docs.All()[0].Slug
	}
	if name == "api" {
		reading, err := p.reading(c)
		if err != nil {
			return err
		}
		return p.Render(c, http.StatusOK, web.ReferencePage(openapi.Read(), reading))
	}
	if name == "style" && strings.Contains(p.Settings.Version, "dev") {
		return p.Render(c, http.StatusOK, web.StylePage())
	}
	d, ok := docs.Find(name)
	if !ok {
		return db.ErrNotFound
	}
	reading, err := p.reading(c)
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, web.DocPage(d, reading))
}

const (
	docTopicCookie = "notifer_docs" // the topic that a reader has chosen for the examples
	docTopicAge    = 30 * 24 * 3600
	docTopics      = 500 // in the menu
)

// reading is the topic that the examples name: the one in the query, or one chosen before, or the first of the reader's list.
func (p *Pages) reading(c *request.Call) (web.Reading, error) {
	var r web.Reading
	u := c.User()
	if u == nil {
		return r, nil
	}
	list, err := p.DB.Topics(c.R.Context(), db.TopicFilter{Owner: u.ID, Unread: u.ID, Limit: docTopics})
	if err != nil {
		return r, err
	}
	chosen := c.Query.Get("topic")
	asked := chosen != ""
	if k, err := c.R.Cookie(docTopicCookie); err == nil && !asked {
		chosen = k.Value
	}
	for _, t := range list {
		if t.Inbox {
			continue
		}
		r.Topics = append(r.Topics, t.Name)
		if t.Name == chosen {
			r.Topic = chosen
		}
	}
	if r.Topic == "" && len(r.Topics) > 0 {
		r.Topic = r.Topics[0]
	} else if asked && r.Topic != "" {
		p.SetSmallCookie(c, docTopicCookie, r.Topic, docTopicAge)
	}
	return r, nil
}

// operationSections are the operations of the API, for the search of the documentation, made once.
var operationSections = sync.OnceValue(func() []docs.Section {
	var list []docs.Section
	for _, g := range openapi.Read().Groups {
		for _, op := range g.Operations {
			list = append(list, docs.NewSection("API reference", "/docs/api#"+op.ID(), op.Summary, op.Method+" "+op.Path+" "+op.Text))
		}
	}
	return list
})

// ShowOpenAPI answers with the OpenAPI description of this server.
func (p *Pages) ShowOpenAPI(c *request.Call) error {
	c.W.Header().Set("Content-Type", "application/json")
	_, err := c.W.Write(p.describe())
	return err
}

// describe adds the address of this server to the description.
func (p *Pages) describe() []byte {
	text := []byte(openapi.Text())
	address := p.Site.Base
	if p.Site.BaseURL != nil {
		address = strings.TrimRight(p.Site.BaseURL.String(), "/")
	}
	if address == "" {
		return text
	}
	server := api.AppendString([]byte(`"servers": [{"url": `), address, api.UTF8)
	return bytes.Replace(text, []byte(`"servers": [{"url": "/"`), server, 1)
}
