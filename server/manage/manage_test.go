package manage_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server/auth"
	"notifer/server/auth/argon"
	"notifer/server/manage"
)

// house is a store with an account that owns a private topic.
type house struct {
	*manage.Manager
	d     *db.DB
	auth  *auth.Auth
	ann   manage.Actor
	topic db.Topic
}

func newHouse(t *testing.T, r manage.Rules) *house {
	t.Helper()
	d := dbtest.New(t)
	a, err := auth.New(t.Context(), d, auth.Options{Params: argon.Params{Memory: 64, Time: 1, Threads: 1}, AccessTTL: time.Hour, RefreshTTL: time.Hour, SessionMax: time.Hour, MaxTokens: 1000})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{Manager: manage.New(d, a, r), d: d, auth: a}
	u, err := h.CreateAccount(t.Context(), manage.AccountValues{Email: "ann@home.example", Username: "ann", Password: "correct horse battery"})
	if err != nil {
		t.Fatal(err)
	}
	h.ann = manage.Actor{User: u, By: db.By{ID: u.ID, Name: "ann"}}
	if h.topic, err = h.CreateTopic(h.ann, "backups", manage.TopicValues{}); err != nil {
		t.Fatal(err)
	}
	return h
}

// byKey is ann by an API key of some scopes.
func (h *house) byKey(scopes string) manage.Actor {
	a := h.ann
	a.Key = &db.Key{Scopes: scopes}
	return a
}

// wantKind demands the kind of an error; nil is none.
func wantKind(t *testing.T, what string, err, kind error) {
	t.Helper()
	if kind == nil && err != nil || kind != nil && !errors.Is(err, kind) {
		t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

func ptr[T any](v T) *T { return &v }

func TestTopicName(t *testing.T) {
	m := manage.New(nil, nil, manage.Rules{Reserved: func(name string) bool { return name == "api" || name == "notify" }})
	for name, kind := range map[string]error{
		"abc": nil, "a-b_9": nil, strings.Repeat("a", 64): nil, "topic_short": nil,
		"": auth.ErrInvalid, "ab": auth.ErrInvalid, strings.Repeat("a", 65): auth.ErrInvalid, "Abc": auth.ErrInvalid, "a b": auth.ErrInvalid,
		"ä-topic": auth.ErrInvalid, "api": auth.ErrInvalid, "notify": auth.ErrInvalid, "topic_aaaaaaaaaaaaaaaa": auth.ErrInvalid, "topic_0-9_living-room1": auth.ErrInvalid,
	} {
		wantKind(t, "CheckTopicName "+name, m.CheckTopicName(name), kind)
	}
}

func TestTopicValues(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	for name, row := range map[string]struct {
		v    manage.TopicValues
		kind error
	}{
		"nothing":                   {manage.TopicValues{}, nil},
		"every kind":                {manage.TopicValues{AccessLevel: ptr("protected")}, nil},
		"no such kind":              {manage.TopicValues{AccessLevel: ptr("secret")}, auth.ErrInvalid},
		"an empty kind":             {manage.TopicValues{AccessLevel: ptr("")}, auth.ErrInvalid},
		"longest description":       {manage.TopicValues{Description: ptr(strings.Repeat("ä", 2000))}, nil},
		"too long a description":    {manage.TopicValues{Description: ptr(strings.Repeat("ä", 2001))}, auth.ErrInvalid},
		"two lines of a name":       {manage.TopicValues{DisplayName: ptr("a\nb")}, auth.ErrInvalid},
		"a name turned around":      {manage.TopicValues{DisplayName: ptr("a\u202eb")}, auth.ErrInvalid},
		"too long a name":           {manage.TopicValues{DisplayName: ptr(strings.Repeat("x", 101))}, auth.ErrInvalid},
		"an icon":                   {manage.TopicValues{IconName: ptr("bell"), IconColor: ptr("blue")}, nil},
		"an icon of markup":         {manage.TopicValues{IconName: ptr("<b>")}, auth.ErrInvalid},
		"an emoji as icon":          {manage.TopicValues{IconName: ptr("🚨")}, nil},
		"two emoji as icon":         {manage.TopicValues{IconName: ptr("🚨🚨")}, auth.ErrInvalid},
		"a colour of markup":        {manage.TopicValues{IconColor: ptr("<b>")}, auth.ErrInvalid},
		"an hour":                   {manage.TopicValues{Retention: ptr(time.Hour)}, nil},
		"the server's retention":    {manage.TopicValues{Retention: ptr(time.Duration(0))}, nil},
		"less than an hour":         {manage.TopicValues{Retention: ptr(time.Minute)}, auth.ErrInvalid},
		"more than a century":       {manage.TopicValues{Retention: ptr(manage.Hours(876001))}, auth.ErrInvalid},
		"more hours than there are": {manage.TopicValues{Retention: ptr(manage.Hours(1 << 60))}, auth.ErrInvalid},
		"hours below zero":          {manage.TopicValues{Retention: ptr(manage.Hours(-1 << 62))}, auth.ErrInvalid},
		"bytes":                     {manage.TopicValues{RetentionBytes: ptr(int64(1024))}, nil},
		"too few bytes":             {manage.TopicValues{RetentionBytes: ptr(int64(1))}, auth.ErrInvalid},
		"fewer than none":           {manage.TopicValues{RetentionBytes: ptr(int64(-1))}, auth.ErrInvalid},
	} {
		_, err := h.NewTopic(h.ann, "a-topic", row.v)
		wantKind(t, "new topic: "+name, err, row.kind)
		_, _, err = h.UpdateTopic(h.ann, h.topic.ID, row.v)
		wantKind(t, "changed topic: "+name, err, row.kind)
	}
	_, err := h.CreateTopic(h.ann, "backups", manage.TopicValues{})
	wantKind(t, "a name in use", err, auth.ErrConflict)
}

// TestTopicIsOpenedWithRights: an API key opens a private topic only when it may read it.
func TestTopicIsOpenedWithRights(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	for scopes, kind := range map[string]error{"topics:write": auth.ErrForbidden, "publish,topics:write": auth.ErrForbidden, "subscribe,topics:write": nil, "*": nil} {
		for _, level := range []string{db.Public, db.Protected} {
			_, _, err := h.UpdateTopic(h.byKey(scopes), h.topic.ID, manage.TopicValues{AccessLevel: &level})
			wantKind(t, scopes+" opens to "+level, err, kind)
			_, _, err = h.UpdateTopic(h.byKey("topics:write"), h.topic.ID, manage.TopicValues{AccessLevel: ptr(db.Private)})
			wantKind(t, "closing it", err, nil)
		}
	}
}

// TestInboxStays: the inbox of an account stays private, and as long as the account.
func TestInboxStays(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	inbox := db.NewTopic("inbox-ann", h.ann.User)
	inbox.Inbox = true
	if err := h.d.CreateTopic(&inbox, db.By{Name: "test"}); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "delete", h.DeleteTopic(h.ann, inbox), auth.ErrConflict)
	_, _, err := h.UpdateTopic(h.ann, inbox.ID, manage.TopicValues{AccessLevel: ptr(db.Public)})
	wantKind(t, "open", err, auth.ErrConflict)
	wantKind(t, "delete of another", h.DeleteTopic(h.ann, h.topic), nil)
	wantKind(t, "delete it twice", h.DeleteTopic(h.ann, h.topic), auth.ErrNotFound)
}
