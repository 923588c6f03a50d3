package security

import (
	"net/http"

	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

// ShowConfirm asks for the password where a script needs a recent sign-in, and then leads to the page that the script is of.
func (p *Pages) ShowConfirm(c *request.Call) error {
	next := frame.LocalPath(c.Query.Get("next"))
	if !p.Site.Stale(c) {
		return p.SeeOther(c, next, "")
	}
	return p.Render(c, http.StatusOK, web.ReauthPage(web.Reauth{Action: "/settings/confirm", Factor: c.User().Factor, Fields: []web.ReauthField{{Name: "next", Value: next}}}))
}

// SubmitConfirm leads on: its route has seen to the password.
func (p *Pages) SubmitConfirm(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	return p.SeeOther(c, frame.LocalPath(f.Value("next")), "flash.confirmed")
}
