package server_test

import (
	"net/http"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// TestEndedTokenBesideALiveOne: a revoked token makes the request one without a credential, on whichever place it is sent.
func TestEndedTokenBesideALiveOne(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	live, ended := h.token("ops-east", "live", "publish"), h.token("ops-east", "ended", "publish")
	h.call("DELETE", "/api/topics/ops-east/access-tokens/"+ended.ID, h.jwt, nil, http.StatusNoContent, nil)
	for _, both := range [][2]string{{live.Token, ended.Token}, {ended.Token, live.Token}} {
		if rec := h.sent("POST", "/ops-east?token="+both[1], []byte("full"), "X-Topic-Token", both[0]); rec.Code != http.StatusUnauthorized {
			t.Errorf("a live and a revoked token were answered %d %s, want 401", rec.Code, rec.Body)
		}
	}
}

// TestStreamOfSeveralTopicsCountsOnce: a request is one use of its token, whatever is decided about it.
func TestStreamOfSeveralTopicsCountsOnce(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	made := h.token("ops-east", "reader", "subscribe")
	if rec := h.sent("POST", "/api/sse/sessions", []byte(`{"topics":["ops-east"]}`), "X-Topic-Token", made.Token, "Content-Type", "application/json"); rec.Code/100 != 2 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	var got api.Token
	h.call("GET", "/api/topics/ops-east/access-tokens/"+made.ID, h.jwt, nil, http.StatusOK, &got)
	if got.RequestCount != 1 {
		t.Errorf("request_count = %d after one request, want 1", got.RequestCount)
	}
}

// TestRefusalsOfSeveralTopicsAreCounted: a request about several topics counts once, as refused when one of them is.
func TestRefusalsOfSeveralTopicsAreCounted(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.topic("ops-west", db.Private)
	session := map[string]any{"topics": []string{"ops-east"}}
	for name, row := range map[string]struct {
		permission         string
		method, path       string
		body               any
		status             int
		requests, refusals int64
	}{
		"stream":                 {"publish", "GET", "/sse?topics=ops-east", nil, 403, 4, 3},
		"session":                {"publish", "POST", "/api/sse/sessions", session, 403, 4, 3},
		"session that is opened": {"subscribe", "POST", "/api/sse/sessions", session, 201, 4, 0},
		"no topics":              {"subscribe", "GET", "/sse?topics=", nil, 422, 4, 0},
		"another topic":          {"subscribe", "GET", "/sse?topics=ops-west", nil, 401, 1, 0},
	} {
		token := h.token("ops-east", name, row.permission)
		if row.permission == "publish" { // a use that is accepted stays so
			h.call("POST", "/ops-east", token.Token, "x", 200, nil)
		} else {
			h.call("GET", "/ops-east/json", token.Token, nil, 200, nil)
		}
		for range 3 {
			h.call(row.method, row.path, token.Token, row.body, row.status, nil)
		}
		var got api.Token
		if h.call("GET", "/api/topics/ops-east/access-tokens/"+token.ID, h.jwt, nil, 200, &got); got.RequestCount != row.requests || got.RefusedCount != row.refusals {
			t.Errorf("%s: %d requests, %d refused; want %d and %d", name, got.RequestCount, got.RefusedCount, row.requests, row.refusals)
		}
	}
}
