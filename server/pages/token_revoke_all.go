package pages

import (
	"net/http"
	"strings"

	"notifer/server/request"
	"notifer/web"
)

func (p *Pages) ShowRevokeAll(c *request.Call) error {
	return p.revokeAllView(c, http.StatusOK, web.Form{Values: map[string]string{}})
}

func (p *Pages) revokeAllView(c *request.Call, status int, f web.Form) error {
	list, err := p.db.Tokens(c.R.Context(), c.Topic.ID)
	if err != nil {
		return err
	}
	v := web.RevokeAll{Settings: settingsOf(c.Topic, "advanced"), Form: f, Again: p.site.Stale(c)}
	for i := range list {
		if list[i].Live(p.db.Now()) {
			v.Live++
		}
	}
	return p.render(c, status, web.RevokeAllPage(v))
}

// SubmitRevokeAll ends all tokens of a topic whose name is typed.
func (p *Pages) SubmitRevokeAll(c *request.Call) error {
	f, _, err := p.readForm(c)
	if err != nil {
		return err
	}
	if strings.TrimSpace(f.Value("confirm")) != c.Topic.Name {
		return p.revokeAllView(c, http.StatusUnprocessableEntity, f.Wrong("confirm", web.NotThisTopic))
	}
	n, err := p.db.RevokeTokens(*c.Topic, c.Who.Actor())
	if err != nil {
		return err
	}
	return p.seeOther(c, topicPath(c, "/settings/advanced"), "flash.revokedall", web.Number(n))
}
