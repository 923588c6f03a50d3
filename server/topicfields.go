package server

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/request"
)

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

func hours(d time.Duration) *int64 { return optionalInt(int64(d / time.Hour)) }

// CheckTopicName refuses a name that cannot be created and says why.
func CheckTopicName(name string) error {
	switch {
	case !api.IsTopicName(name):
		return request.Unprocessable("a topic's name must be 3 to 64 of a-z, 0-9, - and _")
	case Reserved(name):
		return request.Unprocessable("the name %q is reserved: choose another", name)
	}
	return nil
}

// applyTopic takes over the fields that a request names, checks them, and lists those that changed.
func applyTopic(t *db.Topic, in api.TopicRequest) (changed []string, err error) {
	was := *t
	setText(&t.DisplayName, in.DisplayName)
	setText(&t.Description, in.Description)
	setText(&t.AccessLevel, in.AccessLevel)
	setText(&t.IconName, in.IconName)
	setText(&t.IconColor, in.IconColor)
	if in.IsDiscoverable != nil {
		t.Discoverable = *in.IsDiscoverable
	}
	if in.RetentionHours != nil {
		t.Retention = time.Duration(*in.RetentionHours) * time.Hour
	}
	if in.RetentionBytes != nil {
		t.RetentionBytes = *in.RetentionBytes
	}
	return changedFields(&was, t), CheckTopic(t, in)
}

func setText(field *string, v *string) {
	if v != nil {
		*field = strings.TrimSpace(*v)
	}
}

// CheckDescription says what is wrong with a topic's description.
func CheckDescription(text string) error {
	if utf8.RuneCountInString(text) > maxDescription {
		return request.Unprocessable("description must have at most %d characters", maxDescription)
	}
	return nil
}

// CheckTopic says what is wrong with a topic that was filled in from a request.
func CheckTopic(t *db.Topic, in api.TopicRequest) error {
	if !slices.Contains([]string{db.Public, db.Protected, db.Private}, t.AccessLevel) {
		return request.Unprocessable("access_level must be public, protected or private")
	}
	if t.Inbox && t.AccessLevel != db.Private {
		return errInboxOpen
	}
	if utf8.RuneCountInString(t.DisplayName) > maxDisplayName || strings.ContainsAny(t.DisplayName, "\r\n") {
		return request.Unprocessable("display_name must be one line of at most %d characters", maxDisplayName)
	}
	if err := CheckDescription(t.Description); err != nil {
		return err
	}
	if !plainWord(t.IconName) || !plainWord(t.IconColor) {
		return request.Unprocessable("icon_name and icon_color must be words of at most %d of a-z, 0-9, - and _", maxIcon)
	}
	if h := in.RetentionHours; h != nil && (*h < 0 || *h > 24*365*100) {
		return request.Unprocessable("retention_hours must be from 1 to 876000, or 0 for the server's own")
	}
	if b := in.RetentionBytes; b != nil && *b < 0 {
		return request.Unprocessable("retention_bytes must be positive, or 0 for no limit")
	}
	return nil
}

func plainWord(s string) bool {
	return len(s) <= maxIcon && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func changedFields(was, is *db.Topic) []string {
	var out []string
	for _, f := range []struct {
		name    string
		changed bool
	}{
		{"display name", was.DisplayName != is.DisplayName},
		{"description", was.Description != is.Description},
		{"access " + is.AccessLevel, was.AccessLevel != is.AccessLevel},
		{"catalog", was.Discoverable != is.Discoverable},
		{"icon", was.IconName != is.IconName || was.IconColor != is.IconColor},
		{"retention", was.Retention != is.Retention || was.RetentionBytes != is.RetentionBytes},
	} {
		if f.changed {
			out = append(out, f.name)
		}
	}
	return out
}
