package tokens

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/tokens"
)

// tokenQuestion reads the token of the path as the confirmations show it. Of an ended one it reports ErrNotFound.
func (p *Tokens) tokenQuestion(c *request.Call) (views.Question, error) {
	v := views.Question{Settings: frame.SettingsOf(c.Topic, "tokens")}
	t, err := p.DB.Token(c.R.Context(), c.Topic.ID, c.R.PathValue("id"))
	if err != nil {
		return v, err
	}
	if !t.Live(p.DB.Now()) {
		return v, db.ErrNotFound
	}
	days, err := p.DB.TokenDays(c.R.Context(), t.ID, frame.ChartStart(p.DB.Now()))
	v.Token = p.webToken(&t, days)
	return v, err
}

func (p *Tokens) ShowRevokeToken(c *request.Call) error {
	v, err := p.tokenQuestion(c)
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, views.RevokePage(v))
}

// SubmitRevokeToken ends a token. The page it leads to puts the focus on the card after it. It never asks for the
// password: in an emergency it must be one press.
func (p *Tokens) SubmitRevokeToken(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	id := c.R.PathValue("id")
	next, err := p.nextToken(c, id)
	if err != nil {
		return err
	}
	t, err := p.Manage.RevokeToken(manage.ActorOf(c.Who), c.Topic, id)
	if err != nil && (!errors.Is(err, auth.ErrNotFound) || t.ID == "") {
		return err
	}
	return p.SeeOther(c, frame.TopicPath(c, "/settings/tokens?next="+next), "flash.revoked", t.Name)
}

// nextToken is the token listed after another one, or before the last; "none" when it is the only one.
func (p *Tokens) nextToken(c *request.Call, id string) (string, error) {
	list, err := p.Manage.Tokens(c.R.Context(), c.Topic)
	if err != nil {
		return "", err
	}
	var live []views.Token
	for i := range list {
		if list[i].Live(p.DB.Now()) {
			live = append(live, p.webToken(&list[i], nil))
		}
	}
	sortTokens(live, tokenOrder)
	i := slices.IndexFunc(live, func(t views.Token) bool { return t.ID == id })
	switch {
	case i >= 0 && i+1 < len(live):
		return live[i+1].ID, nil
	case i > 0:
		return live[i-1].ID, nil
	}
	return "none", nil
}

func (p *Tokens) ShowRotateToken(c *request.Call) error {
	v, err := p.tokenQuestion(c)
	if err != nil {
		return err
	}
	return p.rotateView(c, http.StatusOK, v, web.Form{Values: map[string]string{}})
}

func (p *Tokens) rotateView(c *request.Call, status int, v views.Question, f web.Form) error {
	v.Form, v.Once, v.Again = f, frame.NewFormID(), p.Site.Stale(c)
	return p.Render(c, status, views.RotatePage(v))
}

func (p *Tokens) SubmitRotateToken(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	return p.SubmitOnce(c, f.Value("once"), func() (string, error) { return p.rotateFromForm(c, f) })
}

func (p *Tokens) rotateFromForm(c *request.Call, f web.Form) (path string, err error) {
	v, err := p.tokenQuestion(c)
	if err != nil {
		return "", err
	}
	seconds, err := strconv.ParseInt(f.Value("grace"), 10, 64)
	grace, outside := manage.Grace(seconds)
	if err != nil || outside != nil {
		return "", p.rotateView(c, http.StatusUnprocessableEntity, v, f.Wrong("grace", web.ChooseOption))
	}
	t, secret, err := p.Manage.RotateToken(c.R.Context(), manage.ActorOf(c.Who), c.Topic, v.Token.ID, grace)
	if err != nil {
		return "", err
	}
	p.KeepSecret(c, t.ID, secret)
	return frame.TopicPath(c, "/settings/tokens?created="+t.ID), nil
}

func (p *Tokens) ShowEndOld(c *request.Call) error {
	v, err := p.tokenQuestion(c)
	if err != nil {
		return err
	}
	if v.Token.OldHint == "" {
		return p.SeeOther(c, frame.TopicPath(c, "/settings/tokens"), "")
	}
	return p.Render(c, http.StatusOK, views.EndOldPage(v))
}

func (p *Tokens) SubmitEndOld(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	v, err := p.tokenQuestion(c)
	if err != nil {
		return err
	}
	if err := p.Manage.EndOldSecret(manage.ActorOf(c.Who), c.Topic, v.Token.ID); err != nil {
		return err
	}
	return p.SeeOther(c, frame.TopicPath(c, "/settings/tokens?next="+v.Token.ID), "flash.endold", v.Token.Name)
}
