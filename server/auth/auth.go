// Package auth decides who a request is from and what it may do.
//
// It owns sign-in and sessions, the JWTs of the API, the look-up of tokens and keys, and the one Authorize that every route goes
// through. It knows no HTTP: the server hands it credentials as it found them. Its sub-packages hold what needs none of that:
// secrets, argon, passwords, totp, networks and expiry.
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
	SecondFactor Demand // who must have a second factor
}

// Auth authenticates and authorizes. All methods may be called from any goroutine.
type Auth struct {
	d        *db.DB
	o        Options
	hasher   *argon.Hasher
	verdicts *argon.Verdicts
	rights   *rightsCache
	jwtKey   []byte
	passKey  []byte // of PasswordPassed; kept nowhere, so that no copy of the store yields it
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
	key, err := d.SettingOr(ctx, db.SigningKey, func() []byte { return secrets.NewBytes(32) })
	if err != nil {
		return nil, err
	}
	a := &Auth{d: d, o: o, hasher: argon.New(o.Params, o.Parallel), verdicts: argon.NewVerdicts(), rights: rights, jwtKey: key, passKey: secrets.NewBytes(32), clock: expiry.New(d.Now),
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
	Gotify     string     // X-Gotify-Key, on the path that takes it
	Query      string     // ?token=
	Cookie     string     // the dashboard's session
	QueryJWT   bool       // the route takes a JWT in the query
	Address    netip.Addr // the client's
	Via        string     // how it came, for the use of a token: the request.Kind of its route
}

// Nothing reports whether no credential came but perhaps a cookie.
func (in *Presented) Nothing() bool {
	return in.TopicToken == "" && in.APIKey == "" && in.Bearer == "" && in.Password == "" && in.Gotify == "" && in.Query == "" && !in.Misplaced
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
