package auth

import (
	"errors"

	"notifer/db"
)

// Action is what a route does, in the words of the rights table.
type Action string

// The actions. Every route names one.
const (
	Publish      Action = "publish"
	Stream       Action = "stream"
	ReadHistory  Action = "read-history"
	ReadTopic    Action = "read-topic"
	ManageTokens Action = "manage-tokens"
	ManageTopic  Action = "manage-topic"
	CreateTopic  Action = "create-topic"
	ListTopics   Action = "list-topics"
	ReadOwn      Action = "read-own" // messages of all the caller's topics
	OwnAccount   Action = "own-account"
	OwnDevice    Action = "own-device"     // of an account, or of the paired device itself
	FinishSignIn Action = "finish-sign-in" // what a session may do that owes a password or a second factor
	SelfToken    Action = "self-token"
	Administer   Action = "admin"
	Optional     Action = "optional" // a credential may come, and must be valid; the handler decides
	Open         Action = "open"     // credentials are not looked at, but for a cookie
)

// Scopes of API keys.
const (
	ScopeAll         = "*"
	ScopePublish     = "publish"
	ScopeSubscribe   = "subscribe"
	ScopeTopicsRead  = "topics:read"
	ScopeTopicsWrite = "topics:write"
)

// Scopes are all scopes an API key may hold.
var Scopes = []string{ScopeAll, ScopePublish, ScopeSubscribe, ScopeTopicsRead, ScopeTopicsWrite}

// Authorize decides whether a principal may do something, to a topic where the action concerns one (nil: the name is
// unknown). It counts the use of a token or key. Every credential must be valid, and a token must be of this topic; then any one of them may
// grant. Otherwise the result is a Refusal.
//
// A principal is who a request is from: Authenticate makes it of the credentials. A secret is looked up by its fingerprint, and an unknown
// one costs no hashing; a known one is verified by argon2id once per process (verify, in authenticate.go, whose computations take turns in
// argon/gate.go). Every request is authorized before its handler runs; a stream that is open asks Reauthorize, which decides by the same
// rules, after each change that it depends on.
func (a *Auth) Authorize(p *Principal, action Action, topic *db.Topic) error {
	err := a.decide(p, action, topic)
	a.Count(p, err)
	return err
}

// AuthorizeTopic decides like Authorize about one of several topics of a request, and counts nothing.
func (a *Auth) AuthorizeTopic(p *Principal, action Action, topic *db.Topic) error {
	return a.decide(p, action, topic)
}

// Count notes the use of valid credentials by a request that was answered with this error, or none. A token of another topic counts for
// nothing.
func (a *Auth) Count(p *Principal, err error) {
	if p.token != nil && !errors.Is(err, ErrUnauthenticated) {
		a.d.CountToken(p.token.ID, db.Use{Address: p.address.Unmap(), Via: p.via, Refused: refused(err),
			InURL: p.inURL, Old: p.old()})
	}
	if p.key != nil {
		a.d.CountKey(p.key.Key.ID)
	}
}

func (a *Auth) decide(p *Principal, action Action, topic *db.Topic) error {
	if action != Open && action != FinishSignIn && p.session != nil {
		if r := a.unfinished(p.session); r != nil {
			return r
		}
	}
	switch action {
	case Open, Optional:
		return nil
	case SelfToken:
		if p.token == nil {
			return a.needToken(p)
		}
		return nil
	case OwnAccount, OwnDevice, FinishSignIn, CreateTopic, ListTopics, ReadOwn:
		return a.decideAccount(p, action)
	case Administer:
		return a.decideAdmin(p)
	}
	return a.decideTopic(p, action, topic)
}

func (a *Auth) needToken(p *Principal) error {
	if p.Anonymous() {
		return missing(p)
	}
	return forbidden(Permission, "only a topic token can do this, for itself: send it as X-Topic-Token")
}

func missing(p *Principal) *Refusal {
	r := unauthenticated(NoCredential, "authentication required: send X-Topic-Token, X-API-Key or Authorization: Bearer")
	r.Hint = "No token came with the request. If you use a proxy, it may drop X-Topic-Token."
	if p.setAside != "" {
		r.Hint = setAsideHint(p.setAside)
	}
	return r
}

// accountScopes names the scope that each action on no single topic demands of a key.
var accountScopes = map[Action]string{
	OwnAccount: ScopeAll, OwnDevice: ScopeAll, FinishSignIn: ScopeAll, CreateTopic: ScopeTopicsWrite, ListTopics: ScopeTopicsRead, ReadOwn: ScopeSubscribe,
}

func (a *Auth) decideAccount(p *Principal, action Action) error {
	scope := accountScopes[action]
	switch {
	case p.session != nil || p.paired != nil && action == OwnDevice:
		return nil
	case p.key != nil && p.key.Limited() && (action == OwnAccount || action == OwnDevice || action == FinishSignIn || action == CreateTopic):
		return forbidden(NoScope, "the API key is limited to topics: it cannot manage the account or create topics")
	case p.key != nil && p.key.Has(scope):
		return nil
	case p.key != nil:
		return lacksScope(scope)
	case p.token != nil:
		return unauthenticated(WrongHeader, "a topic token cannot do this: sign in or use an API key")
	}
	return missing(p)
}

func lacksScope(scope string) *Refusal {
	return forbidden(NoScope, "the API key lacks the scope "+scope+": create one that has it")
}

func (a *Auth) decideAdmin(p *Principal) error {
	switch {
	case p.Admin():
		return nil
	case p.session != nil:
		return forbidden(NotYours, "only an admin may do this: ask one, or sign in as one")
	case p.key != nil:
		return forbidden(NotYours, "only a signed-in admin may do this: API keys never carry admin rights")
	case p.token != nil:
		return unauthenticated(WrongHeader, "a topic token cannot do this: sign in")
	}
	return missing(p)
}

// decideTopic follows the order of RIGHTS.md: a token of another topic refuses the whole request; then any credential may
// grant it; then the holder of a valid token learns the reason, and an account learns nothing of topics that it cannot see.
func (a *Auth) decideTopic(p *Principal, action Action, topic *db.Topic) error {
	if p.token != nil && (topic == nil || topic.ID != p.token.TopicID) {
		r := unauthenticated(OtherTopic, "the topic token is not valid for this topic")
		r.Hint, r.SecretHint, r.TokenID = "This token belongs to another topic.", p.token.Hint, p.token.ID
		return r
	}
	if topic == nil {
		return unknownTopic(p)
	}
	if p.session != nil && p.session.User.IsAdmin {
		return nil
	}
	var refusal error
	if p.Anonymous() {
		refusal = a.decideAnonymous(p, action, topic)
	}
	if p.session != nil {
		refusal = a.decideUser(&p.session.User, action, topic)
	}
	if p.key != nil && (p.session == nil || refusal != nil) {
		refusal = a.decideKey(p.key, action, topic)
	}
	if p.token != nil && (p.User() == nil || refusal != nil) {
		refusal = a.decideToken(p, action, topic)
	}
	return refusal
}

// unknownTopic is the answer for a topic that does not exist and for one that the caller may not see.
func unknownTopic(p *Principal) error {
	if p.User() == nil {
		return missing(p)
	}
	return notFound()
}

func notFound() *Refusal {
	return &Refusal{Kind: ErrNotFound, Reason: NotYours, Detail: "no such topic"}
}

func (a *Auth) decideAnonymous(p *Principal, action Action, t *db.Topic) error {
	open := t.AccessLevel == db.Public || t.AccessLevel == db.Protected
	switch action {
	case Publish:
		if t.AccessLevel == db.Public && a.openPublish.Load() {
			return nil
		}
	case Stream, ReadHistory, ReadTopic:
		if open {
			return nil
		}
	}
	return missing(p)
}

func (a *Auth) decideUser(u *db.User, action Action, t *db.Topic) error {
	if t.OwnerID == u.ID {
		return nil
	}
	return decideOther(action, t)
}

// decideOther is for accounts that do not own the topic.
func decideOther(action Action, t *db.Topic) error {
	if t.AccessLevel == db.Private {
		if t.Discoverable {
			return forbidden(NotYours, "this topic is private: ask its owner for a token")
		}
		return notFound()
	}
	switch action {
	case Publish, Stream, ReadHistory, ReadTopic:
		return nil
	}
	return forbidden(NotYours, "only the owner of the topic or an admin may do this: ask one of them, or use the owner's credential")
}

// scopes names the scope that each action demands of a key.
var scopes = map[Action]string{
	Publish: ScopePublish, Stream: ScopeSubscribe, ReadHistory: ScopeSubscribe, ReadTopic: ScopeTopicsRead,
	ManageTokens: ScopeTopicsWrite, ManageTopic: ScopeTopicsWrite,
}

func (a *Auth) decideKey(k *keyRecord, action Action, t *db.Topic) error {
	if !k.Reaches(t.Name) {
		return decideBeyond(action, t)
	}
	if t.OwnerID != k.UserID {
		if err := decideOther(action, t); err != nil {
			return err
		}
	}
	if action == ReadTopic && t.AccessLevel != db.Private {
		return nil
	}
	if scope := scopes[action]; !k.Has(scope) {
		return lacksScope(scope)
	}
	return nil
}

// decideBeyond is for topics outside the key's list: such a topic looks as if it did not exist, unless anyone may read it.
func decideBeyond(action Action, t *db.Topic) error {
	switch action {
	case Stream, ReadHistory, ReadTopic:
		if t.AccessLevel != db.Private {
			return nil
		}
	}
	return notFound()
}

func (a *Auth) decideToken(p *Principal, action Action, t *db.Topic) error {
	r := a.tokenRefusal(p, action, t)
	if r == nil {
		return nil
	}
	r.TokenID, r.SecretHint = p.token.ID, p.token.Hint
	if r.Hint == "" {
		r.Hint = r.Detail
	}
	return r
}

func (a *Auth) tokenRefusal(p *Principal, action Action, t *db.Topic) *Refusal {
	k := p.token
	switch {
	case t.AccessLevel != db.Private:
		return forbidden(NotPrivate, "topic tokens work for private topics only, and this topic is not private any more: make it private, or send an API key")
	case action == Publish && !k.CanPublish:
		r := forbidden(Permission, "the topic token may only subscribe: it lacks the permission publish")
		r.Hint = "It may only subscribe. Create a token that may publish."
		return r
	case (action == Stream || action == ReadHistory) && !k.CanSubscribe:
		r := forbidden(Permission, "the topic token may only publish: it lacks the permission subscribe")
		r.Hint = "It may only publish. Create a token that may subscribe."
		return r
	case action != Publish && action != Stream && action != ReadHistory:
		return forbidden(Permission, "a topic token cannot manage or describe the topic: sign in or use an API key")
	case !k.nets.Allow(p.address):
		return forbidden(Network, "this token is limited to "+k.Networks)
	case p.inURL && (k.RefuseInURL || a.o.RefuseInURLs):
		return forbidden(InURL, "this token is refused in URLs: send it as the header X-Topic-Token")
	}
	return nil
}
