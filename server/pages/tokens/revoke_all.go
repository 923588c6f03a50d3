package tokens

import (
	"net/http"
	"strings"

	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/tokens"
)

func (p *Tokens) ShowRevokeAll(c *request.Call) error {
	return p.revokeAllView(c, http.StatusOK, web.Form{Values: map[string]string{}})
}

func (p *Tokens) revokeAllView(c *request.Call, status int, f web.Form) error {
	live, err := p.LiveTokens(c)
	if err != nil {
		return err
	}
	v := views.RevokeAll{Settings: frame.SettingsOf(c.Topic, "advanced"), Form: f, Live: live, Again: p.Site.Stale(c)}
	return p.Render(c, status, views.RevokeAllPage(v))
}

// SubmitRevokeAll ends all tokens of a topic whose name is typed.
func (p *Tokens) SubmitRevokeAll(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if strings.TrimSpace(f.Value("confirm")) != c.Topic.Name {
		return p.revokeAllView(c, http.StatusUnprocessableEntity, f.Wrong("confirm", web.NotThisTopic))
	}
	n, err := p.Manage.RevokeTokens(manage.ActorOf(c.Who), c.Topic)
	if err != nil {
		return err
	}
	return p.SeeOther(c, frame.TopicPath(c, "/settings/advanced"), "flash.revokedall", web.Number(n))
}
