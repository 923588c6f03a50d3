package server_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"notifer/server"
)

// TestReasons provokes every reason of a refusal by a real request: its text stands in the reply and on the page.
func TestReasons(t *testing.T) {
	s := tokenSite(t)
	good, limited := s.create("publisher"), s.create("limited", "networks", "203.0.113.0/24")
	header, revoked := s.create("header", "refuse_in_url", "1"), s.create("revoked")
	s.post(tab + "/" + tokenIDs(s)[0] + "/revoke").want(200).says(`"revoked" is revoked`)
	s.post(tab, "name", "reader", "permissions", "subscribe").want(200)
	reader := s.secret()
	s.post("/topics", "name", "other-topic", "access", "private").want(200)
	s.post("/topic/other-topic/settings/tokens", "name", "elsewhere", "permissions", "publish").want(200)
	other := s.secret()
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("x:proxy"))
	for _, c := range []struct {
		path    string
		headers []string
		status  int
		hint    string
	}{
		{"/backups", nil, 401, "No token came with the request. If you use a proxy, it may drop X-Topic-Token."},
		{"/backups", []string{"Authorization", "Bearer "}, 401, "The header Authorization came without a value. Is the variable set in the script?"},
		{"/backups", []string{"Token", good}, 401, "A topic token came in the header Token, which is not looked at. Send it as X-Topic-Token"},
		{"/backups?token=" + good + "?title=x", nil, 401, "separate further fields with &"},
		{"/backups", []string{"X-Topic-Token", good + "="}, 401, "More text follows the topic token"},
		{"/backups?Token=" + good, nil, 401, `A topic token came in the query field "Token"`},
		{"/backups", []string{"X-API-Key", good}, 401, "That is a topic token in the wrong header: send it as X-Topic-Token."},
		{"/backups", []string{"Authorization", "Token " + good}, 401, "Send a topic token as X-Topic-Token, an API key as X-API-Key."},
		{"/backups", []string{"Authorization", basic}, 401, "The Authorization header (Basic) was ignored"},
		{"/backups", []string{"X-Topic-Token", "noti_0123456789ABCDEFGHIJKLMNOPQRSTUV"}, 401, "That is an API key. Send it as X-API-Key."},
		{"/backups", []string{"X-Topic-Token", good[:20]}, 401, "mistyped or cut off (43 characters follow tk_)"},
		{"/backups", []string{"X-Topic-Token", `"` + good + `"`}, 401, "Extra character at the end. Often a newline from `echo`; use `printf`."},
		{"/backups?token=" + good + "%0A", nil, 401, "Extra character at the end."},
		{"/backups", []string{"X-Topic-Token", other}, 401, "This token belongs to another topic."},
		{"/backups", []string{"X-Topic-Token", revoked}, 401, "It was revoked by maria on "},
		{"/backups", []string{"X-Topic-Token", reader}, 403, "It may only subscribe."},
		{"/backups", []string{"X-Topic-Token", limited}, 403, "this token is limited to 203.0.113.0/24"},
		{"/backups?token=" + header, nil, 403, "this token is refused in URLs"},
	} {
		status, hint := s.publish(c.path, c.headers...)
		if status != c.status || !strings.Contains(hint, c.hint) {
			t.Errorf("%d %q, want %d %q", status, hint, c.status, c.hint)
		}
		text, _, _ := strings.Cut(c.hint, " `") // what stands between backquotes is code on the page
		s.get(tab).says(text)
	}
	s.get(tab).says("elsewhere, other-topic: This token").says("revoked: It was revoked by maria").says("Seen in a URL")
	s.says(`"revoked" is revoked and still in use: 1 request refused.`)
}

// TestRefusalsByTheHandlerAreListed: a token that is valid, and whose request is refused for what else is wrong with it, is listed like one
// that is not.
func TestRefusalsByTheHandlerAreListed(t *testing.T) {
	t.Parallel()
	s := tokenSite(t)
	signed := s.create("hooks", "shape", "github", "signing_secret", "hush-hush-hush")
	if status, _ := s.publish("/backups", "X-Topic-Token", signed); status != http.StatusUnauthorized {
		t.Errorf("a request without a signature = %d, want 401", status)
	}
	s.get(tab).says("hooks: the request is not signed").says("Total requests 1 1 refused")
}

// TestRefusalsWithoutATopicAreListed: where the path names no topic, that of a token that has ended is meant.
func TestRefusalsWithoutATopicAreListed(t *testing.T) {
	t.Parallel()
	s := tokenSite(t)
	ended := s.create("kuma")
	s.post(tab + "/" + tokenIDs(s)[0] + "/revoke").want(200)
	if status, _ := s.publish("/message", "X-Gotify-Key", ended); status != http.StatusUnauthorized {
		t.Errorf("a revoked token at /message = %d, want 401", status)
	}
	s.get(tab).says("kuma: It was revoked by maria")
}

// TestRefusalsKeepNamesOfOthers: a token of another account that is refused on a topic keeps its name and that of its own topic.
func TestRefusalsKeepNamesOfOthers(t *testing.T) {
	s := tokenSite(t)
	foreign := s.create("secret-project")
	tom := s.stranger().signIn("tom")
	tom.post("/topics", "name", "toms-topic", "access", "private").want(200)
	if status, _ := s.publish("/toms-topic", "X-Topic-Token", foreign); status != 401 {
		t.Fatalf("a token of another topic = %d, want 401", status)
	}
	tom.get("/topic/toms-topic/settings/tokens").says("This token belongs to another topic.").hides("secret-project").hides("backups")
	s.get("/topic/toms-topic/settings/tokens").says("secret-project, backups: This token") // an admin sees both
}

// A token in its header is not said to be out of place when another place is empty.
func TestTokenBesideAnEmptyOne(t *testing.T) {
	s := tokenSite(t)
	secret := s.create("job")
	status, hint := s.publish("/backups?token=", "X-Topic-Token", secret)
	if status != 401 || hint != "" {
		t.Errorf("%d %q, want 401 and no hint", status, hint)
	}
}

// TestMisplacedTokenIsNotSentToTheURL: where URLs must not hold tokens, no hint leads there.
func TestMisplacedTokenIsNotSentToTheURL(t *testing.T) {
	s := tokenSite(t, func(c *server.Config) { c.Auth.RefuseInURLs = true })
	status, hint := s.publish("/backups", "Token", s.create("job"))
	if status != 401 || !strings.HasSuffix(hint, "Send it as X-Topic-Token.") {
		t.Errorf("%d %q, want 401 and the header alone", status, hint)
	}
}

// TestRefusalsAreListedOncePerReason: a job that fails every minute does not push the others off the page.
func TestRefusalsAreListedOncePerReason(t *testing.T) {
	s := tokenSite(t)
	reader := s.create("reader")
	s.publish("/backups?token=" + strings.Replace(reader, "tk_", "tk_x", 1))
	for range 30 {
		s.publish("/backups")
	}
	s.get(tab)
	var rows []string
	for _, li := range s.All("li") {
		if li.Attrs["class"] == "why" {
			rows = append(rows, li.Text())
		}
	}
	if len(rows) != 2 || !strings.Contains(rows[0], "× 30") || !strings.Contains(rows[0], "first") || strings.Contains(rows[1], "×") {
		t.Errorf("the page lists %q, want 30 requests in one row above one other", rows)
	}
	s.says("31 refused")
}

// TestAnsweredChallengeIsNoRefusal: a program that waits to be asked for a password was not refused; one that came without a token
// before was.
func TestAnsweredChallengeIsNoRefusal(t *testing.T) {
	s := tokenSite(t)
	secret := s.create("job")
	asked := func() {
		s.publish("/backups")
		req, err := http.NewRequest("POST", s.url+"/backups", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("job", secret)
		if res, err := s.client.Do(req); err != nil || res.StatusCode != 200 {
			t.Fatal(res, err)
		}
	}
	asked()
	s.get(tab)
	for _, li := range s.All("li") {
		if li.Attrs["class"] == "why" {
			t.Errorf("an answered challenge is listed as a refusal: %s", li.Text())
		}
	}
	s.publish("/backups")
	asked()
	s.get(tab).says("1 refused")
}
