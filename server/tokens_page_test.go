package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/test/inprocess"
	"notifer/server/test/run"
)

const tab = "/topic/backups/settings/tokens"

// tokenSite is a site whose maria has signed in and owns the private topic backups.
func tokenSite(t *testing.T, change ...func(*server.Config)) *site {
	t.Helper()
	s := newSite(t, change...).signIn("maria")
	s.post("/topics", "name", "backups", "access", "private").want(200)
	return s
}

// once is the single-use id of the form on the page.
func (s *site) once() string {
	for _, in := range s.All("input") {
		if in.Attrs["name"] == "once" {
			return in.Attrs["value"]
		}
	}
	s.t.Fatal("the page has no form with a single-use id")
	return ""
}

// create makes a token through the form and returns its secret.
func (s *site) create(name string, pairs ...string) string {
	s.t.Helper()
	once := s.get(tab + "?new").want(200).once()
	s.post(tab, append([]string{"once", once, "name", name, "permissions", "publish"}, pairs...)...).want(200)
	return s.secret()
}

func (s *site) secret() string {
	s.t.Helper()
	in := s.ByID("secret")
	if in == nil || !strings.HasPrefix(in.Text(), "tk_") {
		s.t.Fatalf("no secret on the page: %s", strings.Join(s.Words(), " "))
	}
	return in.Text()
}

// publish sends a message with headers, and returns the status and the hint of the refusal.
func (s *site) publish(path string, headers ...string) (int, string) {
	s.t.Helper()
	req, _ := http.NewRequest(http.MethodPost, s.url+path, strings.NewReader("hello"))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var e api.Error
	_ = json.NewDecoder(res.Body).Decode(&e) // a success has no hint
	return res.StatusCode, e.Hint
}

func (s *site) wantPublish(secret string, status int) {
	s.t.Helper()
	if got, hint := s.publish("/backups", "X-Topic-Token", secret); got != status {
		s.t.Fatalf("publish = %d %s, want %d", got, hint, status)
	}
}

// send posts a form and does not follow where it leads.
func (s *site) send(path string, form url.Values) *http.Response {
	s.t.Helper()
	c := *s.client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := c.PostForm(s.url+path, form)
	if err != nil {
		s.t.Error(err)
		return nil
	}
	res.Body.Close()
	return res
}

// An empty topic shows the steps to its first message and ticks those that are done.
func TestEmptyTopicShowsTheNextStep(t *testing.T) {
	s := tokenSite(t)
	const topic = "/topic/backups"
	s.get(topic).want(200).says("No messages yet").says("Done: Topic created").says("Create a token").hides("1 access token")
	s.get(s.send(tab, url.Values{"once": {s.get(tab + "?new").once()}, "name": {"job"}, "permissions": {"publish"}}).Header.Get("Location"))
	secret := s.secret()
	s.get(topic).says("Done: 1 access token created").hides("Create a token")
	s.wantPublish(secret, 200)
	s.get(topic).says("hello").hides("No messages yet").hides("Done:")
}

// A form with an error keeps what was typed, except for a signing secret.
func TestSigningSecretStaysOutOfTheForm(t *testing.T) {
	s := tokenSite(t)
	s.post(tab, "once", s.get(tab+"?new").once(), "name", "", "note", "in the hall", "permissions", "publish", "shape", "github", "signing_secret", "hush-hush-hush").want(422)
	kept := map[string]string{}
	for _, in := range s.All("input") {
		kept[in.Attrs["name"]] = in.Attrs["value"]
	}
	if kept["note"] != "in the hall" || kept["signing_secret"] != "" {
		t.Errorf("the form has note %q and signing secret %q", kept["note"], kept["signing_secret"])
	}
}

// A topic that has as many live tokens as it may have says so in the form, which keeps what was typed.
func TestTokenLimitIsSaidInTheForm(t *testing.T) {
	t.Parallel()
	s := tokenSite(t, func(c *server.Config) { c.Auth.MaxTokens = 1 })
	s.create("first")
	s.post(tab, "once", s.get(tab+"?new").once(), "name", "second", "note", "in the hall", "permissions", "publish").want(409).
		says("This topic has as many live tokens as the server allows. Revoke one first.")
	for _, in := range s.All("input") {
		if in.Attrs["name"] == "note" && in.Attrs["value"] != "in the hall" {
			t.Errorf("the note is %q", in.Attrs["value"])
		}
	}
}

func TestSecretIsShownOnce(t *testing.T) {
	s := tokenSite(t)
	once := s.get(tab + "?new").once()
	at := s.send(tab, url.Values{"once": {once}, "name": {"job"}, "permissions": {"publish"}}).Header.Get("Location")
	if !strings.HasPrefix(at, tab+"?created=token_") {
		t.Fatalf("Location = %q", at)
	}
	look := func(method string, headers ...string) string {
		req, _ := http.NewRequest(method, s.url+at, nil)
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		res, err := s.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if c := res.Header.Get("Cache-Control"); c != "no-store" {
			t.Errorf("Cache-Control = %q, want no-store", c)
		}
		body, _ := io.ReadAll(res.Body)
		return string(body)
	}
	look(http.MethodHead)
	for _, headers := range [][]string{{"Sec-Purpose", "prefetch"}, {"Sec-Fetch-Site", "cross-site"}} {
		if body := look(http.MethodGet, headers...); strings.Contains(body, `id="secret"`) {
			t.Errorf("the secret is shown to a request with %v", headers)
		}
	}
	s.stranger().signIn("maria").get(at).want(200)
	secret := s.get(at).want(200).secret()
	s.wantPublish(secret, 200)
	if body := look(http.MethodGet); strings.Contains(body, secret) || !strings.Contains(body, "was already shown") {
		t.Error("the second look shows the secret, or does not say that it was shown")
	}
}

func TestFormSentTwiceMakesOneToken(t *testing.T) {
	s := tokenSite(t)
	form := url.Values{"once": {s.get(tab + "?new").once()}, "name": {"job"}, "permissions": {"publish"}}
	var all sync.WaitGroup
	places := make([]string, 4)
	for i := range places {
		all.Go(func() {
			if res := s.send(tab, form); res != nil {
				places[i] = res.Header.Get("Location")
			}
		})
	}
	all.Wait()
	for _, p := range places {
		if p != places[0] || p == "" {
			t.Errorf("the form leads to %q", places)
			break
		}
	}
	if n := len(s.get(tab).All("h3")); n != 3 {
		t.Errorf("%d headings on the tab, want one token and two of the folded help", n)
	}
}

func TestRotateOnThePage(t *testing.T) {
	s := tokenSite(t)
	old := s.create("job")
	s.wantPublish(old, 200)
	id := tokenIDs(s)[0]
	s.get(tab + "/" + id + "/rotate").want(200).says("The old one keeps working").says("1 time this week")
	s.post(tab+"/"+id+"/rotate", "once", s.once(), "grace", "3600").want(200)
	fresh := s.secret()
	s.wantPublish(old, 200)
	s.wantPublish(fresh, 200)
	s.get(tab).says("Rotating").says("old secret until ")
	if k, err := s.d.TokenByID(context.Background(), id); err != nil || k.RequestCount != 3 {
		t.Errorf("the counters of both secrets: %d, %v; want 3 in one", k.RequestCount, err)
	}
	s.get(tab + "/" + id + "/end-old").want(200)
	s.post(tab + "/" + id + "/end-old").want(200).says("has ended")
	s.wantPublish(old, 401)
	s.wantPublish(fresh, 200)
}

func tokenIDs(s *site) []string {
	var ids []string
	for _, li := range s.get(tab).All("li") {
		if id := li.Attrs["data-token"]; id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

func TestRevokeOnThePage(t *testing.T) {
	s := tokenSite(t)
	one, two := s.create("one"), s.create("two")
	s.wantPublish(two, 200)
	ids := tokenIDs(s)
	s.get(tab + "/" + ids[0] + "/revoke").want(200).says(`Revoke "two"?`).says("the next request gets 401").says("1 time this week")
	s.post(tab + "/" + ids[0] + "/revoke").want(200).says(`"two" is revoked`).says("Revoked and expired 1")
	s.wantPublish(two, 401)
	if h := focused(s); h != "one" {
		t.Errorf("the focus is on %q, want the next card", h)
	}
	s.post("/topic/backups/settings/revoke-all", "confirm", "nope").want(422)
	s.wantPublish(one, 200)
	s.post("/topic/backups/settings/revoke-all", "confirm", "backups").want(200).says("Tokens revoked: 1. Anything")
	s.wantPublish(one, 401)
	s.get("/topic/backups/settings/revoke-all").want(200).says("nothing to revoke").hides("to confirm")
}

func focused(s *site) string {
	for _, n := range s.All("*") {
		if _, there := n.Attrs["data-focus"]; there {
			return strings.TrimSpace(n.Text())
		}
	}
	return ""
}

func TestWrongTokenForms(t *testing.T) {
	s := tokenSite(t, func(c *server.Config) { c.MaxExpiry = 90 * 24 * time.Hour })
	s.create("job", "expires", "30")
	for want, pairs := range map[string][]string{
		"A name has 1 to 60 characters":  {"name", "", "permissions", "publish", "expires", "30"},
		"Choose at least one permission": {"name", "x", "expires", "30"},
		"already has a live token":       {"name", "JOB", "permissions", "publish", "expires", "30"},
		"Choose one of the options":      {"name", "x", "permissions", "publish"},
		"Choose a day from tomorrow on":  {"name", "x", "permissions", "publish", "expires", "date", "date", "2020-01-01"},
		"later than this server allows":  {"name", "x", "permissions", "publish", "expires", "date", "date", "2999-01-01"},
		"Enter networks such as":         {"name", "x", "permissions", "publish", "expires", "30", "networks", "house"},
	} {
		if s.post(tab, pairs...); s.status != 422 && s.status != 409 {
			t.Errorf("%v = %d, want 422 or 409", pairs, s.status)
		}
		s.says(want)
	}
}

func TestOldSignInIsAskedAgain(t *testing.T) {
	s := tokenSite(t, func(c *server.Config) { c.ReauthAfter = time.Nanosecond })
	s.get(tab + "?new&preset=ci").says("Your password")
	s.post(tab, "name", "x", "permissions", "publish").want(403).says("Enter your password to continue")
	s.post(tab, "name", "x", "permissions", "publish", "current_password", pagePassword).want(200)
	s.wantPublish(s.secret(), 200)
	s.post(tab + "/" + tokenIDs(s)[0] + "/revoke").want(200).says("is revoked")
}

func TestMessageWithSecretExposesIt(t *testing.T) {
	s := tokenSite(t)
	secret := s.create("job")
	req, _ := http.NewRequest(http.MethodPost, s.url+"/backups", strings.NewReader("my token is "+secret))
	req.Header.Set("X-Topic-Token", secret)
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != 422 {
		t.Fatalf("publish = %v, %v; want 422", res.StatusCode, err)
	}
	s.get(tab).says("Leaked").says("1 token has leaked: its text was found where others may read it.").hides(secret)
}

func TestActivityIsSentences(t *testing.T) {
	s := tokenSite(t)
	s.get(tab).says("None since the server started.")
	secret := s.create("job", "permissions", "subscribe")
	req, _ := http.NewRequest(http.MethodPost, s.url+"/api/access-token/report", nil)
	req.Header.Set("X-Topic-Token", secret)
	if res, err := http.DefaultClient.Do(req); err != nil || res.StatusCode != 200 {
		t.Fatalf("report = %v, %v", res, err)
	}
	s.get(tab).says(`created the token "job": publish, subscribe`).says(`A finder reported the leaked token "job": its text was found in public`)
}

// TestTabEvents follows the tab's stream: a use comes by itself.
func TestTabEvents(t *testing.T) {
	t.Parallel()
	s := tokenSite(t)
	secret := s.create("job")
	res, err := s.client.Get(s.url + tab + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	in := bufio.NewScanner(res.Body)
	in.Scan() // the stream is open
	late := time.AfterFunc(run.Patience, func() { res.Body.Close() })
	defer late.Stop()
	events := func(n int) string {
		var seen []string
		for len(seen) < n && in.Scan() {
			if data, ok := strings.CutPrefix(in.Text(), "event: "); ok {
				seen = append(seen, data)
			}
		}
		return strings.Join(seen, " ")
	}
	s.wantPublish(secret, 200)
	s.publish("/backups")
	if got := events(2); got != "use denied" {
		t.Errorf("events %q, want use and denied", got)
	}
	id := tokenIDs(s)[0]
	for _, step := range []struct{ verb, event string }{{"rotate", "changed"}, {"end-old", "changed"}, {"revoke", "revoked"}} {
		form := []string{"grace", "3600"}
		if s.get(tab + "/" + id + "/" + step.verb); step.verb == "rotate" {
			form = append(form, "once", s.once())
		}
		s.post(tab+"/"+id+"/"+step.verb, form...).want(200)
		if got := events(1); got != step.event {
			t.Errorf("after %s the event %q, want %q", step.verb, got, step.event)
		}
	}
}

// TestOwnerNoticesWrites moves the clock through the life of a token: its owner hears of its end three times.
func TestOwnerNoticesWrites(t *testing.T) {
	var mu sync.Mutex
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	d, err := db.Open(t.TempDir(), db.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	s := inprocess.New(t, d, server.Config{NoticeInterval: 5 * time.Millisecond})
	u := db.User{Email: "a@home.example", Username: "ada", PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	p := db.Topic{Name: "backups", OwnerID: u.ID, AccessLevel: db.Private}
	if err := d.CreateTopic(&p, db.By{Name: "ada"}); err != nil {
		t.Fatal(err)
	}
	k := db.Token{TopicID: p.ID, Topic: p.Name, Name: "job", CanPublish: true, CreatedByName: "ada", ExpiresAt: now.AddDate(0, 0, 10)}
	secret, err := s.Auth().IssueToken(context.Background(), &k)
	if err != nil {
		t.Fatal(err)
	}
	for i, days := range []time.Duration{4, 5, 2} {
		mu.Lock()
		now = now.Add(days*24*time.Hour + time.Hour)
		mu.Unlock()
		if i == 2 {
			publishWith(s, secret)
			publishWith(s, secret)
		}
		waitFor(t, func() bool {
			inbox, err := d.Inbox(context.Background(), u.ID)
			return err == nil && inbox.Name == "inbox-ada" && inbox.AccessLevel == db.Private && inbox.MessageCount == int64(i+1)
		})
	}
}

func publishWith(h http.Handler, secret string) {
	req, _ := http.NewRequest(http.MethodPost, "/backups", strings.NewReader("x"))
	req.RemoteAddr = "192.168.1.20:1"
	req.Header.Set("X-Topic-Token", secret)
	h.ServeHTTP(&discarded{header: http.Header{}}, req)
}

type discarded struct{ header http.Header }

func (d *discarded) Header() http.Header { return d.header }

func (d *discarded) Write(p []byte) (int, error) { return len(p), nil }

func (d *discarded) WriteHeader(int) {}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(run.Patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("it did not happen within " + run.Patience.String())
		}
	}
}
