package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"notifer/server/api"
	"notifer/server/client"
)

func TestCredentialGoesIntoItsHeader(t *testing.T) {
	c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, fmt.Sprintf("%s|%s|%s", r.Header.Get("X-Topic-Token"), r.Header.Get("X-API-Key"), r.Header.Get("Authorization")), http.StatusTeapot)
	}))
	for credential, want := range map[string]string{
		"tk_a": "tk_a||", "noti_a": "|noti_a|", "eyJ": "||Bearer eyJ", "": "||",
	} {
		_, err := c.With(credential).Me(t.Context())
		var refused *client.Error
		if !errors.As(err, &refused) || refused.Detail != want {
			t.Errorf("%q: %v, want %s", credential, err, want)
		}
	}
}

func TestPublishRetryUsesOneKey(t *testing.T) {
	var keys []string
	c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("X-Idempotency-Key"))
		if len(keys) < 2 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		var m api.PublishRequest
		json.Unmarshal(body, &m)
		json.NewEncoder(w).Encode(api.Message{ID: "1", Message: m.Message})
	}))
	sent, err := c.PublishRetry(t.Context(), "t", api.PublishRequest{Message: "hi"}, 1)
	if err != nil || sent.Message != "hi" {
		t.Fatalf("PublishRetry = %v, %v", sent, err)
	}
	if len(keys) != 2 || keys[0] == "" || keys[0] != keys[1] {
		t.Errorf("keys = %q, want the same twice", keys)
	}
}

func TestRefusalIsNotTriedAgain(t *testing.T) {
	calls := 0
	c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
	}))
	_, err := c.PublishRetry(t.Context(), "t", api.PublishRequest{Message: "hi"}, 3)
	if err == nil || calls != 1 {
		t.Errorf("PublishRetry = %v after %d calls, want a refusal after 1", err, calls)
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"status":"ok"}`)
	}))
	server.Listener.Close()
	server.Listener = l
	server.Start()
	defer server.Close()
	c, err := client.New("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := c.Health(t.Context()); err != nil || h.Status != "ok" {
		t.Errorf("Health = %v, %v", h, err)
	}
	c.HTTP().CloseIdleConnections()
}

func TestBadBase(t *testing.T) {
	for _, base := range []string{"", "home:8080", "ftp://x", "http://"} {
		if _, err := client.New(base); err == nil {
			t.Errorf("New(%q) succeeds", base)
		}
	}
}

func TestEachSinceReadsEveryPage(t *testing.T) {
	c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := 0
		fmt.Sscan(r.URL.Query().Get("after"), &from)
		var page []api.Message
		for id := from + 1; id <= 250 && len(page) < 100; id++ {
			page = append(page, api.Message{ID: fmt.Sprint(id)})
		}
		json.NewEncoder(w).Encode(page)
	}))
	n := 0
	err := c.EachSince(t.Context(), "t", "all", func(m api.Message) error {
		if n++; m.ID != fmt.Sprint(n) {
			return fmt.Errorf("message %d is %s", n, m.ID)
		}
		return nil
	})
	if err != nil || n != 250 {
		t.Errorf("EachSince = %v after %d, want 250", err, n)
	}
}

// What is no UTF-8 is refused as the server refuses it: JSON would carry U+FFFD in its place.
func TestPublishRefusesWhatIsNoUTF8(t *testing.T) {
	calls := 0
	c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		io.WriteString(w, "{}")
	}))
	title := "caf\xe9"
	for _, m := range []api.PublishRequest{{Message: "caf\xe9"}, {Message: "cafe", Title: &title}} {
		if _, err := c.PublishRetry(t.Context(), "t", m, 3); err == nil || calls > 0 {
			t.Errorf("PublishRetry(%q) = %v after %d calls, want an error before", m.Message, err, calls)
		}
	}
}

// However long a reply asks to wait, it is a time that can be waited for.
func TestRetryAfterIsBounded(t *testing.T) {
	for text, want := range map[string]time.Duration{"7": 7 * time.Second, "9999999999999": 24 * time.Hour, "-1": 0} {
		c := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", text)
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		_, err := c.Me(t.Context())
		if refused, ok := errors.AsType[*client.Error](err); !ok || refused.RetryAfter != want {
			t.Errorf("Retry-After: %s is %v, want %s", text, err, want)
		}
	}
}
