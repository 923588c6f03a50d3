package server

import (
	"sync"
	"time"

	"notifer/server/request"
	"notifer/web"
)

// revealFor is how long a new secret waits for the page that shows it.
const revealFor = 2 * time.Minute

// reveals holds new secrets between the form that made them and the one page that shows them. A secret belongs to the
// session that made it, is shown once, and is never written down.
type reveals struct {
	now func() time.Time

	mu    sync.Mutex
	slots map[revealKey]slot
}

type revealKey struct{ session, id string }

type slot struct {
	secret string
	until  time.Time
}

func newReveals(now func() time.Time) *reveals {
	return &reveals{now: now, slots: map[revealKey]slot{}}
}

// put keeps a secret for the session that made it.
func (v *reveals) put(session, id, secret string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for k, s := range v.slots {
		if v.now().After(s.until) {
			delete(v.slots, k)
		}
	}
	v.slots[revealKey{session, id}] = slot{secret, v.now().Add(revealFor)}
}

// take returns a secret and forgets it; empty when it was taken, has waited too long, or belongs to another session.
func (v *reveals) take(session, id string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	k := revealKey{session, id}
	s, ok := v.slots[k]
	delete(v.slots, k)
	if !ok || v.now().After(s.until) {
		return ""
	}
	return s.secret
}

// reveal is the secret of something this session has just made, nil when it was shown already.
func (s *Server) reveal(c *request.Call, id, name string) *web.Reveal {
	if secret := s.reveals.take(c.Who.Session().ID, id); secret != "" {
		return &web.Reveal{Name: name, Secret: secret}
	}
	return nil
}
