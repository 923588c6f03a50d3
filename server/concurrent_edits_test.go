package server_test

import (
	"fmt"
	"sync"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// together runs changes at once and waits for all of them.
func together(changes ...func()) {
	var all sync.WaitGroup
	for _, change := range changes {
		all.Go(change)
	}
	all.Wait()
}

// Two people who change different fields at the same moment both get what they were answered: a topic that one makes private
// does not become public again because the other mends its description.
func TestChangesAtOnceDoNotUndoEachOther(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "laptop", "publish")
	account := h.user("bob").User
	levels := []string{db.Public, db.Private}
	for i := range 30 {
		text, level, locked := fmt.Sprint("text ", i), levels[i%2], i%2 == 0
		name := fmt.Sprint("bob-", i)
		patch := func(path string, in any) func() {
			return func() { h.call("PATCH", path, h.jwt, in, 200, nil) }
		}
		tokenPath, userPath := "/api/topics/ops-east/access-tokens/"+token.ID, "/api/users/"+account.ID
		together(
			patch("/api/topics/ops-east", api.TopicRequest{Description: &text}), patch("/api/topics/ops-east", api.TopicRequest{AccessLevel: &level}),
			patch(tokenPath, api.TokenRequest{Note: &text}), patch(tokenPath, api.TokenRequest{RefuseInURL: &locked}),
			patch(userPath, api.UserRequest{Username: &name}), patch(userPath, api.UserRequest{Disabled: &locked}))
		topic, err := h.d.Topic(t.Context(), "ops-east")
		if err != nil || topic.Description != text || topic.AccessLevel != level {
			t.Fatalf("topic has %q and is %s, %v; want %q and %s", topic.Description, topic.AccessLevel, err, text, level)
		}
		k, err := h.d.TokenByID(t.Context(), token.ID)
		if err != nil || k.Note != text || k.RefuseInURL != locked {
			t.Fatalf("token has note %q and URL rule %v, %v; want %q and %v", k.Note, k.RefuseInURL, err, text, locked)
		}
		u, err := h.d.User(t.Context(), account.ID)
		if err != nil || u.Username != name || u.Disabled != locked {
			t.Fatalf("account is %s, disabled %v, %v; want %s, %v", u.Username, u.Disabled, err, name, locked)
		}
	}
}

// Two edits of a message at the same moment, each of another field, are both kept.
func TestMessageEditsAtOnceDoNotUndoEachOther(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	m := h.publish("ops-east", "hello")
	id, err := db.ParseID(m.ID)
	if err != nil {
		t.Fatal(err)
	}
	topic, err := h.d.Topic(t.Context(), "ops-east")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		text, priority := fmt.Sprint("text ", i), i%5+1
		edit := func(in api.MessageEdit) func() {
			return func() { h.call("PATCH", "/api/ops-east/messages/"+m.ID, h.jwt, in, 200, nil) }
		}
		together(edit(api.MessageEdit{Message: &text}), edit(api.MessageEdit{Priority: &priority}))
		if got, err := h.d.Message(t.Context(), topic.ID, id); err != nil || got.Body != text || got.Priority != priority {
			t.Fatalf("pair %d: the message is %q with priority %d, %v; want %q and %d", i, got.Body, got.Priority, err, text, priority)
		}
	}
	log, err := h.d.Activity(t.Context(), topic.ID, db.ActivityFilter{Limit: 1})
	if err != nil || len(log) != 1 || log[0].Verb != "message.update" {
		t.Errorf("the activity log ends with %+v, %v; want the edit", log, err)
	}
}
