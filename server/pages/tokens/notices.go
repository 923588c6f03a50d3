package tokens

import (
	"errors"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

// tokenNotices are what the owner should know first, the most severe first, at most two.
func (p *Tokens) tokenNotices(c *request.Call, v *web.Tokens) []web.TokenNotice {
	var list []web.TokenNotice
	add := func(n web.TokenNotice) { list = append(list, n) }
	if v.Idle {
		add(web.TokenNotice{Kind: web.OnlyIdle})
	}
	if c.Topic.AccessLevel != db.Private {
		add(web.TokenNotice{Kind: web.NotPrivate, Name: c.Topic.Name})
	}
	p.stateNotices(v, add)
	if p.untrustedProxy(c) {
		add(web.TokenNotice{Kind: web.ProxyUntrusted})
	}
	if !p.Site.Secure(c.R) && !c.Address.IsLoopback() {
		add(web.TokenNotice{Kind: web.PlainHTTP})
	}
	if p.Site.BaseURL == nil && v.Reveal != nil {
		add(web.TokenNotice{Kind: web.NoBaseURL})
	}
	return list[:min(len(list), maxNotices)]
}

func (p *Tokens) stateNotices(v *web.Tokens, add func(web.TokenNotice)) {
	leaked, idle := 0, 0
	for _, t := range v.Tokens {
		switch t.Status {
		case "leaked":
			leaked++
		case "idle":
			idle++
		}
	}
	if leaked > 0 {
		add(web.TokenNotice{Kind: web.Leaked, Count: leaked})
	}
	for _, t := range v.Ended {
		if n := p.Site.Refusals.Tried(t.ID, p.DB.Now()); n > 0 {
			add(web.TokenNotice{Kind: web.EndedInUse, Name: t.Name, Status: t.Status, Count: n})
		}
	}
	for _, t := range v.Tokens {
		if t.Status == "expiring" {
			add(web.TokenNotice{Kind: web.ExpiresSoon, Name: t.Name, At: t.ExpiresAt})
		}
	}
	if idle >= idleToShow && !v.Idle {
		add(web.TokenNotice{Kind: web.ManyIdle, Count: idle})
	}
}

// untrustedProxy reports whether a proxy names the client, and is not believed.
func (p *Tokens) untrustedProxy(c *request.Call) bool {
	return c.R.Header.Get("X-Forwarded-For") != "" && !p.Site.Trusted(c.R)
}

// refusals are the newest refused requests of the call's topic. A token's name and topic are shown only to who may manage
// them.
func (p *Tokens) refusals(c *request.Call) ([]web.Refusal, error) {
	var out []web.Refusal
	for _, r := range p.Site.Refusals.Newest(c.Topic.ID, p.DB.Now()) {
		text, err := p.refusalText(c, &r)
		if err != nil {
			return nil, err
		}
		out = append(out, web.Refusal{At: r.At, Address: r.Address.String(), Via: r.Via, Text: text, Hint: r.Secret, Status: r.Status})
	}
	return out, nil
}

// refusalText is why a request was refused, after the name of its token.
func (p *Tokens) refusalText(c *request.Call, r *request.Refusal) (string, error) {
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
