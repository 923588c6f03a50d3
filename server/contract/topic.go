package contract

import (
	"time"

	"notifer/db"
	"notifer/server/api"
)

// Topic is a topic in the form of the contract, with the number of its open streams.
func Topic(t *db.Topic, subscribers int) api.Topic {
	return api.Topic{ID: t.PublicID, Name: t.Name, DisplayName: optional(t.DisplayName), OwnerID: t.OwnerID,
		AccessLevel: t.AccessLevel, Description: optional(t.Description), IsDiscoverable: t.Discoverable,
		IconName: t.IconName, IconColor: t.IconColor, MessageCount: t.MessageCount,
		SubscriberCount: subscribers, RetentionHours: optionalInt(int64(t.Retention / time.Hour)), RetentionBytes: optionalInt(t.RetentionBytes),
		CreatedAt: api.At(t.CreatedAt), LastMessageAt: api.AtPtr(t.LastMessageAt)}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func optionalInt(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

// ListedTopic is what callers see of a topic that they may not read, of another account in the catalog or changed with a key that only
// writes: its name, its look and its description.
func ListedTopic(t *db.Topic) api.ListedTopic {
	return api.ListedTopic{ID: t.PublicID, Name: t.Name, DisplayName: optional(t.DisplayName), Description: optional(t.Description),
		AccessLevel: t.AccessLevel, IsDiscoverable: t.Discoverable, IconName: t.IconName, IconColor: t.IconColor}
}
