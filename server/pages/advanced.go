package pages

import (
	"math"
	"net/http"
	"strings"

	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

func (p *Pages) ShowAdvanced(c *request.Call) error {
	return p.advancedView(c, http.StatusOK, web.Form{Values: map[string]string{}})
}

// advancedView answers with the page, or with one of its questions if the query or the path asks for it.
func (p *Pages) advancedView(c *request.Call, status int, f web.Form) error {
	t, err := p.Manage.FreshTopic(c.R.Context(), c.Topic.PublicID)
	if err != nil {
		return err
	}
	v := web.Advanced{Settings: frame.SettingsOf(&t, "advanced"), Messages: int(t.MessageCount), Form: f}
	last := c.R.URL.Path[strings.LastIndexByte(c.R.URL.Path, '/')+1:]
	switch {
	case c.Asked("purge") || last == "purge":
		return p.Render(c, status, web.PurgePage(v))
	case c.Asked("delete") || last == "delete":
		return p.Render(c, status, web.DeleteTopicPage(v))
	}
	return p.Render(c, status, web.AdvancedPage(v))
}

// nameConfirmed reads a form in which the topic's name must be typed. If it is not, it answers itself and returns false.
func (p *Pages) nameConfirmed(c *request.Call) (bool, error) {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return false, err
	}
	if strings.TrimSpace(f.Value("confirm")) == c.Topic.Name {
		return true, nil
	}
	return false, p.advancedView(c, http.StatusUnprocessableEntity, f.Wrong("confirm", web.NotThisTopic))
}

func (p *Pages) SubmitPurge(c *request.Call) error {
	if ok, err := p.nameConfirmed(c); !ok {
		return err
	}
	n, err := p.Manage.PurgeTopic(c.R.Context(), manage.ActorOf(c.Who), c.Topic)
	p.hub.Forget(c.Topic.ID) // even after an error: some may have been deleted
	p.Site.Payloads.Forget(c.Topic.ID, 0, math.MaxInt64)
	if err != nil {
		return err
	}
	return p.SeeOther(c, frame.TopicPath(c, "/settings/advanced"), "flash.purged", web.Number(int(n)))
}

func (p *Pages) SubmitDeleteTopic(c *request.Call) error {
	if ok, err := p.nameConfirmed(c); !ok {
		return err
	}
	if err := p.Manage.DeleteTopic(manage.ActorOf(c.Who), *c.Topic); err != nil {
		return err
	}
	return p.SeeOther(c, "/", "flash.deleted", c.Topic.Name)
}
