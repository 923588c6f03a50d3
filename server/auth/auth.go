// Package auth decides who a request is from and what it may do.
//
// It owns sign-in and sessions, the JWTs of the API, the finding of tokens and keys, and the one Authorize that every route goes
// through. It knows no HTTP: the server hands it credentials as it found them. Its sub-packages hold what needs none of that:
// secrets, argon, passwords, totp and networks.
package auth

import (
	"context"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"notifer/db"
	"notifer/server/auth/argon"
	"notifer/server/auth/expiry"
	"notifer/server/auth/secrets"
	"notifer/server/quota"
)

// Options configures an Auth; those that are not configurable take defaults.
type Options struct {
	Params      argon.Params  // costs of new hashes
	Parallel    int           // argon2id computations at a time; 2, or 1 where that would leave no processor for the rest
	AccessTTL   time.Duration // lifetime of a JWT
	RefreshTTL  time.Duration // lifetime of a refresh token and of a dashboard session
	IdleTTL     time.Duration // a dashboard session unused for this long ends; 14 days
	SessionMax  time.Duration // a session ends this long after the sign-in, however it is used
	OpenPublish bool          // anybody may publish to public topics
	MaxTokens   int           // live tokens per topic
	MaxKeys     int           // live API keys per account; 0: any number

	RefuseInURLs bool   // no topic token is taken from a URL
	SecondFactor Demand // of whom a second factor is demanded
}

// Auth authenticates and authorizes. All methods may be called from any goroutine.
type Auth struct {
	d        *db.DB
	o        Options
	hasher   *argon.Hasher
	verdicts *argon.Verdicts
	rights   *rightsCache
	jwtKey   []byte
	clock    *expiry.Clock
	tries    *quota.Buckets[string]    // wrong passwords, by account
	codes    *quota.Buckets[string]    // wrong codes of second factors, by account
	setup    atomic.Pointer[setupCode] // nil until NewSetupCode

	openPublish atomic.Bool
}

// New makes an Auth over a store; it makes the JWT key on first use of the store.
func New(ctx context.Context, d *db.DB, o Options) (*Auth, error) {
	o.fill()
	rights, err := newRightsCache(ctx, d)
	if err != nil {
		return nil, err
	}
	key, err := d.SettingOr(ctx, "jwt_key", func() []byte { return secrets.NewBytes(32) })
	if err != nil {
		return nil, err
	}
	a := &Auth{d: d, o: o, hasher: argon.New(o.Params, o.Parallel), verdicts: argon.NewVerdicts(), rights: rights, jwtKey: key, clock: expiry.New(d.Now),
		tries: quota.NewBuckets[string](rate.Every(triesRefill), triesBurst), codes: quota.NewBuckets[string](rate.Every(codesRefill), codesBurst)}
	a.openPublish.Store(o.OpenPublish)
	return a, nil
}

// SetOpenPublish changes Options.OpenPublish for requests from now on.
func (a *Auth) SetOpenPublish(open bool) { a.openPublish.Store(open) }

// Now is the time by which credentials end; see expiry.Clock.
func (a *Auth) Now() time.Time { return a.clock.Now() }

// RefusesInURLs reports whether no topic token is taken from a URL.
func (a *Auth) RefusesInURLs() bool { return a.o.RefuseInURLs }

func (o *Options) fill() {
	if o.Parallel == 0 {
		o.Parallel = min(2, max(1, runtime.NumCPU()-1))
	}
	if o.IdleTTL == 0 {
		o.IdleTTL = 14 * 24 * time.Hour
	}
}

// Invalidate forgets the cached records that changes concern; the store's change hook calls it before they are answered.
func (a *Auth) Invalidate(changes []db.Change) { a.rights.drop(changes) }

// Generation grows with every change of rights.
func (a *Auth) Generation() uint64 { return a.rights.generation.Load() }

// Topic reads a topic by name from the cache; nil when there is none. Its counters may be old.
func (a *Auth) Topic(ctx context.Context, name string) (*db.Topic, error) {
	return a.rights.topic(ctx, name)
}

// CachedTopic reads a topic by name from memory only; nil when it is not there.
func (a *Auth) CachedTopic(name string) *db.Topic {
	a.rights.mu.RLock()
	defer a.rights.mu.RUnlock()
	return a.rights.topics[name]
}

// Presented is what a request showed. Each field holds the text as it came, empty when absent.
type Presented struct {
	TopicToken string     // X-Topic-Token
	APIKey     string     // X-API-Key
	Bearer     string     // Authorization: Bearer, or the user of Basic; see SetAuthorization
	Password   string     // of Basic
	Misplaced  bool       // Authorization holds a token or key in a scheme that takes none
	SetAside   string     // scheme of an Authorization that is not ours, empty when there was none
	Query      string     // ?token=
	Cookie     string     // the dashboard's session
	QueryJWT   bool       // the route takes a JWT in the query
	Address    netip.Addr // the client's
	Via        string     // publish, sse, ws, poll or api
}

// Nothing reports whether no credential came but perhaps a cookie.
func (in *Presented) Nothing() bool {
	return in.TopicToken == "" && in.APIKey == "" && in.Bearer == "" && in.Password == "" && in.Query == "" && !in.Misplaced
}

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
func (p *Principal) Address() string { return textOf(p.address) }

func textOf(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().String()
}

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

// Actor names the caller in the activity log.
func (p *Principal) Actor() string {
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
	by := db.By{Name: p.Actor(), Address: p.Address()}
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

// kindOf returns the prefix of a secret's kind, ignoring characters in front that do not belong to it; empty for neither kind.
func kindOf(s string) string {
	t := strings.TrimLeft(s, " \t\r\n\"'`")
	switch {
	case strings.HasPrefix(t, secrets.TokenPrefix):
		return secrets.TokenPrefix
	case strings.HasPrefix(t, secrets.KeyPrefix):
		return secrets.KeyPrefix
	}
	return ""
}
