package pages

import (
	"errors"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/plaintext"
	"notifer/server/request"
	"notifer/web"
)

// SubmitMessage publishes from the topic's page by the same rules as the API. The text is Markdown.
func (p *Pages) SubmitMessage(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	m, f := p.pageMessage(f)
	if len(f.Problems) > 0 {
		return p.topicView(c, http.StatusUnprocessableEntity, web.Topic{PublishOpen: true, Publish: f})
	}
	if err := p.Manage.RefuseSecret(c.R.Context(), c.Who, c.Topic, m); err != nil && !errors.Is(err, auth.ErrInvalid) {
		return err
	} else if err != nil {
		return p.topicView(c, http.StatusUnprocessableEntity, web.Topic{PublishOpen: true, Publish: f.Wrong("message", "The message contains a live token or key of this server. Remove it first.")})
	}
	manage.Complete(m, c.Who, c.Topic)
	if err := p.Site.LimitBytes(c, m.Size()); err != nil {
		problem, _ := request.Explain(err)
		problem.SetRetryAfter(c.W.Header())
		return p.topicView(c, problem.Status, web.Topic{PublishOpen: true, Publish: f.Wrong("message", "Your account has published as much as it may for now. Try again later.")})
	}
	if err := p.DB.Publish(m, nil); err != nil {
		return err
	}
	p.hooks.Published(1, p.DB.Now().Sub(c.Began))
	return p.SeeOther(c, frame.TopicPath(c, ""), "flash.published")
}

// messageProblems are what the form says about a field that breaks a rule.
var messageProblems = map[string]string{
	"message":  "The message is too long.",
	"title":    "A title is one line of at most 250 characters.",
	"priority": web.ChooseOption,
	"tags":     "Tags are letters, digits, hyphens, underscores and dots, separated by commas; at most 20.",
}

// pageMessage makes a message of a form, and adds to the form what is wrong. It corrects nothing but removes terminal codes, which the
// writer does not see.
func (p *Pages) pageMessage(f web.Form) (*db.Message, web.Form) {
	d := manage.Draft{Text: plaintext.WithoutTerminal(strings.ReplaceAll(f.Value("message"), "\r\n", "\n")), Title: plaintext.WithoutTerminal(f.Value("title")), Priority: f.Value("priority"),
		Tags: strings.Split(f.Value("tags"), ","), Markdown: "true"}
	if strings.TrimSpace(d.Text) == "" {
		return nil, f.Wrong("message", "Write a message first.")
	}
	m, err := d.Message(p.Site.MessageBytes())
	if err != nil {
		return nil, f.Wrong("message", err.Error())
	}
	for _, fault := range d.Faults {
		for _, problem := range frame.ProblemsOf(fault.Refusal) {
			f = f.Wrong(problem.Field, messageProblems[problem.Field])
		}
	}
	return m, f
}

func (p *Pages) ShowDeleteMessage(c *request.Call) error {
	m, err := p.pathMessage(c)
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, web.DeleteMessagePage(web.DeleteMessage{Topic: c.Topic.Name, ID: m.ID.String(), Text: m.Body,
		Markdown: m.Extras().Markdown}))
}

func (p *Pages) SubmitDeleteMessage(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	m, err := p.pathMessage(c)
	if err != nil {
		return err
	}
	if err := p.hooks.DeleteMessage(c, m.ID); err != nil {
		return err
	}
	return p.SeeOther(c, frame.TopicPath(c, ""), "flash.message")
}

// pathMessage is the message that the path names.
func (p *Pages) pathMessage(c *request.Call) (db.Message, error) {
	id, err := db.ParseID(c.R.PathValue("id"))
	if err != nil {
		return db.Message{}, db.ErrNotFound
	}
	return p.DB.Message(c.R.Context(), c.Topic.ID, id)
}
