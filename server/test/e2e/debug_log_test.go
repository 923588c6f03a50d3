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
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "my-topic", "private")
	_, token := s.AddToken(t, jwt, "my-topic", "both", "subscribe")
	var seen []map[string]any
	for i, send := range []func(){
		func() { call(t, "POST", s.URL+"/my-topic", "x", "X-Topic-Token: "+token) },
		func() { call(t, "POST", s.URL+"/my-topic", "x", "X-Topic-Token: tk_forged\" status=200") },
		func() { call(t, "POST", s.URL+"/my-topic", "", "Authorization: Bearer "+jwt) },
		func() { call(t, "GET", s.URL+"/my-topic/json", "", "X-Topic-Token: "+token) },
	} {
		send()
		run.Until(t, "the request is logged", func() bool { seen = requestLines(s.Log()); return len(seen) > i }) // a moment after its answer
	}
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

// requestLines are those of a log about requests to the topic itself.
func requestLines(log string) (list []map[string]any) {
	for line := range strings.Lines(log) {
		var m map[string]any
		if json.Unmarshal([]byte(line), &m) == nil && m["msg"] == "request" && m["topic"] == "my-topic" && strings.Contains(m["route"].(string), "{topic}") &&
			!strings.Contains(m["route"].(string), "/api/") {
			list = append(list, m)
		}
	}
	return list
}
