package request

import (
	"math"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/time/rate"

	"notifer/server/auth"
	"notifer/server/quota"
)

// Bounds of failed passwords, setup codes, pairing codes and refresh tokens per address: a burst, then one a minute. Beyond them every
// attempt waits its turn, a pause apart, so that a right password still gets in and guessing does not pay.
const (
	failureBurst  = 30
	deviceBurst   = 10
	failureRefill = time.Minute
	slowPause     = 400 * time.Millisecond // eight guessers in parallel hold a right password up for four seconds
	slowWait      = 10 * time.Second

	noteBurst  = 10 // failed sign-ins of an address in the activity log, then one in ten minutes
	noteRefill = 10 * time.Minute
	notedInAll = 60

	signInBurst  = 1000 // of an account, each with the right password
	signInRefill = 10 * time.Second

	passwordBurst  = 20 // new passwords of an account, each a line of the activity log
	passwordRefill = 10 * time.Minute
)

// limits are the buckets per network of the client, and those of names that are taken per account or network.
type limits struct {
	now       func() time.Time
	anonymous *quota.Buckets[netip.Addr]
	reads     *quota.Buckets[netip.Addr]
	openBytes *quota.Buckets[netip.Addr] // published without a credential
	ownBytes  *quota.Buckets[string]     // published with a token, or by an account
	failures  *quota.Buckets[netip.Addr]
	slow      *quota.Buckets[netip.Addr]
	devices   *quota.Buckets[string]     // failed passwords by the account that a browser has signed in to before
	failed    *quota.Buckets[netip.Addr] // log lines about wrong tokens and keys
	denied    *quota.Buckets[string]     // log lines about what a credential may not do
	noted     *quota.Buckets[netip.Addr] // failed sign-ins in the activity log
	conflicts *quota.Buckets[string]
	signIns   *quota.Buckets[string]
	passwords *quota.Buckets[string]
	changes   *quota.Buckets[string] // of what an account, a token or a paired device changes
	inAll     ratesInAll
}

// ratesInAll bound what all clients together cause.
type ratesInAll struct {
	lookups  *rate.Limiter // of topics that a bad credential named
	lines    *rate.Limiter // of auth_failed
	denied   *rate.Limiter // lines of access_denied
	sites    *rate.Limiter // lines about other sites: they must not use up those that fail2ban reads
	errors   *rate.Limiter // lines about unexpected errors
	failures *rate.Limiter // failed sign-ins in the activity log
}

func newRatesInAll() ratesInAll {
	return ratesInAll{lookups: rate.NewLimiter(20, 20), lines: rate.NewLimiter(failedInAll, failedInAll), denied: rate.NewLimiter(1, failedInAll),
		sites: rate.NewLimiter(1, failedBurst), errors: rate.NewLimiter(failedInAll, failedInAll),
		failures: rate.NewLimiter(rate.Every(time.Minute), notedInAll)}
}

func newLimits(c Options, now func() time.Time) *limits {
	l := &limits{
		now:       now,
		reads:     quota.NewBuckets[netip.Addr](0, 0),
		openBytes: quota.NewBuckets[netip.Addr](0, 0),
		ownBytes:  quota.NewBuckets[string](0, 0),
		anonymous: quota.NewBuckets[netip.Addr](0, 0),
		failures:  quota.NewBuckets[netip.Addr](rate.Every(failureRefill), failureBurst),
		devices:   quota.NewBuckets[string](rate.Every(failureRefill), deviceBurst),
		slow:      quota.NewBuckets[netip.Addr](rate.Every(slowPause), 1),
		failed:    quota.NewBuckets[netip.Addr](rate.Every(time.Second), failedBurst),
		denied:    quota.NewBuckets[string](rate.Every(failureRefill), failedBurst),
		noted:     quota.NewBuckets[netip.Addr](rate.Every(noteRefill), noteBurst),
		signIns:   quota.NewBuckets[string](rate.Every(signInRefill), signInBurst),
		passwords: quota.NewBuckets[string](rate.Every(passwordRefill), passwordBurst),
		changes:   quota.NewBuckets[string](0, 0),
		conflicts: quota.NewBuckets[string](rate.Every(failureRefill), failureBurst),
		inAll:     newRatesInAll(),
	}
	l.set(c.Limits)
	return l
}

// Bounds of reading without a credential, for an address, and of what is stored: a burst, and so much a day. A message is kept for
// weeks, so bytes fill a disk where messages a minute do not. The bursts are parts of what is configured.
const (
	readBurst   = 10 // seconds
	openBurst   = 8  // at once, an eighth of a day
	ownBurst    = 10
	changeBurst = 4
	day         = 24 * 60 * 60 // seconds
)

func (l *limits) set(c Limits) {
	l.anonymous.Set(rate.Limit(c.AnonymousPerMinute)/60, c.AnonymousPerMinute)
	l.reads.Set(rate.Limit(c.AnonymousReads), c.AnonymousReads*readBurst)
	l.openBytes.Set(aDay(c.AnonymousBytes, openBurst))
	l.ownBytes.Set(aDay(c.TokenBytes, ownBurst))
	l.changes.Set(aDay(int64(c.Changes), changeBurst))
}

// aDay is the rate and the burst of n bytes a day; 0 is no bound.
func aDay(n int64, part int) (rate.Limit, int) {
	burst := min((n+int64(part)-1)/int64(part), math.MaxInt32)
	return rate.Limit(n) / day, int(burst)
}

// Network is what shares a bound: a single address for IPv4, the first address of the /64 for IPv6.
func Network(a netip.Addr) netip.Addr {
	a = a.Unmap()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

// LimitAnonymous bounds what an address may store without a credential: messages of public topics and lists of topics.
func (s *Site) LimitAnonymous(c *Call) error {
	if !c.Who.Anonymous() {
		return nil
	}
	return take(s.limits.anonymous.Get(Network(c.Address), c.Began), c.Began, "too many requests without a credential from this address")
}

// limitReads bounds the pages that an address reads without a credential.
func (s *Site) limitReads(c *Call) error {
	if c.Who == nil || !c.Who.Anonymous() {
		return nil
	}
	return take(s.limits.reads.Get(Network(c.Address), c.Began), c.Began, "too many requests without a credential from this address")
}

// limitChanges bounds what an account or a token changes, in all its sessions and with all its keys: each change is a line of the
// activity log, which is kept for long. A paired device, which may be lost, has a bound of its own and uses up nothing of its owner's.
// Publishing has bounds of its own. Taking access away is always possible, and what was read is marked at the pace of the messages.
func (s *Site) limitChanges(c *Call) error {
	if safe(c.R.Method) || c.Route.Free || c.Who.Anonymous() || c.Route.Action == auth.Open || c.Route.Action == auth.Publish || c.Route.Action == auth.Administer {
		return nil
	}
	var whose, kind string
	switch {
	case c.Who.Token() != nil:
		whose, kind = c.Who.Token().ID, "token"
	case c.Who.Paired():
		whose, kind = c.Who.Key().ID, "device"
	default:
		whose, kind = c.Who.User().ID, "account"
	}
	return take(s.limits.changes.Get(whose, c.Began), c.Began, "this "+kind+" has reached its daily limit of changes")
}

// LimitPasswords bounds how often an account changes its password. It is checked once the caller has proved to know the old one, so that
// others cannot use the bound up, and apart from other changes, so that the owner can shut out an intruder who has used those up.
func (s *Site) LimitPasswords(c *Call) error {
	return take(s.limits.passwords.Get(c.Who.User().ID, c.Began), c.Began, "this account has changed its password too often")
}

// limitSignIns bounds how often an account signs in, each time with the right password; browsers and programs apart, so that a script
// does not keep its owner out.
func (s *Site) limitSignIns(c *Call, user string) error {
	return take(s.limits.signIns.Get(user+" "+string(c.Route.Kind), c.Began), c.Began, "this account has signed in too often: keep using its session")
}

// LimitBytes bounds what is published, also when it is a repeat or cannot be stored, which costs as much: for an address, for a token, and
// for an account with all its sessions and API keys. Of a request whose body was larger than what is stored of it, the body counts.
func (s *Site) LimitBytes(c *Call, n int) error {
	n = max(n, c.received)
	c.charged += n
	l, whose := s.bytesOf(c)
	return takeBytes(l, c.Began, n, whose)
}

// bytesOf is the budget of bytes of a caller, and what is said when it is used up.
func (s *Site) bytesOf(c *Call) (l *rate.Limiter, whose string) {
	switch {
	case c.Who == nil || c.Who.Anonymous():
		return s.limits.openBytes.Get(Network(c.Address), c.Began), "this IP address has reached its daily limit of bytes without a credential"
	case c.Who.Token() != nil:
		return s.limits.ownBytes.Get(c.Who.Token().ID, c.Began), "this token has reached its daily limit of bytes"
	}
	return s.limits.ownBytes.Get(c.Who.User().ID, c.Began), "this account has reached its daily limit of bytes"
}

// limitBody refuses a body before it is read when its sender's budget of bytes is used up. A small one is let in: a sign-in or a
// revocation must not wait, and publishing counts what it stores. The form of a reader who is known is read too, for the answer gives
// back what was typed.
func (s *Site) limitBody(c *Call) error {
	if n := c.R.ContentLength; n >= 0 && n <= smallBody {
		return nil
	}
	if c.Route.Kind == KindPage && c.Reader() != nil {
		return nil
	}
	l, whose := s.bytesOf(c)
	if l.Burst() == 0 || l.TokensAt(c.Began) >= 1 {
		return nil
	}
	return takeBytes(l, c.Began, 1, whose)
}

// chargeBody counts the body of a request that stored nothing of it: reading it has cost as much.
func (s *Site) chargeBody(c *Call) {
	if c.received <= smallBody || c.charged > 0 {
		return
	}
	if l, _ := s.bytesOf(c); l.Burst() > 0 {
		l.AllowN(c.Began, min(c.received, max(int(l.TokensAt(c.Began)), 0)))
	}
}

func takeBytes(l *rate.Limiter, now time.Time, n int, detail string) error {
	if l.Burst() == 0 {
		return nil
	}
	n = min(n, l.Burst())
	if l.AllowN(now, n) {
		return nil
	}
	wait := time.Duration((float64(n) - l.TokensAt(now)) / float64(l.Limit()) * float64(time.Second))
	return tooMany(max(wait.Round(time.Second), time.Second), "%s for now: try again later", detail)
}

// LimitConflicts bounds what an account or an address learns by trying names; detail says what there was too much of.
func (s *Site) LimitConflicts(c *Call, key, detail string) error {
	return take(s.limits.conflicts.Get(key, c.Began), c.Began, detail)
}

// take consumes one place in a bucket, or says when there will be one.
func take(l *rate.Limiter, now time.Time, detail string) error {
	if l.Burst() == 0 { // no bound is configured
		return nil
	}
	r := l.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait <= 0 {
		return nil
	}
	r.CancelAt(now)
	return tooMany(max(wait.Round(time.Second), time.Second), "%s: try again later", detail)
}

// EnterStream takes a place for a stream, until leave is called, or returns why there is no place.
func (c *Call) EnterStream() (leave func(), err error) {
	address, credential := Network(c.Address).String(), c.Who.Credential()
	places := c.Site.Streams // not the call: what leave holds stays in memory as long as the stream
	switch places.Enter(address, credential) {
	case quota.InAll:
		return nil, &Problem{Status: http.StatusServiceUnavailable, Detail: "the server has reached its limit of open streams: try again later", After: 30 * time.Second}
	case quota.OfAddress:
		return nil, tooMany(30*time.Second, "this IP address already has %d open streams: close some", places.PerAddress())
	case quota.OfCredential:
		return nil, tooMany(30*time.Second, "this credential already has %d open streams: close some", places.PerCredential())
	}
	return func() { places.Leave(address, credential) }, nil
}
