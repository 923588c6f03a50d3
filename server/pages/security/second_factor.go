package security

import (
	"errors"
	"net/http"

	"notifer/server/auth"
	"notifer/server/pages/frame"
	"notifer/server/qr"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/account"
)

// factorSlot is where new recovery codes wait for the page that shows them.
const factorSlot = "recovery codes"

// ShowSecondFactor shows the secret of a second factor that is not on yet only after a recent sign-in. A session that owes a second factor
// has no way to the page that asks for the password, and is let in.
func (p *Pages) ShowSecondFactor(c *request.Call) error {
	if !c.User().Factor && p.Auth.Unfinished(c.Who) == nil && c.Who.ByCookie() && p.Site.Stale(c) {
		return p.SeeOther(c, "/settings/confirm?next=/settings/second-factor", "")
	}
	return p.factorView(c, http.StatusOK, web.Form{})
}

func (p *Pages) factorView(c *request.Call, status int, f web.Form) error {
	state, err := p.Manage.SecondFactor(c.R.Context(), c.User())
	if err != nil {
		return err
	}
	v := views.SecondFactor{On: state.Enabled, Left: state.RecoveryCodesLeft, Required: state.Required, Owed: p.Auth.Unfinished(c.Who) != nil, Form: f}
	c.Secret = true
	if v.On {
		v.Since = state.EnabledAt.Time
		if c.Asked("created") {
			if v.Codes, _, err = p.TakeSecret(c, factorSlot); err != nil {
				return err
			}
		}
		return p.Render(c, status, views.SecondFactorPage(v))
	}
	fresh, err := p.Manage.NewSecondFactor(c.User(), c.Who.Session().ID)
	if err != nil {
		return err
	}
	code, err := qr.Encode(fresh.URI)
	if err != nil {
		return err
	}
	v.Secret, v.QR = fresh.Secret, views.QR{Size: code.Size(), Path: code.Path()}
	return p.Render(c, status, views.SecondFactorPage(v))
}

// SubmitSecondFactor turns the second factor on, proved by a code of the app.
func (p *Pages) SubmitSecondFactor(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	codes, err := p.Manage.EnableSecondFactor(c.R.Context(), c.User(), c.Who.Session().ID, f.Value("code"), c.By())
	if errors.Is(err, auth.ErrInvalid) {
		return p.factorView(c, http.StatusUnprocessableEntity, f.Wrong("code", "That is not the code. Compare the clocks of your phone and of the server, and enter the code that the app shows now."))
	}
	if err != nil {
		return err
	}
	return p.showCodes(c, codes)
}

// showCodes leads to the page that shows recovery codes once.
func (p *Pages) showCodes(c *request.Call, codes []string) error {
	p.KeepSecret(c, factorSlot, views.JoinCodes(codes))
	return p.SeeOther(c, "/settings/second-factor?created", "")
}

func (p *Pages) ShowFactorOff(c *request.Call) error {
	return p.factorQuestion(c, http.StatusOK, "off", web.Form{})
}

func (p *Pages) ShowRecoveryCodes(c *request.Call) error {
	return p.factorQuestion(c, http.StatusOK, "codes", web.Form{})
}

func (p *Pages) factorQuestion(c *request.Call, status int, verb string, f web.Form) error {
	state, err := p.Manage.SecondFactor(c.R.Context(), c.User())
	if err != nil {
		return err
	}
	if !state.Enabled {
		return p.SeeOther(c, "/settings/second-factor", "")
	}
	return p.Render(c, status, views.FactorQuestionPage(views.FactorQuestion{Verb: verb, Left: state.RecoveryCodesLeft, Form: f}))
}

// SubmitFactorOff turns the second factor off when password and code are right.
func (p *Pages) SubmitFactorOff(c *request.Call) error {
	return p.changeFactor(c, "off", func() error {
		if err := p.Manage.DisableSecondFactor(c.User(), c.Who.Session().ID, c.By()); err != nil {
			return err
		}
		return p.SeeOther(c, "/settings/second-factor", "flash.factor.off")
	})
}

// SubmitRecoveryCodes makes new recovery codes when password and code are right.
func (p *Pages) SubmitRecoveryCodes(c *request.Call) error {
	return p.changeFactor(c, "codes", func() error {
		codes, err := p.Manage.RenewRecoveryCodes(c.User(), c.By())
		if err != nil {
			return err
		}
		return p.showCodes(c, codes)
	})
}

// changeFactor does the work of a form that its sender has proved with password and code.
func (p *Pages) changeFactor(c *request.Call, verb string, work func() error) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if !c.User().Factor {
		return p.SeeOther(c, "/settings/second-factor", "")
	}
	if err := p.Site.ConfirmOwnerByCode(c, f.Value(request.PasswordField), f.Value(request.CodeField)); err != nil {
		status := http.StatusUnprocessableEntity
		if problem, _ := request.Explain(err); problem.Status == http.StatusTooManyRequests {
			status = problem.Status
		}
		if f, err = frame.WrongPassword(f, err); err != nil {
			return err
		}
		return p.factorQuestion(c, status, verb, web.Form{Problems: f.Problems})
	}
	return work()
}
