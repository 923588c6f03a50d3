package server_test

import (
	"slices"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// TestActivityNamesWhoActed: every line about a topic, its tokens and messages has the account by its id and address, and the API key
// or topic token that was used; a username of the moment alone would not say who it was after a change of names.
func TestActivityNamesWhoActed(t *testing.T) {
	h := newHome(t, server.Config{})
	ctx := t.Context()
	ann, err := h.d.UserByLogin(ctx, "ann")
	if err != nil {
		t.Fatal(err)
	}
	var key api.Key
	h.call("POST", "/api/keys", h.jwt, api.KeyRequest{Name: "script"}, 201, &key)
	for _, with := range []struct{ name, bearer, via string }{{"by-session", h.jwt, ""}, {"by-key", key.Key, key.ID}} {
		name, tokens := with.name, "/api/topics/"+with.name+"/access-tokens"
		var topic api.Topic
		h.call("POST", "/api/topics", with.bearer, map[string]any{"name": name}, 201, &topic)
		h.call("PATCH", "/api/topics/"+name, with.bearer, map[string]any{"description": "x"}, 200, nil)
		made := map[string]api.Token{}
		for _, use := range []string{"revoked", "found", "ended", "shown"} {
			var k api.Token
			h.call("POST", tokens, with.bearer, map[string]any{"name": use, "permissions": []string{"publish"}}, 201, &k)
			made[use] = k
		}
		h.call("PATCH", tokens+"/"+made["revoked"].ID, with.bearer, map[string]any{"note": "x"}, 200, nil)
		h.call("POST", tokens+"/"+made["revoked"].ID+"/rotate", with.bearer, map[string]any{}, 200, nil)
		h.call("DELETE", tokens+"/"+made["revoked"].ID, with.bearer, nil, 204, nil)
		var m api.Message
		h.call("POST", "/"+name, with.bearer, "first", 200, &m)
		h.call("PATCH", "/api/"+name+"/messages/"+m.ID, with.bearer, map[string]any{"message": "second"}, 200, nil)
		h.call("DELETE", "/api/"+name+"/messages/"+m.ID, with.bearer, nil, 204, nil)
		h.call("POST", "/"+name, with.bearer, "the token is "+made["shown"].Token, 422, nil)
		h.call("POST", "/api/access-token/report", made["found"].Token, nil, 200, nil)
		h.call("DELETE", "/api/access-token", made["ended"].Token, nil, 204, nil)

		stored, err := h.d.TopicByPublicID(ctx, topic.ID)
		if err != nil {
			t.Fatal(err)
		}
		list, err := h.d.Activity(ctx, stored.ID, db.ActivityFilter{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		var verbs []string
		for _, a := range list {
			verbs = append(verbs, a.Verb)
			id, via := ann.ID, with.via
			switch {
			case a.TokenID == made["found"].ID && a.Verb == "token.leak", a.TokenID == made["ended"].ID && a.Verb == "token.revoke":
				id, via = "", a.TokenID // whoever holds it
			}
			if a.By.ID != id || a.By.Via != via || a.By.Address != "127.0.0.1" || a.By.Name == "" {
				t.Errorf("%s: %s %q by %+v, want the account %q with %q", name, a.Verb, a.Detail, a.By, id, via)
			}
		}
		slices.Sort(verbs)
		const want = "message.delete message.secret message.update token.create token.leak token.revoke token.rotate token.update topic.create topic.update"
		if got := strings.Join(slices.Compact(verbs), " "); got != want {
			t.Errorf("%s: the activity has %s, want %s", name, got, want)
		}

		h.call("DELETE", "/api/topics/"+name, with.bearer, nil, 204, nil)
		var events api.Events
		h.call("GET", "/api/events?kind=topics", h.jwt, nil, 200, &events)
		if e := events.Events[0]; e.Topic != name || e.ActorID != ann.ID || e.Via != with.via || e.Address != "127.0.0.1" {
			t.Errorf("%s: the end of the topic is recorded as %+v", name, e)
		}
	}
}
