package server_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// browser is a browser of sorts: it keeps cookies and fills in forms.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
}

func (h *home) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &browser{h.t, h.url, &http.Client{Jar: jar}}
}

// get answers with the status and the text of a page.
func (b *browser) get(path string) (int, string) {
	b.t.Helper()
	res, err := b.client.Get(b.base + path)
	return b.read(res, err)
}

func (b *browser) post(path string, fields ...string) (int, string) {
	b.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	r, err := http.NewRequest("POST", b.base+path, strings.NewReader(values.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.base)
	res, err := b.client.Do(r)
	return b.read(res, err)
}

func (b *browser) read(res *http.Response, err error) (int, string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

var shownCode = regexp.MustCompile(`data-code>([a-z2-7 ]{39})<`)

// offer has a browser make an offer, and returns its code.
func (b *browser) offer(fields ...string) string {
	b.t.Helper()
	status, page := b.post("/devices/pair", fields...)
	found := shownCode.FindStringSubmatch(page)
	if status != 200 || found == nil {
		b.t.Fatalf("the form answers %d, and no code: %.300s", status, page)
	}
	return found[1]
}

// pushed are the pushes that a service took, by path.
type pushed struct {
	*httptest.Server
	mu  sync.Mutex
	got []string
}

func newPushed(t *testing.T) *pushed {
	p := &pushed{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.got = append(p.got, r.Header.Get("Topic"))
		w.WriteHeader(201)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *pushed) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.got)
}

// subscription are the fields of a push subscription.
func (p *pushed) subscription(path string) []string {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	return []string{"endpoint", p.URL + path, "p256dh", b64(key.PublicKey().Bytes()), "auth", b64(make([]byte, 16))}
}

// TestPairing is the way of a paired device: an offer with topics, a code that works once, a session that may do what its key may
// and no more, pushes of its topics, and an end of everything within a second when the key is revoked.
func TestPairing(t *testing.T) {
	service := newPushed(t)
	var logged bytes.Buffer
	h := newHome(t, server.Config{Push: true, PushHosts: []string{service.URL}, Log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	for _, name := range []string{"door", "backup-nas", "diary"} {
		h.topic(name, db.Private)
	}
	owner, phone := h.browser(), h.browser()
	if status, _ := owner.post("/login", "email", "ann", "password", pagePassword); status != 200 {
		t.Fatal("sign in: ", status)
	}
	if status, page := owner.post("/devices/pair", "name", "Kitchen", "topics", "backup-*", "show", "match"); status != 422 || !strings.Contains(page, "Now: backup-nas") {
		t.Errorf("the form does not show what a pattern fits: %d", status)
	}
	if status, page := owner.post("/devices/pair", "name", "Kitchen"); status != 422 || !strings.Contains(page, "Name topics") {
		t.Errorf("an offer without topics answers %d", status)
	}
	code := owner.offer("name", "Kitchen", "topic", "door", "topics", "backup-*")
	if status, page := phone.get("/devices/join"); status != 200 || !strings.Contains(page, "Pair this device") {
		t.Fatalf("GET /devices/join = %d", status)
	}
	if status, _ := phone.post("/devices/join", "code", strings.Repeat("abcd", 8)); status != 422 {
		t.Errorf("a wrong code answers %d, want 422", status)
	}
	status, page := phone.post("/devices/join", "code", strings.ToUpper(code))
	if status != 200 || !strings.Contains(page, "door") || !strings.Contains(page, "backup-nas") || strings.Contains(page, "diary") {
		t.Fatalf("after pairing %d, and the page has the wrong topics: %.2000s", status, page)
	}
	if status, _ := h.browser().post("/devices/join", "code", code); status != 422 {
		t.Errorf("the code works twice: %d", status)
	}
	for path, want := range map[string]int{"/topic/door": 200, "/topic/backup-nas": 200, "/topic/diary": 404, "/door/json": 200, "/diary/json": 404, "/settings": 403, "/settings/keys": 403,
		"/settings/security": 403, "/admin": 403, "/devices/pair": 403, "/api/keys": 403, "/api/topics/my": 403, "/topic/door/settings": 403, "/topic/door/settings/tokens": 403, "/inbox": 200, "/devices": 200} {
		if status, _ := phone.get(path); status != want {
			t.Errorf("a paired device gets %d for %s, want %d", status, path, want)
		}
	}
	if status, _ := phone.post("/topic/door/messages", "message", "from the phone"); status != 403 {
		t.Errorf("a device that may only read publishes: %d", status)
	}
	if status, text := phone.post("/devices", service.subscription("/phone")...); status != 200 {
		t.Fatalf("a paired device cannot subscribe: %d %s", status, text)
	}
	h.topic("backup-web", db.Private) // fits the pattern
	for i, name := range []string{"door", "diary", "backup-web"} {
		h.publish(name, fmt.Sprint("push ", i))
	}
	eventually(t, "two pushes", func() bool { return service.count() == 2 })

	var keys api.Keys
	h.call("GET", "/api/keys", h.jwt, nil, 200, &keys)
	if len(keys.Keys) != 1 || !keys.Keys[0].Paired || fmt.Sprint(keys.Keys[0].Topics) != "[backup-* door]" || fmt.Sprint(keys.Keys[0].Scopes) != "[subscribe]" {
		t.Fatalf("the device is no key that is limited to topics: %+v", keys.Keys)
	}
	if _, page := phone.get("/"); strings.Contains(page, "all your topics") || !strings.Contains(page, "the topics that this device may read") {
		t.Error("the first page of a paired device promises all topics of the account")
	}
	if _, page := owner.get("/devices"); !strings.Contains(page, "Kitchen") || !strings.Contains(page, "/settings/keys/"+keys.Keys[0].ID+"/revoke") {
		t.Error("the page of devices does not list the device with a way to remove it")
	}
	r, err := http.NewRequestWithContext(context.Background(), "GET", h.url+"/sse?topics=door,backup-nas", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true // the connection ends with the stream: no later request may find it
	stream, err := phone.client.Do(r)
	if err != nil || stream.StatusCode != 200 {
		t.Fatal("the stream of a paired device: ", err)
	}
	defer stream.Body.Close()
	began := time.Now()
	if _, page := owner.get("/settings/keys/" + keys.Keys[0].ID + "/revoke"); !strings.Contains(page, "Remove device") || strings.Contains(page, "Revoke key") {
		t.Error("the question about a device speaks of a key")
	}
	if status, page := owner.post("/settings/keys/" + keys.Keys[0].ID + "/revoke"); status != 200 || !strings.Contains(page, "Device removed.") {
		t.Fatalf("removing a device answers %d and does not say that it is removed", status)
	}
	if rest, err := io.ReadAll(stream.Body); err != nil || h.late(began) || !strings.Contains(string(rest), "event: revoked") {
		t.Errorf("the stream of a removed device ended after %s: %v", time.Since(began), err)
	}
	h.publish("door", "after the end")
	if status, _ := phone.get("/topic/door"); status != 401 {
		t.Errorf("a removed device gets %d", status)
	}
	<-time.After(100 * time.Millisecond)
	if n := service.count(); n != 2 {
		t.Errorf("%d pushes, want 2: none after the device was removed", n)
	}
	tablet := h.browser()
	if status, _ := tablet.post("/devices/join", "code", owner.offer("name", "Tablet", "topic", "door")); status != 200 {
		t.Fatalf("a second device: %d", status)
	}
	if status, _ := tablet.post("/logout"); status != 200 {
		t.Errorf("signing out a device answers %d", status)
	}
	var events api.Events
	h.call("GET", "/api/events", h.jwt, nil, 200, &events)
	if e := events.Events[0]; e.Verb != "key.revoke" || e.Actor != "ann" || e.Target != "ann" || e.Detail != `"Tablet"` {
		t.Errorf("after a device signed out the last event is %+v", e)
	}
	h.s.Close(context.Background())
	if plain := strings.ReplaceAll(code, " ", ""); strings.Contains(logged.String(), plain) || strings.Contains(logged.String(), code) {
		t.Error("the log has the code")
	}
}

// TestPairingCodes: a code ends after its time and with a new password, and making one needs a recent sign-in.
func TestPairingCodes(t *testing.T) {
	now := time.Now()
	var mu sync.Mutex
	d, err := db.Open(t.TempDir(), db.Options{Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	h := newHomeOn(t, d, server.Config{ReauthAfter: time.Hour})
	h.topic("door", db.Private)
	owner := h.browser()
	owner.post("/login", "email", "ann", "password", pagePassword)
	code := owner.offer("name", "Late", "topic", "door")
	other := owner.offer("name", "Other", "topic", "door")
	if status, _ := h.browser().post("/devices/join", "code", other); status != 200 {
		t.Errorf("a second code answers %d", status)
	}
	mu.Lock()
	now = now.Add(5*time.Minute + time.Second)
	mu.Unlock()
	if status, _ := h.browser().post("/devices/join", "code", code); status != 422 {
		t.Errorf("a code of five minutes ago answers %d, want 422", status)
	}
	code = owner.offer("name", "Last", "topic", "door")
	h.call("POST", "/auth/password", h.jwt, map[string]any{"current_password": pagePassword, "new_password": "battery staple 42"}, 204, nil)
	if status, _ := h.browser().post("/devices/join", "code", code); status != 422 {
		t.Errorf("a code from before the password changed answers %d, want 422", status)
	}
}

// TestExamplesNameAnyTopicButTheInbox: a topic is an inbox by what it is, not by its name.
func TestExamplesNameAnyTopicButTheInbox(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("inbox-zero", db.Private)
	owner := h.browser()
	owner.post("/login", "email", "ann", "password", pagePassword)
	if _, page := owner.get("/docs/publish"); !strings.Contains(page, "/inbox-zero") {
		t.Error("the examples do not name the only topic")
	}
}
