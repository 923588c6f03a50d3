package tokens

import (
	"cmp"
	"errors"
	"net/netip"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/request"
	"notifer/server/request/refusals"
	views "notifer/web/tokens"
)

// tokenNotices are what the owner should know first, the most severe first, at most two.
func (p *Tokens) tokenNotices(c *request.Call, v *views.List) []views.Notice {
	var list []views.Notice
	add := func(n views.Notice) { list = append(list, n) }
	if v.Show == "idle" {
		add(views.Notice{Kind: views.OnlyIdle})
	}
	if c.Topic.AccessLevel != db.Private {
		add(views.Notice{Kind: views.NotPrivate, Name: c.Topic.Name})
	}
	p.stateNotices(v, add)
	if p.untrustedProxy(c) {
		add(views.Notice{Kind: views.ProxyUntrusted})
	}
	if !p.Site.Secure(c.R) && !c.Address.IsLoopback() {
		add(views.Notice{Kind: views.PlainHTTP})
	}
	if p.Site.BaseURL == nil && v.Reveal != nil {
		add(views.Notice{Kind: views.NoBaseURL})
	}
	return list[:min(len(list), maxNotices)]
}

func (p *Tokens) stateNotices(v *views.List, add func(views.Notice)) {
	leaked, idle := 0, 0
	for _, t := range v.Tokens {
		switch t.Status {
		case api.Leaked:
			leaked++
		case api.Idle:
			idle++
		}
	}
	if leaked > 0 {
		add(views.Notice{Kind: views.Leaked, Count: leaked})
	}
	for _, t := range v.Ended {
		if n := p.Site.Refusals.CountOf(t.ID, p.DB.Now()); n > 0 {
			add(views.Notice{Kind: views.EndedInUse, Name: t.Name, Status: t.Status, Count: n})
		}
	}
	for _, t := range v.Tokens {
		if t.Status == api.Expiring {
			add(views.Notice{Kind: views.ExpiresSoon, Name: t.Name, At: t.ExpiresAt})
		}
	}
	if idle >= idleToShow && v.Show != "idle" {
		add(views.Notice{Kind: views.ManyIdle, Count: idle})
	}
}

// untrustedProxy reports whether a proxy names the client, and is not believed.
func (p *Tokens) untrustedProxy(c *request.Call) bool {
	return c.R.Header.Get("X-Forwarded-For") != "" && !p.Site.Trusted(c.R)
}

// addressText is where a request came from, in a sentence.
func addressText(a netip.Addr) string { return cmp.Or(db.AddressText(a), "an unknown address") }

// refusals are the newest refused requests of the call's topic. A token's name and topic are shown only to who may manage
// them.
func (p *Tokens) refusals(c *request.Call) ([]views.Refusal, error) {
	var out []views.Refusal
	for _, r := range p.Site.Refusals.Newest(c.Topic.ID, p.DB.Now()) {
		text, err := p.refusalText(c, &r)
		if err != nil {
			return nil, err
		}
		out = append(out, views.Refusal{At: r.At, Address: addressText(r.Address), Via: r.Via, Text: text, Hint: r.Secret, Status: r.Status,
			Group: r.Group, Times: r.Times, First: r.First})
	}
	return out, nil
}

// refusalText is why a request was refused, after the name of its token.
func (p *Tokens) refusalText(c *request.Call, r *refusals.Refusal) (string, error) {
	if r.TokenID == "" {
		return r.Text, nil
	}
	t, topic, err := p.tokenAndTopic(c, r.TokenID)
	switch {
	case err != nil || topic == nil || topic.OwnerID != c.User().ID && !c.User().IsAdmin:
		return r.Text, err
	case topic.ID != c.Topic.ID:
		t.Name += ", " + topic.Name
	}
	return t.Name + ": " + r.Text, nil
}

// tokenAndTopic finds a token by its id alone; a topic of nil when it is gone.
func (p *Tokens) tokenAndTopic(c *request.Call, id string) (db.Token, *db.Topic, error) {
	t, err := p.DB.TokenByID(c.R.Context(), id)
	if errors.Is(err, db.ErrNotFound) {
		return t, nil, nil
	}
	if err != nil {
		return t, nil, err
	}
	topic, err := p.Auth.Topic(c.R.Context(), t.Topic)
	return t, topic, err
}
