package auth

import "notifer/db"

// Sender is who sends a message with the caller's credentials: the token where it may publish, else the key, else the account;
// nil for a caller without any.
func (p *Principal) Sender() *db.Sender {
	switch {
	case p.token != nil && (p.token.CanPublish || p.User() == nil):
		return &p.token.sender
	case p.key != nil:
		return &p.key.sender
	case p.session != nil:
		return &p.session.sender
	}
	return nil
}

// May reports whether the caller may do something to a topic: what an answer shows beside what was asked for depends on it. It counts
// no use.
func (a *Auth) May(p *Principal, action Action, t *db.Topic) bool {
	return a.decide(p, action, t) == nil
}

// Manages reports whether the caller may manage a topic, and so see who sent its messages. It counts no use.
func (a *Auth) Manages(p *Principal, t *db.Topic) bool {
	return p.User() != nil && a.May(p, ManageTopic, t)
}

// ManagesOwn reports whether the caller may manage the topics of its account.
func (p *Principal) ManagesOwn() bool {
	return p.session != nil || p.key != nil && p.key.Has(ScopeTopicsWrite)
}
