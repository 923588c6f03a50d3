package manage

import (
	"context"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/auth/secrets"
)

// findSecret returns a live secret of this server that a message carries, and the refusal of such a message.
func (m *Manager) findSecret(ctx context.Context, msg *db.Message) (string, error) {
	for _, text := range [...]string{msg.Body, msg.Title, msg.ExtrasText()} {
		for _, found := range secrets.Find(text) {
			live, err := m.auth.Live(ctx, found)
			if err != nil {
				return "", err
			}
			if live {
				return found, invalid("message", "the message contains a secret of this server (%s): remove it, or send X-Allow-Secret: 1", secrets.Hint(found))
			}
		}
	}
	return "", nil
}

// leakPause is how often the activity log notes that the same message comes again.
const leakPause = time.Hour

// RefuseSecret refuses a message that carries a live secret of this server, and notes it in the activity log.
func (m *Manager) RefuseSecret(ctx context.Context, by *auth.Principal, topic *db.Topic, msg *db.Message) error {
	found, refusal := m.findSecret(ctx, msg)
	if found == "" {
		return refusal
	}
	if err := m.noteSecret(ctx, by.By(), topic, found); err != nil {
		return err
	}
	return refusal
}

// noteSecret notes in the activity log that a message held a secret, and marks its token as leaked.
func (m *Manager) noteSecret(ctx context.Context, by db.By, topic *db.Topic, secret string) error {
	id, err := m.auth.OwnToken(ctx, secret)
	if err == nil && id != "" {
		err = m.d.LeakToken(id, by, "its text was in a message")
	}
	if err != nil {
		return err
	}
	return m.d.AuditOnce(db.Audit{By: by, Verb: "message.secret", TopicID: topic.ID, Topic: topic.Name,
		Detail: "a message holding " + secrets.Hint(secret) + " was refused"}, leakPause)
}
