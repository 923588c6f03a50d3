package server_test

import (
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// A number of seconds that overflows a duration is too long, not short.
func TestGraceIsBounded(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	k := h.token("ops-east", "cron", "publish")
	for _, seconds := range []int64{-1, 604_801, 18_446_744_074, 1<<63 - 1} {
		h.call("POST", "/api/topics/ops-east/access-tokens/"+k.ID+"/rotate", h.jwt, api.RotateRequest{GraceSeconds: &seconds}, 422, nil)
	}
}
