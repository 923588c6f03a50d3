package manage

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/auth/networks"
	"notifer/server/plaintext"
	"notifer/server/shape"
)

// Bounds of a token's fields, in characters, and of the time that the old secret works after a rotation.
const (
	maxNote      = 200
	maxNetworks  = 1000
	MaxGrace     = auth.MaxGrace
	DefaultGrace = 24 * time.Hour
)

// Permissions of topic tokens.
const (
	Publish   = "publish"
	Subscribe = "subscribe"
)

// TokenValues are fields of a token; a nil field is not set.
type TokenValues struct {
	Name          *string
	Note          *string
	Permissions   []string   // publish, subscribe; of a new token only
	Expires       *time.Time // the zero time is never; a new token that names none gets the server's default
	Networks      *[]string  // none: any address
	Priority      *int       // 0: none
	Tags          *[]string
	RefuseInURL   *bool
	QuietNetworks *bool            // no message about the first use from a new network
	Shape         *string          // how bodies that come with it are read; see server/shape
	Templates     *shape.Templates // of the shape custom
	SigningSecret *string          // empty: requests need no signature
}

// NewToken is a token of these values for a topic of the actor, without a secret, and what is wrong with it.
func (m *Manager) NewToken(a Actor, topic *db.Topic, v TokenValues) (db.Token, error) {
	if v.Expires == nil && m.rules.DefaultExpiry > 0 {
		at := m.auth.Now().Add(m.rules.DefaultExpiry)
		v.Expires = &at
	}
	t, p := m.newToken(a, topic, v)
	p.add(m.checkLifetime(t.ExpiresAt))
	return t, p.or()
}

// newToken is NewToken without the rules about lifetimes, which do not apply to declared tokens.
func (m *Manager) newToken(a Actor, topic *db.Topic, v TokenValues) (db.Token, Problems) {
	t := db.Token{TopicID: topic.ID, Topic: topic.Name, CreatedBy: a.User.ID, CreatedByName: a.User.Username}
	var p Problems
	permissions := readPermissions(v.Permissions, &t)
	p.add(a.mayHandOut(&t)) // rights come before values
	if topic.AccessLevel != db.Private {
		p.add(&Error{Kind: auth.ErrMalformed, Detail: "tokens are for private topics only, and " + topic.Name + " is " + topic.AccessLevel + ": make it private first"})
	}
	p.add(permissions)
	if v.Name == nil {
		p.add(invalid("name", "name is missing: say where the token will live"))
	}
	m.applyToken(v, &t, &p)
	return t, p
}

func readPermissions(list []string, t *db.Token) error {
	for _, words := range list {
		for word := range strings.SplitSeq(words, ",") {
			switch strings.TrimSpace(word) {
			case Publish:
				t.CanPublish = true
			case Subscribe:
				t.CanSubscribe = true
			default:
				return invalid("permissions", "permissions may hold publish and subscribe, nothing else")
			}
		}
	}
	if !t.CanPublish && !t.CanSubscribe {
		return invalid("permissions", "permissions must hold publish, subscribe or both")
	}
	return nil
}

// mayHandOut refuses to give an API key the secret of a token that may do more than the key.
func (a Actor) mayHandOut(t *db.Token) error {
	if scope := a.lacks(t.Permissions()...); scope != "" { // permissions and scopes have the same names
		return forbidden("the API key lacks the scope %s, so it cannot hand out a token that may %s", scope, scope)
	}
	return nil
}

// checkLifetime refuses an end later than the server's bound on the lifetimes of tokens.
func (m *Manager) checkLifetime(end time.Time) error {
	if most := m.rules.MaxExpiry; most > 0 && (end.IsZero() || end.After(m.d.Now().Add(most+time.Minute))) {
		return invalid("expires_at", "a token can live for at most %d hours on this server (tokens.max_expiry): send an earlier expires_at", most/time.Hour)
	}
	return nil
}

// CreateToken makes a token for a topic and returns its secret, which is kept nowhere.
func (m *Manager) CreateToken(ctx context.Context, a Actor, topic *db.Topic, v TokenValues) (db.Token, string, error) {
	t, err := m.NewToken(a, topic, v)
	if err != nil {
		return t, "", err
	}
	secret, err := m.auth.IssueToken(ctx, &t, a.By)
	return t, secret, tokenTaken(err, &t)
}

// NewDeclaredToken is a declared token of these values, and what is wrong with it. It never expires, whatever the rules say.
func (m *Manager) NewDeclaredToken(a Actor, topic *db.Topic, v TokenValues) (db.Token, error) {
	t, p := m.newToken(a, topic, v)
	return t, p.or()
}

// ImportToken makes a declared token, whose secret or digest exists already.
func (m *Manager) ImportToken(ctx context.Context, a Actor, topic *db.Topic, v TokenValues, secret string) (db.Token, error) {
	t, err := m.NewDeclaredToken(a, topic, v)
	if err != nil {
		return t, err
	}
	return t, tokenTaken(m.auth.ImportToken(ctx, &t, secret, a.By), &t)
}

func tokenTaken(err error, t *db.Token) error {
	switch {
	case errors.Is(err, db.ErrTaken):
		return conflict("name", `%s already has a live token called "%s". Add the machine or job name.`, t.Topic, t.Name)
	case errors.Is(err, db.ErrLimit):
		return limit("the topic has reached its limit of live tokens: revoke one first, or raise tokens.max_per_topic")
	}
	return err
}

// UpdateToken changes the fields that are set. It does not judge the others: they may be older than a rule.
func (m *Manager) UpdateToken(a Actor, topic *db.Topic, id string, v TokenValues) (db.Token, error) {
	t, err := m.d.UpdateToken(topic.ID, id, a.By, func(t *db.Token) ([]string, error) {
		if !t.Live(m.d.Now()) {
			return nil, tokenEnded()
		}
		was := *t
		var p Problems
		if v.Permissions != nil {
			p.add(invalid("permissions", "the permissions of a token never change: create a new token"))
		}
		m.applyToken(v, t, &p)
		if v.Expires != nil {
			p.add(m.checkLifetime(t.ExpiresAt))
		}
		return tokenChanges(&was, t), p.or()
	})
	return t, tokenTaken(tokenGone(err), &t)
}

func tokenEnded() error { return conflict("", "the token has ended: create a new one instead") }

func tokenGone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return &Error{Kind: auth.ErrNotFound, Detail: "no such token"}
	}
	return err
}

// Grace is a grace of whole seconds, or an error that names its bounds. Seconds are judged before they are multiplied, which could
// overflow.
func Grace(seconds int64) (time.Duration, error) {
	grace := time.Duration(max(-1, min(seconds, int64(MaxGrace/time.Second)+1))) * time.Second
	return grace, checkGrace(grace)
}

func checkGrace(grace time.Duration) error {
	if grace < 0 || grace > MaxGrace {
		return invalid("grace_seconds", "grace_seconds must be from 0 to %d", MaxGrace/time.Second)
	}
	return nil
}

// RotateToken gives a token a new secret and returns it; the old one works for the grace.
func (m *Manager) RotateToken(ctx context.Context, a Actor, topic *db.Topic, id string, grace time.Duration) (db.Token, string, error) {
	t, err := m.Token(ctx, topic, id)
	if err != nil {
		return t, "", err
	}
	if !t.Live(m.d.Now()) {
		return t, "", tokenEnded()
	}
	if err := checkGrace(grace); err != nil {
		return t, "", err
	}
	if err := a.mayHandOut(&t); err != nil {
		return t, "", err
	}
	secret, err := m.auth.RotateToken(ctx, &t, grace, a.By)
	if err != nil {
		return t, "", tokenGone(err)
	}
	t, err = m.Token(ctx, topic, id)
	return t, secret, err
}

// RevokeToken ends a token. It fails with ErrNotFound when there is no such live token; the token returned is the one that
// ended before, if there was one.
func (m *Manager) RevokeToken(a Actor, topic *db.Topic, id string) (db.Token, error) {
	t, err := m.d.RevokeToken(topic.ID, id, a.By)
	return t, tokenGone(err)
}

// RevokeTokens ends all live tokens of a topic and returns how many there were.
func (m *Manager) RevokeTokens(a Actor, topic *db.Topic) (int, error) {
	return m.d.RevokeTokens(*topic, a.By)
}

// EndOldSecret ends the secret that a token had before its rotation.
func (m *Manager) EndOldSecret(a Actor, topic *db.Topic, id string) error {
	return tokenGone(m.d.EndPrevious(topic.ID, id, a.By))
}

// RevokeFound ends the token that the caller shows, on behalf of the person who found its text.
func (m *Manager) RevokeFound(by *auth.Principal) error {
	t := by.Token()
	_, err := m.d.RevokeToken(t.TopicID, t.ID, finder("the token itself", by))
	return tokenGone(err)
}

// ReportFound marks the token that the caller shows as leaked, on behalf of the person who found its text.
func (m *Manager) ReportFound(by *auth.Principal) error {
	return m.ReportLeak(Actor{By: finder("A finder", by)}, by.Token(), "its text was found in public")
}

// finder is an unknown person who has found a token.
func finder(name string, by *auth.Principal) db.By {
	return db.By{Name: name, Via: by.Token().ID, Address: by.Address()}
}

// ReportLeak marks a live token as leaked; why goes into the activity log.
func (m *Manager) ReportLeak(a Actor, t *db.Token, why string) error {
	return m.d.LeakToken(t.ID, a.By, why)
}

// Token reads one token of a topic.
func (m *Manager) Token(ctx context.Context, topic *db.Topic, id string) (db.Token, error) {
	t, err := m.d.Token(ctx, topic.ID, id)
	return t, tokenGone(err)
}

// Tokens lists a topic's tokens, the newest first, without those that ended too long ago.
func (m *Manager) Tokens(ctx context.Context, topic *db.Topic) ([]db.Token, error) {
	list, err := m.d.Tokens(ctx, topic.ID)
	if m.rules.KeepEnded == 0 {
		return list, err
	}
	horizon := m.d.Now().Add(-m.rules.KeepEnded)
	return slices.DeleteFunc(list, func(t db.Token) bool {
		return !t.RevokedAt.IsZero() && t.RevokedAt.Before(horizon) || !t.ExpiresAt.IsZero() && t.ExpiresAt.Before(horizon)
	}), err
}

// applyToken sets the fields of a token, other than the permissions, and adds what is wrong with them.
func (m *Manager) applyToken(v TokenValues, t *db.Token, p *Problems) {
	if v.Name != nil {
		name, err := CheckName(*v.Name)
		p.add(err)
		t.Name = name
	}
	if v.Note != nil {
		note, err := CheckNote(*v.Note)
		p.add(err)
		t.Note = note
	}
	if v.Expires != nil {
		p.add(m.checkExpiry(*v.Expires))
		t.ExpiresAt = *v.Expires
	}
	if v.Networks != nil {
		networks, err := CheckNetworks(*v.Networks)
		p.add(err)
		t.Networks = networks
	}
	if v.Priority != nil {
		p.add(checkDefaultPriority(*v.Priority))
		t.DefaultPriority = *v.Priority
	}
	if v.Tags != nil {
		tags, err := JoinTags(*v.Tags)
		if err != nil {
			p.add(invalid("default_tags", "%s", err))
		}
		t.DefaultTags = tags
	}
	set(&t.RefuseInURL, v.RefuseInURL)
	set(&t.QuietNetworks, v.QuietNetworks)
	applyShape(v, t, p)
}

// CheckNote returns the canonical form of a token's note; it refuses one of more than a line.
func CheckNote(text string) (string, error) {
	note := strings.TrimSpace(text)
	if utf8.RuneCountInString(note) > maxNote || plaintext.HasControl(note) {
		return "", invalid("note", "note must be one line of at most %d characters", maxNote)
	}
	return note, nil
}

// CheckNetworks returns the canonical form of the addresses and networks that a token may be used from. An empty entry is
// refused: it may be a script's unset variable, and an empty list lets every address in.
func CheckNetworks(list []string) (string, error) {
	for _, n := range list {
		if strings.TrimSpace(n) == "" {
			return "", invalid("networks", "networks: an entry is empty: write an address or a network; an empty list lets every address in")
		}
	}
	text, err := networks.Canonical(strings.Join(list, ","))
	switch {
	case err != nil:
		return "", invalid("networks", "networks: %s", err)
	case len(text) > maxNetworks:
		return "", invalid("networks", "networks must have at most %d characters in all: join some to a larger network", maxNetworks)
	}
	return text, nil
}

func checkDefaultPriority(n int) error {
	if n == 0 {
		return nil
	}
	if _, err := CheckPriority(n); err != nil {
		return invalid("default_priority", "%s", err)
	}
	return nil
}

func tokenChanges(a, b *db.Token) []string {
	return changes([]fieldChange{
		{"name", a.Name != b.Name}, {"note", a.Note != b.Note}, {"expiry", !a.ExpiresAt.Equal(b.ExpiresAt)},
		{"networks", a.Networks != b.Networks}, {"refuse in URLs", a.RefuseInURL != b.RefuseInURL},
		{"notice of new networks", a.QuietNetworks != b.QuietNetworks}, {"shape", a.Shape != b.Shape || a.Template != b.Template},
		{"signing secret", a.SigningSecret != b.SigningSecret},
		{"default priority", a.DefaultPriority != b.DefaultPriority}, {"default tags", a.DefaultTags != b.DefaultTags},
	})
}
