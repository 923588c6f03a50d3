package manage

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/plaintext"
)

// Bounds of a key: of its description in characters, and of the topics it is limited to.
const (
	maxKeyDescription = 500
	maxKeyTopics      = 100
	maxTopicPattern   = 64
)

// KeyValues are the fields of a new API key.
type KeyValues struct {
	Name        string    // 1 to 60 characters
	Description string    // one line of at most 500 characters
	Scopes      []string  // nil: all
	Topics      []string  // names and patterns such as backup-*; nil: all of the account's
	Expires     time.Time // the zero time is never
}

// NewKey is an API key of these values for the actor, without a secret, and what is wrong with it. A key never hands out
// scopes that it lacks itself.
func (m *Manager) NewKey(a Actor, v KeyValues) (db.Key, error) {
	k := db.Key{UserID: a.User.ID, ExpiresAt: v.Expires}
	var p Errors
	if a.Key != nil && a.Key.Limited() {
		p.add(forbidden("an API key that is limited to topics cannot create keys"))
	}
	name, err := CheckName(v.Name)
	p.add(err)
	k.Name = name
	k.Description, err = checkDescription(v.Description)
	p.add(err)
	k.Scopes, err = checkScopes(a, v.Scopes)
	p.add(err)
	k.Topics, err = checkKeyTopics(a, v.Topics)
	p.add(err)
	p.add(m.checkExpiry(v.Expires))
	return k, p.or()
}

// checkDescription returns the canonical form of a key's description: one line.
func checkDescription(text string) (string, error) {
	line := plaintext.Line(text)
	if utf8.RuneCountInString(line) > maxKeyDescription {
		return "", invalid("description", "description must have at most %d characters", maxKeyDescription)
	}
	return line, nil
}

func checkScopes(a Actor, list []string) (string, error) {
	if list == nil {
		list = []string{auth.ScopeAll}
	}
	if len(list) == 0 {
		return "", invalid("scopes", "scopes must hold some of %s: leave it out for all", strings.Join(auth.Scopes, ", "))
	}
	for _, scope := range list {
		if !slices.Contains(auth.Scopes, scope) {
			return "", invalid("scopes", "scopes may hold %s", strings.Join(auth.Scopes, ", "))
		}
	}
	if scope := a.lacks(list...); scope != "" {
		return "", forbidden("an API key cannot give the scope %s, which it lacks", scope)
	}
	list = slices.Sorted(slices.Values(list))
	return strings.Join(slices.Compact(list), ","), nil
}

// checkKeyTopics returns the topics of a key in canonical form: each once, in order. They need not exist yet.
func checkKeyTopics(a Actor, list []string) ([]string, error) {
	if list == nil {
		if a.Key != nil && a.Key.Limited() {
			return nil, forbidden("an API key that is limited to topics cannot give others")
		}
		return nil, nil
	}
	var topics []string
	for _, line := range list {
		topics = append(topics, strings.FieldsFunc(line, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })...)
	}
	slices.Sort(topics)
	topics = slices.Compact(topics)
	if len(topics) == 0 || len(topics) > maxKeyTopics {
		return nil, invalid("topics", "topics must name 1 to %d topics or patterns: leave it out for all", maxKeyTopics)
	}
	for _, t := range topics {
		if !isTopicPattern(t) {
			return nil, invalid("topics", "topics may hold names of topics and patterns such as backup-*: a-z, 0-9, -, _ and *, at most %d characters", maxTopicPattern)
		}
	}
	return topics, nil
}

func isTopicPattern(s string) bool {
	if !strings.Contains(s, "*") {
		return api.IsTopicName(s)
	}
	return len(s) <= maxTopicPattern && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '*'
	})
}

// KeyChange is a change of an API key; a nil field stays as it is.
type KeyChange struct {
	Name        *string
	Description *string
	Topics      *[]string // a nil list: all
	OwnReader   *bool
}

// UpdateKey changes the fields that are named of a key of the actor that is not revoked.
func (m *Manager) UpdateKey(a Actor, id string, v KeyChange) (db.Key, error) {
	return m.d.UpdateKey(a.User.ID, id, func(k *db.Key) error {
		var p Errors
		var err error
		if v.Name != nil {
			k.Name, err = CheckName(*v.Name)
			p.add(err)
		}
		if v.Description != nil {
			k.Description, err = checkDescription(*v.Description)
			p.add(err)
		}
		if v.Topics != nil {
			if k.Paired && *v.Topics == nil {
				p.add(invalid("topics", "a paired device is limited to topics: name them, or * for all"))
			}
			k.Topics, err = checkKeyTopics(a, *v.Topics)
			p.add(err)
		}
		if v.OwnReader != nil {
			k.OwnReader = *v.OwnReader
		}
		return p.or()
	}, func(was, is *db.Key) db.Audit { return keyChanged(a, was, is) })
}

// keyChanged is what the activity log says about a change of a key: its new rights when they are others. It is no event when
// nothing has changed.
func keyChanged(a Actor, was, is *db.Key) db.Audit {
	var what []string
	if was.Name != is.Name {
		what = append(what, `named "`+is.Name+`"`)
	}
	if was.Rights() != is.Rights() {
		what = append(what, is.Rights())
	}
	if was.Description != is.Description {
		what = append(what, "description")
	}
	if was.OwnReader != is.OwnReader {
		what = append(what, "whether it reads for the account")
	}
	if what == nil {
		return db.Audit{}
	}
	return keyEvent(a, "key.update", was, strings.Join(what, "; "))
}

// CreateKey makes an API key for the actor and returns its secret, which is kept nowhere. It hashes the secret, which may take as long as a
// sign-in.
func (m *Manager) CreateKey(ctx context.Context, a Actor, v KeyValues) (db.Key, string, error) {
	k, err := m.NewKey(a, v)
	if err != nil {
		return k, "", err
	}
	secret, err := m.auth.IssueKey(ctx, &k, keyEvent(a, "key.create", &k, k.Rights()))
	if errors.Is(err, db.ErrLimit) {
		err = limit("the account has reached its limit of live API keys: revoke one first, or raise limits.keys_per_account")
	}
	return k, secret, err
}

// RevokeKey ends a key of the actor's account for good and returns it as it is then; one that has ended stays as it is. An unknown one is
// db.ErrNotFound.
func (m *Manager) RevokeKey(ctx context.Context, a Actor, id string) (db.Key, error) {
	k, err := m.d.Key(ctx, a.User.ID, id)
	if err != nil {
		return k, err
	}
	if !k.RevokedAt.IsZero() {
		return k, nil
	}
	if err := m.d.RevokeKey(a.User.ID, id, keyEvent(a, "key.revoke", &k, "")); err != nil {
		return k, err
	}
	return m.d.Key(ctx, a.User.ID, id)
}

// DeleteKey revokes a key of the actor's account and removes it from the list. An unknown one is db.ErrNotFound.
func (m *Manager) DeleteKey(ctx context.Context, a Actor, id string) error {
	k, err := m.d.Key(ctx, a.User.ID, id)
	if err != nil {
		return err
	}
	return m.d.DeleteKey(a.User.ID, id, keyEvent(a, "key.delete", &k, ""))
}

// keyEvent is a line of the activity log about a key of the actor's account.
func keyEvent(a Actor, verb string, k *db.Key, more string) db.Audit {
	detail := `"` + k.Name + `"`
	if more != "" {
		detail += ": " + more
	}
	return db.AccountEvent(a.By, verb, &a.User, detail)
}

// PairingValues are the fields of an offer to pair a device.
type PairingValues struct {
	Name      string
	Topics    []string // names and patterns, at least one
	Publish   bool     // it may publish too; reading it may in any case
	OwnReader bool     // what is read on it counts as read by the account
}

// OfferPairing makes an offer to pair a device with the actor's account and returns its code, which is kept nowhere. A device may
// do what the key may that it is listed as: read the topics, publish to them, and no more.
func (m *Manager) OfferPairing(a Actor, v PairingValues) (db.Pairing, string, error) {
	scopes := []string{auth.ScopeSubscribe}
	if v.Publish {
		scopes = append(scopes, auth.ScopePublish)
	}
	if v.Topics == nil {
		v.Topics = []string{}
	}
	k, err := m.NewKey(a, KeyValues{Name: v.Name, Scopes: scopes, Topics: v.Topics})
	if err != nil {
		return db.Pairing{}, "", err
	}
	p := db.Pairing{UserID: a.User.ID, Name: k.Name, Scopes: k.Scopes, Topics: k.Topics, OwnReader: v.OwnReader}
	code, err := m.auth.IssuePairing(&p)
	return p, code, err
}
