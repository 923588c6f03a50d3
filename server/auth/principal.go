package auth

import (
	"net/netip"
	"time"

	"notifer/db"
	"notifer/server/auth/secrets"
)

// Principal is who a request is from: any mixture of one token, one key and one session, all of them valid.
type Principal struct {
	token   *tokenRecord
	key     *keyRecord
	session *sessionRecord
	paired  *sessionRecord // of a paired device, whose rights are those of key
	tokenFP secrets.Fingerprint
	keyFP   secrets.Fingerprint
	name    sessionName // of session or paired
	jwtExp  time.Time
	inURL   bool
	cookie  bool
	address netip.Addr
	via     string

	queryJWT bool // ?token= may be a JWT
	setAside string
}

// Anonymous reports whether no credential was presented.
func (p *Principal) Anonymous() bool { return p.token == nil && p.key == nil && p.session == nil }

// ByCookie reports whether the request is signed in by the dashboard's cookie.
func (p *Principal) ByCookie() bool { return p.cookie }

// Paired reports whether the request comes from a paired device, which may do what its key may.
func (p *Principal) Paired() bool { return p.paired != nil }

// User is the account behind the session or key; nil for tokens alone and anonymous callers.
func (p *Principal) User() *db.User {
	if p.session != nil {
		return &p.session.User
	}
	if p.key != nil {
		return &p.key.User
	}
	return nil
}

// Address is where the request came from, empty when that is not known.
func (p *Principal) Address() string { return db.AddressText(p.address) }

// Session is the session of an account, nil when the caller has none. A paired device has none.
func (p *Principal) Session() *db.Session {
	if p.session == nil {
		return nil
	}
	return &p.session.Session
}

// BrowserSession is the session that the caller's cookie names, of an account or of a paired device; nil without one.
func (p *Principal) BrowserSession() *db.Session {
	switch {
	case p.paired != nil:
		return &p.paired.Session
	case p.cookie:
		return p.Session()
	}
	return nil
}

// Key is the API key, nil when none was presented.
func (p *Principal) Key() *db.Key {
	if p.key == nil {
		return nil
	}
	return &p.key.Key
}

// Within are the names and patterns of topics that the caller's key limits lists to; nil when there is no such bound.
func (p *Principal) Within() []string {
	if p.key == nil || p.session != nil {
		return nil
	}
	return p.key.Topics
}

// Token is the topic token, nil when none was presented.
func (p *Principal) Token() *db.Token {
	if p.token == nil {
		return nil
	}
	return &p.token.Token
}

// Admin reports whether the caller administers: an admin's session. An API key never carries it.
func (p *Principal) Admin() bool { return p.session != nil && p.session.User.IsAdmin }

// Credential names what the caller showed, for limits and idempotency; it holds no secret.
func (p *Principal) Credential() string {
	switch {
	case p.token != nil:
		return p.token.ID
	case p.key != nil:
		return p.key.ID
	case p.session != nil:
		return p.session.Session.ID
	}
	return ""
}

// Depends lists the accounts and tokens, by their ids, that the caller's rights depend on.
func (p *Principal) Depends() []string {
	var ids []string
	if p.token != nil {
		ids = append(ids, p.token.ID)
	}
	if p.key != nil {
		ids = append(ids, p.key.UserID)
	}
	if p.session != nil {
		ids = append(ids, p.session.UserID)
	}
	return ids
}

// old reports whether the token's secret is the one before a rotation, which may have come after the secret was shown.
func (p *Principal) old() bool { return p.token.replaced(p.tokenFP) }

// actor names the caller in the activity log.
func (p *Principal) actor() string {
	if u := p.User(); u != nil {
		return u.Username
	}
	if p.token != nil {
		return "token " + p.token.Name
	}
	return "anonymous"
}

// By is who acts, for the activity log.
func (p *Principal) By() db.By {
	by := db.By{Name: p.actor(), Address: p.Address()}
	if u := p.User(); u != nil {
		by.ID = u.ID
	}
	switch {
	case p.session != nil:
	case p.key != nil:
		by.Via = p.key.Key.ID
	case p.token != nil:
		by.Via = p.token.ID
	}
	return by
}

// Expires is the earliest moment at which a credential of the caller ends; the zero time is never.
func (p *Principal) Expires() time.Time {
	var first time.Time
	earlier := func(t time.Time) {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if p.token != nil {
		earlier(p.token.ExpiresAt)
		if p.old() {
			earlier(p.token.PrevUntil)
		}
	}
	if p.key != nil {
		earlier(p.key.ExpiresAt)
	}
	if p.session != nil {
		earlier(p.session.ExpiresAt)
		earlier(p.jwtExp)
	}
	return first
}
