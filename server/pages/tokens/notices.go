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
	if p.Site.UntrustedProxy(c.R) {
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

// addressText is where a request came from, in a sentence.
func addressText(a netip.Addr) string { return cmp.Or(db.AddressText(a), "an unknown address") }

// refusals are the newest refused requests of the call's topic. A token's name and topic are shown only to who may manage
// them.
func (p *Tokens) refusals(c *request.Call) ([]views.Refusal, error) {
	var out []views.Refusal
	names := map[string]string{}
	for _, r := range p.Site.Refusals.Newest(c.Topic.ID, p.DB.Now()) {
		text, err := p.refusalText(c, &r, names)
		if err != nil {
			return nil, err
		}
		out = append(out, views.Refusal{At: r.At, Address: addressText(r.Address), Via: r.Via, Text: text, Hint: r.SecretHint, Status: r.Status,
			Group: r.Group, Times: r.Times, First: r.First})
	}
	return out, nil
}

// refusalText is why a request was refused, after the name of its token. names holds those that were looked up before.
func (p *Tokens) refusalText(c *request.Call, r *refusals.Refusal, names map[string]string) (string, error) {
	if r.TokenID == "" {
		return r.Text, nil
	}
	name, known := names[r.TokenID]
	if !known {
		var err error
		if name, err = p.tokenName(c, r.TokenID); err != nil {
			return "", err
		}
		names[r.TokenID] = name
	}
	if name == "" {
		return r.Text, nil
	}
	return name + ": " + r.Text, nil
}

// tokenName is what the reader may know of a token: its name, with its topic unless that is the call's; empty for a token of somebody
// else, and for one that is gone.
func (p *Tokens) tokenName(c *request.Call, id string) (string, error) {
	t, topic, err := p.tokenAndTopic(c, id)
	switch {
	case err != nil || topic == nil || topic.OwnerID != c.User().ID && !c.User().IsAdmin:
		return "", err
	case topic.ID != c.Topic.ID:
		return t.Name + ", " + topic.Name, nil
	}
	return t.Name, nil
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
