package server

import (
	"net/http"
	"strconv"
	"strings"

	"notifer/db"
	"notifer/web"
)

// submitMessage publishes from the topic's page, by the same rules as the API. What is written there is markdown.
func (s *Server) submitMessage(c *call) error {
	f, _, err := s.readForm(c)
	if err != nil {
		return err
	}
	m, f := s.pageMessage(f)
	if len(f.Problems) > 0 {
		return s.topicView(c, http.StatusUnprocessableEntity, web.Topic{PublishOpen: true, Publish: f})
	}
	if err := s.refuseSecrets(c, m); err != nil {
		return s.topicView(c, http.StatusUnprocessableEntity, web.Topic{PublishOpen: true, Publish: f.Wrong("message", "publish.secret")})
	}
	m.TopicID, m.Topic = c.topic.ID, c.topic.Name
	if err := s.d.Publish(m, nil); err != nil {
		return err
	}
	s.meters.publish(s.d.Now().Sub(c.began))
	return s.seeOther(c, c.topicPath(""), "flash.published")
}

// pageMessage makes a message of a form and adds what is wrong with it.
func (s *Server) pageMessage(f web.Form) (*db.Message, web.Form) {
	m := &db.Message{Body: strings.ReplaceAll(f.Value("message"), "\r\n", "\n"), Priority: defaultPriority}
	var err error
	if strings.TrimSpace(m.Body) == "" {
		f = f.Wrong("message", "publish.empty")
	}
	if len(m.Body) > s.messageBytes() {
		f = f.Wrong("message", "publish.long")
	}
	if m.Title, err = checkTitle(f.Value("title")); err != nil {
		f = f.Wrong("title", "publish.title.long")
	}
	m.HasTitle = m.Title != ""
	if n, err := strconv.Atoi(f.Value("priority")); err == nil && n >= 1 && n <= 5 {
		m.Priority = n
	}
	if m.Tags, err = joinTags(strings.Split(f.Value("tags"), ",")); err != nil {
		f = f.Wrong("tags", "publish.tags.bad")
	}
	m.SetExtras(db.Extras{Markdown: true})
	return m, f
}

func (s *Server) showDeleteMessage(c *call) error {
	m, err := s.pathMessage(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, web.DeleteMessagePage(web.DeleteMessage{Topic: c.topic.Name, ID: m.ID.String(), Text: m.Body,
		Markdown: m.Extras().Markdown}))
}

func (s *Server) submitDeleteMessage(c *call) error {
	if _, _, err := s.readForm(c); err != nil {
		return err
	}
	m, err := s.pathMessage(c)
	if err != nil {
		return err
	}
	if err := s.deleteMessage(c, m.ID); err != nil {
		return err
	}
	return s.seeOther(c, c.topicPath(""), "flash.message")
}

// pathMessage is the message that the path names.
func (s *Server) pathMessage(c *call) (db.Message, error) {
	id, err := db.ParseID(c.r.PathValue("id"))
	if err != nil {
		return db.Message{}, db.ErrNotFound
	}
	return s.d.Message(c.r.Context(), c.topic.ID, id)
}

// topicPath is the path of a page of the topic at hand.
func (c *call) topicPath(rest string) string { return "/topic/" + c.topic.Name + rest }
