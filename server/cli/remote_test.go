package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSinceInWords: days and dates are those of this machine, durations those of the server's clock.
func TestSinceInWords(t *testing.T) {
	var mu sync.Mutex
	var asked string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = r.URL.Query().Get("since")
		io.WriteString(w, "[]")
	}))
	defer s.Close()
	now := time.Now()
	midnight := func(days int) string {
		return time.Date(now.Year(), now.Month(), now.Day()+days, 0, 0, 0, 0, time.Local).UTC().Format(time.RFC3339)
	}
	for since, want := range map[string]string{
		"yesterday": midnight(-1), "Today": midnight(0), "2h": "2h", "1h30m": "1h30m", "3d": "3d", "2w": "14d", "all": "all", "d246nwyk8001": "d246nwyk8001", "1764300000": "1764300000",
		"2026-03-04":           time.Date(2026, 3, 4, 0, 0, 0, 0, time.Local).UTC().Format(time.RFC3339),
		"2026-03-04 05:06":     time.Date(2026, 3, 4, 5, 6, 0, 0, time.Local).UTC().Format(time.RFC3339),
		"2026-03-04T05:06:07Z": "2026-03-04T05:06:07Z",
	} {
		code, _, errs := run(t, "subscribe", "server-alerts", "--poll", "--since", since, "--server", s.URL)
		mu.Lock()
		if code != 0 || asked != want {
			t.Errorf("--since %s: exit %d %s, the server is asked for %q, want %q", since, code, errs, asked, want)
		}
		mu.Unlock()
	}
	for _, since := range []string{"last week", "-2h", "2026-13-01", "soon", "99999d"} {
		if code, _, errs := run(t, "subscribe", "server-alerts", "--poll", "--since", since, "--server", s.URL); code != 2 || !strings.Contains(errs, "Try: --since 2h") {
			t.Errorf("--since %q: exit %d %q, want 2 and what to type", since, code, errs)
		}
	}
}

// TestShellsCompleteTopics of the server, where an API key is at hand. Without one, or without a server, nothing is said.
func TestShellsCompleteTopics(t *testing.T) {
	var key string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key = r.Header.Get("X-API-Key")
		if r.URL.Path != "/api/topics/my" || key != "noti_x" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		io.WriteString(w, `[{"name":"server-alerts"},{"name":"server-backups"},{"name":"camera"}]`)
	}))
	defer s.Close()
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"publish", "--server", s.URL, "--token", "noti_x", "ser"}, "server-alerts server-backups"},
		{[]string{"subscribe", "--server", s.URL, "--token", "noti_x", "server-alerts", ""}, "server-backups camera"},
		{[]string{"run", "--server", s.URL, "--token", "noti_x", "c"}, "camera"},
		{[]string{"publish", "--server", s.URL, "--token", "noti_x", "camera", ""}, ""},
		{[]string{"publish", "--server", s.URL, "--token", "tk_x", ""}, ""},
		{[]string{"publish", "--server", s.URL, "--token", "noti_wrong", ""}, ""},
		{[]string{"publish", "--server", "http://127.0.0.1:1", "--token", "noti_x", ""}, ""},
		{[]string{"publish", "--server", ":::", "--token", "noti_x", ""}, ""},
	} {
		code, out, errs := run(t, append([]string{"__completeNoDesc"}, row.args...)...)
		names, directive, _ := strings.Cut(strings.ReplaceAll(out, "\n", " "), ":")
		if code != 0 || strings.TrimSpace(names) != row.want || strings.TrimSpace(directive) != "4" || strings.Contains(errs, "rror") {
			t.Errorf("%q: exit %d, %q %q, want %q", row.args, code, out, errs, row.want)
		}
	}
}

// TestShellsCompleteFixedValues: what a flag or an argument takes is offered.
func TestShellsCompleteFixedValues(t *testing.T) {
	for line, want := range map[string][]string{
		"publish alerts --priority ":        {"urgent"},
		"topic create nas --access ":        {"private", "protected", "public"},
		"token create nas x --permissions ": {"publish", "subscribe", "publish,subscribe"},
		"token create nas x --shape ":       {"grafana", "uptime-kuma"},
		"token shape nas x ":                {"grafana", "none"},
		"key create ann x --scopes ":        {"topics:read", "*"},
	} {
		code, out, _ := run(t, append([]string{"__completeNoDesc"}, strings.Split(line, " ")...)...)
		lines := strings.Fields(out)
		for _, value := range append(want, ":4") {
			if code != 0 || !slices.Contains(lines, value) {
				t.Errorf("%q: exit %d, %q, want %s", line, code, out, value)
			}
		}
	}
}

// TestPublishKeepsOddTexts: the alert of a script is not lost for its charset or its length.
func TestPublishKeepsOddTexts(t *testing.T) {
	var got string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Message string }
		if json.NewDecoder(r.Body).Decode(&in) != nil || len(in.Message) > 10_000 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		got = in.Message
		io.WriteString(w, `{"id":"d246nwyk8001"}`)
	}))
	defer s.Close()
	for name, row := range map[string]struct{ text, want, told string }{
		"UTF-8": {"größer\n", "größer", ""}, "a mark": {"\ufeffa", "a", ""}, "UTF-16": {"\xff\xfea\x00\xe4\x00", "aä", ""}, "Latin-1": {"gr\xf6\xdfer", "größer", "windows-1252"},
		"cut": {"größer \xe2\x82", "größer \ufffd", "U+FFFD"}, "long": {strings.Repeat("ä", 20_000), strings.Repeat("ä", 2_000), "was cut"},
	} {
		file := writeFile(t, "text", row.text)
		code, _, errs := run(t, "publish", "server-alerts", "--file", file, "--server", s.URL)
		if code != 0 || !strings.HasPrefix(got, row.want) || (errs == "") != (row.told == "") || !strings.Contains(errs, row.told) {
			t.Errorf("%s: exit %d, %q, sent %.40q, want %.40q", name, code, errs, got, row.want)
		}
		if code, _, errs := run(t, "publish", "server-alerts", "--strict", "--file", file, "--server", s.URL); (code == 0) != (row.told == "") {
			t.Errorf("%s, strict: exit %d %q", name, code, errs)
		}
	}
}

// TestTokenFilesThatHoldNone: the error names the file as the caller does.
func TestTokenFilesThatHoldNone(t *testing.T) {
	empty := writeFile(t, "empty", "\n")
	for file, want := range map[string]string{empty: "the token file " + empty + " is empty", "/nowhere": "there is no token file /nowhere"} {
		code, _, errs := run(t, "publish", "disks", "x", "--token-file", file)
		if code != 2 || !strings.Contains(errs, want+"\nTry: --token-file FILE") {
			t.Errorf("%s: exit %d, %q, want %q", file, code, errs, want)
		}
		t.Setenv("NOTIFER_TOKEN_FILE", file)
		if code, _, errs := run(t, "publish", "disks", "x"); code != 2 || !strings.Contains(errs, want+"\nTry: export NOTIFER_TOKEN_FILE=FILE") {
			t.Errorf("NOTIFER_TOKEN_FILE=%s: exit %d, %q, want %q", file, code, errs, want)
		}
	}
}
