package manage

import (
	"context"
	"strconv"

	"notifer/db"
	"notifer/server/auth"
)

// MessageChange is a change of a message; a nil field stays as it is.
type MessageChange struct {
	Text        *string
	Title       *string
	Priority    *int     // 1 to 5
	Tags        []string // empty but not nil: none
	AllowSecret bool     // the text may hold a secret of this server
}

// EditMessage changes the fields that are set, by the rules of strict publishing. A text has at most most bytes.
func (m *Manager) EditMessage(ctx context.Context, by *auth.Principal, topic *db.Topic, id db.ID, v MessageChange, most int) (db.Message, error) {
	var found string
	msg, err := m.d.UpdateMessage(topic.ID, id, by.By(), func(msg *db.Message) ([]string, error) {
		changed, err := v.apply(msg, most)
		if err == nil && !v.AllowSecret {
			found, err = m.findSecret(ctx, msg)
		}
		return changed, err
	})
	if found != "" {
		if err := m.noteSecret(ctx, by.By(), topic, found); err != nil {
			return msg, err
		}
	}
	return msg, err
}

// apply changes what is named, and lists it.
func (v MessageChange) apply(m *db.Message, most int) (changed []string, err error) {
	if v.Text != nil {
		changed = append(changed, "message")
		m.Body, err = CheckText(*v.Text, most)
	}
	if v.Title != nil && err == nil {
		changed = append(changed, "title")
		m.Title, err = CheckTitle(*v.Title)
		m.HasTitle = m.Title != ""
	}
	if v.Priority != nil && err == nil {
		changed = append(changed, "priority")
		m.Priority, err = CheckPriority(*v.Priority)
	}
	if v.Tags != nil && err == nil {
		changed = append(changed, "tags")
		m.Tags, err = JoinTags(v.Tags)
	}
	return changed, err
}

// DeleteMessage removes one message of a topic from the store; the caller forgets what it holds of it in memory. A message that does not
// exist is db.ErrNotFound.
func (m *Manager) DeleteMessage(a Actor, topic *db.Topic, id db.ID) error {
	return m.d.DeleteMessage(topic.ID, id, a.By)
}

// PurgeTopic deletes all messages that a topic has now and returns how many there were, even when it fails halfway.
func (m *Manager) PurgeTopic(ctx context.Context, a Actor, topic *db.Topic) (int64, error) {
	newest, err := m.d.NewestID(ctx, topic.ID)
	if err != nil {
		return 0, err
	}
	n, err := m.d.PurgeTopic(topic.ID, newest)
	if err != nil {
		return n, err
	}
	return n, m.d.Audit(db.Audit{By: a.By, Verb: "topic.purge", TopicID: topic.ID, Topic: topic.Name, Detail: strconv.FormatInt(n, 10)})
}
