package pages

import (
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

// take returns a secret and forgets it; empty when it was taken, has waited too long, or belongs to another session.
func (v *onceSecrets) take(session, id string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	k := sessionKey{session, id}
	s, ok := v.slots[k]
	delete(v.slots, k)
	if !ok || v.now().After(s.until) {
		return ""
	}
	return s.secret
}

// revealSecret is the secret of something this session has just made, nil when it was shown already.
func (p *Pages) revealSecret(c *request.Call, id, name string) *web.Reveal {
	if secret := p.secrets.take(c.Who.Session().ID, id); secret != "" {
		return &web.Reveal{Name: name, Secret: secret}
	}
	return nil
}
