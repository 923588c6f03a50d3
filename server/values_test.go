package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// crowdedJSON is an object of so many keys.
func crowdedJSON(keys int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"message":"x"`)
	for i := range keys {
		fmt.Fprintf(&b, `,"k%d":1`, i)
	}
	b.WriteString("}")
	return b.Bytes()
}

// A body of tens of thousands of keys or elements is refused before it is decoded, on each route that reads JSON; one that was published
// is stored as text, since a message is not lost for it.
func TestBodiesOfManyValues(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	m := h.publish("ops-east", "text")
	shapes := map[string][]byte{
		"keys":    crowdedJSON(38_000),
		"list":    []byte(`{"message":"x","tags":[` + strings.Repeat(`"a",`, 90_000) + `"a"]}`),
		"objects": []byte(`{"message":"x","actions":[` + strings.Repeat(`{},`, 100_000) + `{}]}`),
		"quotes":  []byte(`{"message":"\\\"","x":[` + strings.Repeat(`"\",[{",`, 40_000) + `0]}`),
	}
	for name, body := range shapes {
		auth := []string{"Authorization", "Bearer " + h.jwt, "Content-Type", "application/json"}
		if rec := h.sent("PATCH", "/api/ops-east/messages/"+m.ID, body, auth...); rec.Code != 422 || !strings.Contains(rec.Body.String(), "more than 2000 values") {
			t.Errorf("%s: PATCH of a message = %d %.200s", name, rec.Code, rec.Body)
		}
		rec := h.sent("POST", "/ops-east", body, auth...)
		var stored struct {
			Message  string
			Warnings []string
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &stored); err != nil || rec.Code != 200 {
			t.Fatalf("%s: publish = %d %.200s", name, rec.Code, rec.Body)
		}
		if !strings.HasPrefix(stored.Message, string(body[:100])) || !strings.Contains(fmt.Sprint(stored.Warnings), "more than 20000 values") {
			t.Errorf("%s: stored %.100q with %q", name, stored.Message, stored.Warnings)
		}
		if rec := h.sent("POST", "/ops-east", body, append(auth, "X-Strict", "1")...); rec.Code != 422 {
			t.Errorf("%s: strict publish = %d %.200s", name, rec.Code, rec.Body)
		}
	}
	var many api.Message
	h.call("POST", "/ops-east", h.jwt, map[string]any{"message": strings.Repeat(`,{[`, 20_000)}, 200, &many)
	if len(many.Message) != 60_000 {
		t.Errorf("a text of commas and brackets is stored as %.100q", many.Message)
	}
}

// Bytes that were received count on every route, also when the request is refused; small requests go on, so that everybody can sign
// in and revoke.
func TestReceivedBytesAreCounted(t *testing.T) {
	h := newHome(t, server.Config{AnonymousBytes: 8 * 100_000, TokenBytes: 10 * 100_000, AnonymousPerMinute: 10_000})
	h.topic("open", db.Public)
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "its own", "publish")
	large := append([]byte(`{"`), bytes.Repeat([]byte("x"), 15_000)...)
	asJSON := []string{"Content-Type", "application/json"}
	for name, send := range map[string]func() int{
		"an API route": func() int {
			return h.sent("PATCH", "/api/topics/ops-east", large, append(asJSON, "Authorization", "Bearer "+h.jwt)...).Code
		},
		"a strict publish": func() int {
			return h.sent("POST", "/ops-east", large, append(asJSON, "X-Strict", "1", "X-Topic-Token", token.Token)...).Code
		},
		"without an account": func() int { return h.sent("POST", "/auth/login", large, asJSON...).Code },
	} {
		n, status := 0, 422
		for ; n < 100 && status == 422; n++ {
			status = send()
		}
		if status != 429 || n > 9 {
			t.Errorf("%s: %d after %d bodies of 15,000 bytes, want 429 after 100,000", name, status, n)
		}
	}
	h.call("DELETE", "/api/topics/ops-east/access-tokens/"+token.ID, h.jwt, nil, 204, nil)
	h.call("PATCH", "/api/topics/ops-east", h.jwt, map[string]any{"description": "small"}, 200, nil)
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "ann", Password: pagePassword}, 200, nil)
	if status, _ := h.status("POST", "/ops-east", h.jwt, "text"); status != 429 {
		t.Errorf("publishing with a used budget = %d, want 429", status)
	}
}
