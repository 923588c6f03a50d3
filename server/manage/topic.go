package manage

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/manage/emoji"
	"notifer/server/plaintext"
)

// Bounds of a topic's fields; those of texts are in characters.
const (
	maxDisplayName = 100
	maxDescription = 2000
	maxIcon        = 40
	minRetention   = time.Hour
	maxRetention   = 100 * 365 * 24 * time.Hour

	minRetentionBytes = 1 << 10 // with less, hardly a message would stay
)

// TopicValues are fields of a topic; a nil field is not set.
type TopicValues struct {
	DisplayName    *string
	Description    *string
	AccessLevel    *string
	IconName       *string
	IconColor      *string
	Discoverable   *bool
	Retention      *time.Duration // 0 is the server's own
	RetentionBytes *int64         // 0 is no limit
}

// Hours returns a duration of n hours. When it does not fit, it returns one that is refused.
func Hours(n int64) time.Duration {
	if n > int64(math.MaxInt64/time.Hour) || n < int64(math.MinInt64/time.Hour) {
		return -1
	}
	return time.Duration(n) * time.Hour
}

// Reserved reports whether no topic may have this name, in any letter case, because routes of the server use it or will.
func (m *Manager) Reserved(name string) bool {
	name = strings.ToLower(name)
	return m.rules.Reserved(name) || api.IsTopicID(name)
}

// CheckTopicName refuses a name that no topic may have: one of another form, and a reserved one. It does not ask whether it is taken.
func (m *Manager) CheckTopicName(name string) error {
	switch {
	case !api.IsTopicName(name):
		return invalid("name", "a topic's name must be 3 to 64 of a-z, 0-9, - and _")
	case m.Reserved(name):
		return invalid("name", "the name %q is reserved: choose another", name)
	}
	return nil
}

// NewTopic is a topic of these values for the actor, private unless they say otherwise, and what is wrong with it.
func (m *Manager) NewTopic(a Actor, name string, v TopicValues) (db.Topic, error) {
	t := db.NewTopic(name, a.User)
	var p Errors
	p.add(m.CheckTopicName(name))
	v.apply(&t, &p)
	return t, p.or()
}

// CreateTopic makes a topic for the actor. A name that is taken, also by a topic that the actor cannot see, is a conflict.
func (m *Manager) CreateTopic(a Actor, name string, v TopicValues) (db.Topic, error) {
	t, err := m.NewTopic(a, name, v)
	if err != nil {
		return t, err
	}
	switch err = m.d.CreateTopicWithin(&t, m.rules.MaxTopics, a.By); {
	case errors.Is(err, db.ErrTaken):
		err = conflict("name", "a topic of this name exists already: choose another")
	case errors.Is(err, db.ErrLimit):
		err = limit("the account has reached its limit of %d topics: delete one first, or raise limits.topics_per_account", m.rules.MaxTopics)
	}
	return t, err
}

// UpdateTopic changes the fields that the values name, and reports which ones differ now.
func (m *Manager) UpdateTopic(a Actor, id int64, v TopicValues) (t db.Topic, changed []string, err error) {
	t, err = m.d.UpdateTopic(id, a.By, func(t *db.Topic) ([]string, error) {
		was := *t
		var p Errors
		v.apply(t, &p)
		opens := was.AccessLevel == db.Private && t.AccessLevel != db.Private
		if scope := a.lacks(auth.ScopeSubscribe); opens && scope != "" {
			return nil, forbidden("an API key without the scope %s cannot open a topic: its messages could be read then", scope)
		}
		changed = topicChanges(&was, t)
		return changed, p.or()
	})
	return t, changed, topicGone(err)
}

// PlanTopic is UpdateTopic of a topic in memory: it changes nothing in the store.
func (m *Manager) PlanTopic(t db.Topic, v TopicValues) (changed []string, err error) {
	was := t
	var p Errors
	v.apply(&t, &p)
	return topicChanges(&was, &t), p.or()
}

// DeleteTopic removes a topic with its messages and tokens. An account's inbox is deleted with the account only.
func (m *Manager) DeleteTopic(a Actor, t db.Topic) error {
	if t.Inbox {
		return conflict("", "this is an account's inbox: it is deleted with the account")
	}
	return topicGone(m.d.DeleteTopic(t, a.By))
}

// FreshTopic reads a topic with its counters as they are now.
func (m *Manager) FreshTopic(ctx context.Context, id string) (db.Topic, error) {
	t, err := m.d.TopicByPublicID(ctx, id)
	return t, topicGone(err)
}

// topicGone answers about a topic that was deleted meanwhile as about one that never was.
func topicGone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return &Error{Kind: auth.ErrNotFound, Detail: "no such topic"}
	}
	return err
}

// apply sets the fields of a topic and adds what is wrong with them.
func (v TopicValues) apply(t *db.Topic, p *Errors) {
	setText(&t.DisplayName, v.DisplayName)
	if v.Description != nil {
		t.Description = plaintext.Lines(*v.Description)
	}
	setText(&t.AccessLevel, v.AccessLevel)
	setText(&t.IconName, v.IconName)
	setText(&t.IconColor, v.IconColor)
	set(&t.Discoverable, v.Discoverable)
	set(&t.Retention, v.Retention)
	set(&t.RetentionBytes, v.RetentionBytes)
	v.check(t, p)
}

func set[T any](field *T, v *T) {
	if v != nil {
		*field = *v
	}
}

func setText(field *string, v *string) {
	if v != nil {
		*field = strings.TrimSpace(*v)
	}
}

// check judges the fields that are set, and nothing that was there before.
func (v TopicValues) check(t *db.Topic, p *Errors) {
	if v.DisplayName != nil && (utf8.RuneCountInString(t.DisplayName) > maxDisplayName || plaintext.HasControl(t.DisplayName)) {
		p.add(invalid("display_name", "display_name must be one line of at most %d characters", maxDisplayName))
	}
	if v.Description != nil && utf8.RuneCountInString(t.Description) > maxDescription {
		p.add(invalid("description", "description must have at most %d characters", maxDescription))
	}
	if v.AccessLevel != nil {
		p.add(checkAccess(t))
	}
	if v.IconName != nil && !plainWord(t.IconName) && !emoji.Is(t.IconName) {
		p.add(invalid("icon_name", "icon_name must be one emoji, or a word of at most %d of a-z, 0-9, - and _", maxIcon))
	}
	if v.IconColor != nil && !plainWord(t.IconColor) {
		p.add(invalid("icon_color", "icon_color must be a word of at most %d of a-z, 0-9, - and _", maxIcon))
	}
	if keep := t.Retention; v.Retention != nil && keep != 0 && (keep < minRetention || keep > maxRetention) {
		p.add(invalid("retention_hours", "messages are kept from 1 hour to 876000 hours, or 0 for as long as the server keeps them"))
	}
	if keep := t.RetentionBytes; v.RetentionBytes != nil && keep != 0 && keep < minRetentionBytes {
		p.add(invalid("retention_bytes", "retention_bytes must be at least 1024, or 0 for no limit"))
	}
}

func checkAccess(t *db.Topic) error {
	if !slices.Contains([]string{db.Public, db.Protected, db.Private}, t.AccessLevel) {
		return invalid("access_level", "access_level must be public, protected or private")
	}
	if t.Inbox && t.AccessLevel != db.Private {
		return conflict("access_level", "this is an account's inbox: it stays private")
	}
	return nil
}

func plainWord(s string) bool {
	return len(s) <= maxIcon && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func topicChanges(was, is *db.Topic) []string {
	return changes([]fieldChange{
		{"display name", was.DisplayName != is.DisplayName},
		{"description", was.Description != is.Description},
		{"access " + is.AccessLevel, was.AccessLevel != is.AccessLevel},
		{"catalog", was.Discoverable != is.Discoverable},
		{"icon", was.IconName != is.IconName || was.IconColor != is.IconColor},
		{"retention", was.Retention != is.Retention || was.RetentionBytes != is.RetentionBytes},
	})
}
