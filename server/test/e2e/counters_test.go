package e2e_test

import (
	"testing"
	"time"

	"notifer/server/api"
	"notifer/server/test/run"
)

// TestCountersSurviveSIGTERM stops the process right after the last request, before any flush is due.
func TestCountersSurviveSIGTERM(t *testing.T) {
	t.Parallel()
	s := run.Start(t)
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "my-topic", "private")
	id, token := s.AddToken(t, jwt, "my-topic", "CI", "publish")
	const published, refused = 7, 2
	for range published {
		if code := s.JSON(t, "POST", "/my-topic", token, map[string]string{"message": "x"}, nil); code != 200 {
			t.Fatalf("publish = %d", code)
		}
	}
	for range refused {
		if code := s.JSON(t, "GET", "/my-topic/json", token, nil, nil); code != 403 {
			t.Fatalf("read with a publish-only token = %d, want 403", code)
		}
	}
	if code := s.Stop(t); code != 0 {
		t.Fatalf("exit code %d after SIGTERM, want 0", code)
	}
	s.Restart(t)
	var got api.Token
	s.JSON(t, "GET", "/api/topics/my-topic/access-tokens/"+id, jwt, nil, &got)
	if got.RequestCount != published+refused || got.RefusedCount != refused {
		t.Errorf("after SIGTERM %d requests, %d refused; want %d and %d", got.RequestCount, got.RefusedCount, published+refused, refused)
	}
	if got.LastUsedAt == nil || time.Since(got.LastUsedAt.Time) > time.Minute || got.LastUsedVia != "poll" {
		t.Errorf("last used %v via %q, want just now via poll", got.LastUsedAt, got.LastUsedVia)
	}
}
