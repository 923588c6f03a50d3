package manage

import (
	"context"
	"time"

	"notifer/db"
	"notifer/server/auth"
)

// FindSecret returns a secret of this server that a message carries, and the refusal of such a message.
func (m *Manager) FindSecret(msg *db.Message) (string, error) {
	for _, text := range [...]string{msg.Body, msg.Title, msg.ExtrasText()} {
		for _, found := range auth.FindSecrets(text) {
			if m.auth.Ours(found) {
				return found, invalid("message", "the message holds a secret of this server (%s): take it out, or send X-Allow-Secret: 1", auth.Hint(found))
			}
		}
	}
	return "", nil
}

// leakPause is how often it is written down that the same message comes again.
const leakPause = time.Hour

// NoteSecret writes down that a message held a secret, and marks its token as exposed.
func (m *Manager) NoteSecret(ctx context.Context, a Actor, topic *db.Topic, secret string) error {
	id, err := m.auth.OwnToken(ctx, secret)
	if err == nil && id != "" {
		err = m.d.LeakToken(id, a.Name, "its text was in a message")
	}
	if err != nil {
		return err
	}
	return m.d.AuditOnce(db.Audit{Actor: a.Name, Verb: "message.secret", TopicID: topic.ID, Topic: topic.Name,
		Detail: "a message holding " + auth.Hint(secret) + " was refused"}, leakPause)
}

// RefuseSecret refuses a message that carries a secret of this server, and writes it down.
func (m *Manager) RefuseSecret(ctx context.Context, a Actor, topic *db.Topic, msg *db.Message) error {
	found, err := m.FindSecret(msg)
	if found == "" {
		return err
	}
	if noted := m.NoteSecret(ctx, a, topic, found); noted != nil {
		return noted
	}
	return err
}
