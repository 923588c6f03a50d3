package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// The log at debug level answers why a job was refused yesterday.
func TestDebugLogSaysWhy(t *testing.T) {
	t.Parallel()
	s := run.Start(t, run.Args("--log-level", "debug"))
	jwt := s.AddUser(t, "ann", true)
	s.AddTopic(t, jwt, "my-topic", "private")
	_, token := s.AddToken(t, jwt, "my-topic", "both", "subscribe")
	call(t, "POST", s.URL+"/my-topic", "x", "X-Topic-Token: "+token)
	call(t, "POST", s.URL+"/my-topic", "x", "X-Topic-Token: tk_forged\" status=200")
	call(t, "POST", s.URL+"/my-topic", "", "Authorization: Bearer "+jwt)
	call(t, "GET", s.URL+"/my-topic/json", "", "X-Topic-Token: "+token)
	var seen []map[string]any
	run.Until(t, "four requests are logged", func() bool {
		seen = nil
		for line := range strings.Lines(s.Log()) {
			var m map[string]any
			if json.Unmarshal([]byte(line), &m) == nil && m["msg"] == "request" && m["topic"] == "my-topic" && strings.Contains(m["route"].(string), "{topic}") &&
				!strings.Contains(m["route"].(string), "/api/") {
				seen = append(seen, m)
			}
		}
		return len(seen) >= 4
	})
	hint := token[:7]
	for i, want := range []map[string]any{
		{"status": 403.0, "reason": "permission"}, {"status": 401.0}, {"status": 422.0}, {"status": 200.0},
	} {
		for key, value := range want {
			if seen[i][key] != value {
				t.Errorf("line %d: %s = %v, want %v in %v", i, key, seen[i][key], value, seen[i])
			}
		}
		if ms, ok := seen[i]["ms"].(float64); !ok || ms < 0 || ms > 60000 {
			t.Errorf("line %d: ms = %v", i, seen[i]["ms"])
		}
	}
	for _, i := range []int{0, 3} {
		if c, _ := seen[i]["credential"].(string); !strings.HasPrefix(c, hint[:6]) || strings.Contains(c, token) {
			t.Errorf("line %d: credential %q of %s", i, c, hint)
		}
	}
	if strings.Contains(s.Log(), token) || strings.Contains(s.Log(), "tk_forged") {
		t.Error("the log holds a secret")
	}
}
