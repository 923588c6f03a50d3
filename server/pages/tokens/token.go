package tokens

import (
	"errors"
	"net/http"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/tokens"
)

const usageDays = 30

// ShowToken is one token with its chart, addresses, activity and the form that edits it.
func (p *Tokens) ShowToken(c *request.Call) error {
	t, err := p.DB.Token(c.R.Context(), c.Topic.ID, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	f := web.Form{Values: map[string]string{"expires": "keep"}}
	fillToken(f.Values, &t)
	return p.tokenView(c, http.StatusOK, t, f)
}

func (p *Tokens) tokenView(c *request.Call, status int, t db.Token, f web.Form) error {
	now := p.DB.Now()
	days, err := p.DB.TokenDays(c.R.Context(), t.ID, now.UTC().AddDate(0, 0, 1-usageDays))
	if err != nil {
		return err
	}
	v := views.Details{Settings: frame.SettingsOf(c.Topic, "tokens"), Token: p.webToken(&t, days), Days: usageOf(days, now), Form: f,
		Longest: p.Manage.Rules().MaxExpiry, NoURLs: p.Settings.RefuseInURLs, Earliest: p.tomorrow(c),
		Senders: senders(), Sender: senderOf(t.Shape), Signing: manage.MaskedSecret(t.SigningSecret),
		Payloads: len(p.Site.Payloads.Of(t.ID, now))}
	addresses, err := p.DB.TokenAddresses(c.R.Context(), t.ID)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		v.Addresses = append(v.Addresses, views.Address{Address: a.Address, At: a.LastAt, Count: int(a.Count)})
	}
	list, err := p.DB.Activity(c.R.Context(), c.Topic.ID, db.ActivityFilter{Token: t.ID, Limit: activityOnTab})
	if err != nil {
		return err
	}
	v.Activity = frame.ActivityLines(list)
	return p.Render(c, status, views.DetailsPage(v))
}

// usageOf lists the last days, used or not, the oldest first.
func usageOf(list []db.TokenDay, now time.Time) []views.Day {
	out := make([]views.Day, usageDays)
	today := now.UTC().Truncate(24 * time.Hour)
	for i := range out {
		out[i].Day = today.AddDate(0, 0, i+1-usageDays)
	}
	for _, d := range list {
		if i, ok := frame.DayIndex(d.Day, now, len(out)); ok {
			out[i].OK, out[i].Refused = int(d.OK), int(d.Refused)
		}
	}
	return out
}

// SubmitTokenEdit changes everything but the permissions.
func (p *Tokens) SubmitTokenEdit(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	was, err := p.Manage.Token(c.R.Context(), c.Topic, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	v, f := p.tokenValues(c, f)
	if len(f.Problems) > 0 {
		return p.tokenView(c, http.StatusUnprocessableEntity, was, f)
	}
	t, err := p.Manage.UpdateToken(manage.ActorOf(c.Who), c.Topic, was.ID, v)
	switch {
	case nameTaken(err):
		return p.tokenView(c, http.StatusConflict, was, f.Wrong("name", web.TokenNameTaken(c.Topic.Name, t.Name)))
	case errors.Is(err, auth.ErrInvalid):
		return p.tokenView(c, http.StatusUnprocessableEntity, was, addTokenProblems(c, f, err))
	case err != nil:
		return err
	}
	return p.SeeOther(c, frame.TopicPath(c, "/settings/tokens/"+t.ID), "flash.token", t.Name)
}
