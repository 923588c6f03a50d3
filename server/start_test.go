package server_test

import (
	"context"
	"database/sql"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/auth"
	"notifer/server/test/inprocess"
)

// TestAStartThatFailsLeavesNothingRunning: New fails when the pusher cannot read who follows what, and there is nothing to close then.
func TestAStartThatFailsLeavesNothingRunning(t *testing.T) {
	d := dbtest.New(t)
	raw, err := sql.Open("sqlite", "file:"+d.Path()+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("drop table device_topic"); err != nil {
		t.Fatal(err)
	}
	before := hubGoroutines()
	c := server.Config{Log: slog.New(slog.DiscardHandler), Push: true, Auth: auth.Options{Params: inprocess.CheapHashes}}
	if s, err := server.New(t.Context(), d, c); err == nil {
		s.Close(context.Background())
		t.Fatal("New = nil, want the error of the pusher")
	}
	if n := hubGoroutines(); n > before {
		t.Errorf("%d goroutines of hubs are left, %d ran before", n, before)
	}
}

func hubGoroutines() int {
	stacks := make([]byte, 4<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "notifer/server/hub.New.func")
}
