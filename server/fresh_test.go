package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/test/inprocess"
)

// lasting are the routes that change something and need no recent sign-in, with the reason. Every other route that does
// is fresh: whoever adds one decides.
var lasting = map[string]string{
	"POST /{$}":                                        "publishing",
	"PUT /{$}":                                         "publishing",
	"POST /message":                                    "publishing",
	"PUT /message":                                     "publishing",
	"POST /{topic}":                                    "publishing",
	"PUT /{topic}":                                     "publishing",
	"PUT /{topic}/{file}":                              "publishing",
	"POST /topic/{topic}/messages":                     "publishing",
	"POST /{topic}/publish":                            "a message",
	"POST /{topic}/send":                               "a message",
	"POST /{topic}/trigger":                            "a message",
	"POST /api/sse/sessions":                           "a name for a stream, no right of its own",
	"POST /api/topics":                                 "a topic of one's own",
	"POST /topics":                                     "a topic of one's own",
	"PATCH /api/topics/{topic}":                        "a topic of one's own",
	"POST /topic/{topic}/settings":                     "a topic of one's own",
	"DELETE /api/topics/{topic}":                       "a topic of one's own",
	"POST /topic/{topic}/settings/delete":              "a topic of one's own, whose name is typed",
	"POST /topic/{topic}/settings/purge":               "messages of one's own, whose topic's name is typed",
	"DELETE /api/{topic}/messages/{id}":                "a message",
	"PATCH /api/{topic}/messages/{id}":                 "a message",
	"POST /topic/{topic}/messages/{id}/delete":         "a message",
	"DELETE /api/topics/{topic}/access-tokens/{id}":    "revoking: one press in an emergency",
	"POST /topic/{topic}/settings/tokens/{id}/revoke":  "revoking: one press in an emergency",
	"POST /topic/{topic}/settings/tokens/{id}/end-old": "revoking: one press in an emergency",
	"DELETE /api/access-token":                         "revoking: a token ends itself",
	"POST /api/access-token/report":                    "a token reports itself",
	"POST /api/keys/{id}/revoke":                       "revoking: one press in an emergency",
	"DELETE /api/keys/{id}":                            "revoking: one press in an emergency",
	"POST /settings/keys/{id}/revoke":                  "revoking: one press in an emergency",
	"POST /auth/register":                              "signs in",
	"POST /auth/login":                                 "signs in",
	"POST /auth/refresh":                               "goes on with a sign-in",
	"POST /auth/logout":                                "signs out",
	"POST /login":                                      "signs in",
	"POST /register":                                   "signs in",
	"POST /setup":                                      "asks for the code",
	"POST /logout":                                     "signs out",
	"POST /settings/preferences":                       "looks",
	"POST /inbox/read":                                 "what has been read",
	"POST /topics/pin":                                 "what stands at the top of one's own lists",
	"POST /devices/renew":                              "the subscription that it replaces is the proof",
	"POST /devices/join":                               "signs in, with a code",
	"POST /devices/read":                               "what has been read",
	"POST /devices/{id}":                               "looks",
	"POST /devices/{id}/test":                          "a test message to a device of one's own",
	"POST /devices/{id}/topics":                        "a device of one's own",
	"POST /devices/{id}/remove":                        "revoking: one press in an emergency",
}

// TestFreshIsDecidedForEveryRoute: a route that changes something demands a recent sign-in, or is listed with the reason
// why it does not.
func TestFreshIsDecidedForEveryRoute(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range server.Routes() {
		if strings.HasPrefix(r.Pattern, "GET ") {
			continue
		}
		seen[r.Pattern] = true
		if reason := lasting[r.Pattern]; (reason == "") != r.Fresh {
			t.Errorf("%s: Fresh is %v, and the reason for an old sign-in %q", r.Pattern, r.Fresh, reason)
		}
	}
	for p := range lasting {
		if !seen[p] {
			t.Errorf("there is no route %s", p)
		}
	}
}

// TestFreshIsEnforced: an old session can call no fresh route, on pages and API alike, and changes nothing; a page asks for
// the password and then does what was asked.
func TestFreshIsEnforced(t *testing.T) {
	s := newSite(t, func(c *server.Config) { c.ReauthAfter = time.Nanosecond }).signIn("maria")
	s.post("/topics", "name", "news", "access", "private").want(200)
	tom := userID(s, "tom")
	fill := strings.NewReplacer("{topic}", "news", "{id}", tom, "{verb}", "promote")
	for _, r := range server.Routes() {
		if !r.Fresh {
			continue
		}
		method, path, _ := strings.Cut(r.Pattern, " ")
		kind, body := "application/json", `{"name":"x","username":"tom2","email":"a@b.example","password":"horse battery correct","permissions":["publish"]}`
		if r.Kind == "page" {
			kind, body = "application/x-www-form-urlencoded", "name=x&permissions=publish&scopes=publish&username=tom2&confirm=news"
		}
		req, err := http.NewRequest(method, s.url+fill.Replace(path), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Origin", s.url)
		res, err := s.client.Do(req)
		if s.read(res, err); s.status != http.StatusForbidden {
			t.Errorf("%s with an old session = %d, want 403", r.Pattern, s.status)
		}
		if r.Kind == "page" {
			s.says("Enter your password to continue")
		}
	}
	if u, err := s.d.User(t.Context(), tom); err != nil || u.IsAdmin || u.Username != "tom" {
		t.Errorf("the account was changed: %+v, %v", u, err)
	}
	tokens, _ := s.d.Tokens(t.Context(), 1)
	keys, _ := s.d.Keys(t.Context(), userID(s, "maria"))
	if len(tokens)+len(keys) != 0 {
		t.Errorf("there are %d tokens and %d keys", len(tokens), len(keys))
	}

	s.post("/settings/keys", "name", "laptop", "scopes", "publish", "scopes", "subscribe", "current_password", "wrong").want(403).says("That is not your password.")
	form := url.Values{}
	for _, input := range s.All("input") {
		if input.Attrs["type"] == "hidden" {
			form.Add(input.Attrs["name"], input.Attrs["value"])
		}
	}
	if got := fmt.Sprint(form); got != "map[name:[laptop] scopes:[publish subscribe]]" {
		t.Errorf("the form that waits holds %s", got)
	}
	form.Set("current_password", pagePassword)
	res, err := s.client.PostForm(s.url+"/settings/keys", form)
	s.read(res, err).want(200).says(`Copy "laptop" now`)
}

// TestConfirmLeadsBack: a script that needs a recent sign-in sends its reader to a page that asks for the password, and gets the
// reader back. A subscription that a push service has renewed is known by the old one and needs none.
func TestConfirmLeadsBack(t *testing.T) {
	s := newSite(t, func(c *server.Config) { c.ReauthAfter = time.Nanosecond }).signIn("maria")
	s.get("/settings/confirm?next=/devices").want(200).says("Enter your password to continue")
	s.post("/settings/confirm", "next", "/devices", "current_password", "wrong").want(403).says("That is not your password.")
	s.post("/settings/confirm", "next", "/settings/preferences", "current_password", pagePassword).want(200).says("Time zone")
	s.post("/settings/confirm", "next", "//evil.example/", "current_password", pagePassword).want(200).says("No topics yet")
	s.post("/devices", "endpoint", "https://fcm.googleapis.com/x").want(403)
	if s.post("/devices/renew", "old", "https://fcm.googleapis.com/y", "endpoint", "https://fcm.googleapis.com/x"); s.status == 403 {
		t.Error("a renewal asks for the password")
	}
}

// TestSetupPageTellsNothing: the page behind a setup link looks the same for a right and a wrong code, and counts neither.
func TestSetupPageTellsNothing(t *testing.T) {
	d := dbtest.New(t)
	s := inprocess.New(t, d, server.Config{})
	code, err := auth.NewSetupCode(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.Repeat("x", len(code))
	seen := map[string]bool{}
	for range 40 {
		for _, tried := range []string{code, wrong} {
			rec := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/setup?code="+tried, nil)
			r.Header.Set("Sec-Fetch-Site", "none") // the field that proves whose a form is differs each time
			s.ServeHTTP(rec, r)
			seen[fmt.Sprint(rec.Code)+strings.ReplaceAll(rec.Body.String(), tried, "")] = true
		}
	}
	if len(seen) != 1 {
		t.Errorf("the page has %d forms", len(seen))
	}
}

// TestHostIsNoPassword: the name of the server is one of the account's own words.
func TestHostIsNoPassword(t *testing.T) {
	base, err := url.Parse("https://kitchencloud.example.org")
	if err != nil {
		t.Fatal(err)
	}
	h := newHome(t, server.Config{BaseURL: base})
	for password, want := range map[string]int{"kitchencloud7": 422, "Kitchencloud.example": 422, "kitchen table horse": 201} {
		name, email := "bob"+fmt.Sprint(want), fmt.Sprint("bob", len(password), "@home.example")
		h.call("POST", "/api/users", h.jwt, api.UserRequest{Email: &email, Username: &name, Password: &password}, want, nil)
	}
}
