package frame

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"notifer/server/request"
	"notifer/web"
)

// revealFor is how long a new secret waits for the page that shows it.
const revealFor = 2 * time.Minute

// onceSecrets holds new secrets between the form that made them and the one page that shows them. A secret belongs to the
// session that made it, is shown once, and is never written down.
type onceSecrets struct {
	now func() time.Time

	mu    sync.Mutex
	slots map[sessionKey]waitingSecret
}

type sessionKey struct{ session, id string }

type waitingSecret struct {
	secret string
	until  time.Time
}

func newOnceSecrets(now func() time.Time) *onceSecrets {
	return &onceSecrets{now: now, slots: map[sessionKey]waitingSecret{}}
}

// put keeps a secret for the session that made it.
func (v *onceSecrets) put(session, id, secret string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for k, s := range v.slots {
		if v.now().After(s.until) {
			delete(v.slots, k)
		}
	}
	v.slots[sessionKey{session, id}] = waitingSecret{secret, v.now().Add(revealFor)}
}

// take returns a secret of the caller's session and forgets it; empty when it was taken or has waited too long. A request
// whose answer is not looked at uses nothing up, and then read is false: a HEAD, or one that another site's page makes.
// One that a browser makes in advance is refused, so that it asks again.
func (v *onceSecrets) take(c *request.Call, id string) (secret string, read bool, err error) {
	if prefetched(c.R) {
		return "", false, &request.Problem{Status: http.StatusServiceUnavailable, Detail: "this page is not fetched in advance"}
	}
	if c.R.Method == http.MethodHead || !c.Site.SameOrigin(c.R) {
		return "", false, nil
	}
	c.Secret = true
	v.mu.Lock()
	defer v.mu.Unlock()
	k := sessionKey{c.Who.Session().ID, id}
	s, ok := v.slots[k]
	delete(v.slots, k)
	if !ok || v.now().After(s.until) {
		return "", true, nil
	}
	return s.secret, true, nil
}

// prefetched reports whether a browser fetches a page before anybody has asked for it, or as something that nobody would see: an image
// or a script (Fetch Metadata, W3C).
func prefetched(r *http.Request) bool {
	if as := r.Header.Get("Sec-Fetch-Dest"); as != "" && as != "document" && as != "empty" {
		return true
	}
	purpose := r.Header.Get("Sec-Purpose") + r.Header.Get("Purpose") + r.Header.Get("X-Moz")
	return strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "prerender")
}

// RevealSecret is the secret of something this session has just made, nil when there is none to show; gone says that it
// was shown before.
func (p *Frame) RevealSecret(c *request.Call, id, name string) (shown *web.Reveal, gone bool, err error) {
	secret, read, err := p.secrets.take(c, id)
	if secret == "" {
		return nil, read, err
	}
	return &web.Reveal{Name: name, Secret: secret}, false, nil
}

// KeepSecret keeps a new secret until the page that shows it to this session.
func (p *Frame) KeepSecret(c *request.Call, id, secret string) {
	p.secrets.put(c.Who.Session().ID, id, secret)
}

// TakeSecret returns a secret of the caller's session and forgets it; see RevealSecret.
func (p *Frame) TakeSecret(c *request.Call, id string) (secret string, read bool, err error) {
	return p.secrets.take(c, id)
}
