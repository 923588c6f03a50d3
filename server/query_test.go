package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// TestMalformedQueries are refused to readers: what would be left out of them could be a place to resume from. A sender's message is
// not lost for one, and a token in it must be whole and the only one.
func TestMalformedQueries(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Public)
	h.topic("ops-west", db.Private)
	secret := h.token("ops-west", "CI", "publish").Token
	for query, want := range map[string]int{"token=%zz": 401, "token=tk_abc;x": 401, "tok%65n=%zz": 401, "token=%zz&token=" + secret: 400, "token=" + secret + "&amp;token=x": 400,
		"token=" + secret + ";": 401, "token=" + secret + "%": 401, "x=1;token=" + secret: 401} {
		h.call("POST", "/ops-west?"+query, "", "x", want, nil)
		if !strings.HasPrefix(query, "x=1;") { // where it is the value of another field
			h.call("POST", "/ops-east?"+query, "", "x", want, nil)
		}
	}
	for query, title := range map[string]string{"title=100%": "100%", "title=a;b": "a;b", "x=1&amp;title=T": "T"} {
		for _, target := range []string{"POST /ops-west?token=" + secret + "&" + query, "POST /ops-west?" + query + "&token=" + secret, "GET /ops-west/publish?message=x&token=" + secret + "&" + query} {
			method, target, _ := strings.Cut(target, " ")
			var m api.Message
			h.call(method, target, "", "x", 200, &m)
			if m.Title == nil || *m.Title != title || !strings.Contains(strings.Join(m.Warnings, " "), "the query of the URL is not well-formed") {
				t.Errorf("%s %s = %+v", method, target, m)
			}
		}
	}
	for _, path := range []string{"/sse?since=d23%zz", "/sse?since=all;x=1", "/json?since=all%zz&limit=2", "/json?;"} {
		h.call("GET", "/ops-east"+path, "", nil, 400, nil)
	}
	h.call("GET", "/ops-east/json?since=all&unknown=%3B", "", nil, 200, nil)
}

// TestPollingResumesAsStreamsDo: a place that is gone starts from what is kept, and a time names no place.
func TestPollingResumesAsStreamsDo(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	first := h.publish("ops-east", "first")
	last := h.publish("ops-east", "last")
	const beyond = "zzzzzzzzzzzz"
	for query, want := range map[string]struct {
		list []string
		echo string
	}{
		"after=" + first.ID: {[]string{last.ID}, first.ID},
		"after=" + beyond:   {[]string{first.ID, last.ID}, "earliest"},
		"since=" + beyond:   {[]string{first.ID, last.ID}, "earliest"},
		"since=10m":         {[]string{first.ID, last.ID}, ""},
		"since=all":         {[]string{first.ID, last.ID}, ""},
		"":                  {[]string{last.ID, first.ID}, ""},
	} {
		var list []api.Message
		head := h.call("GET", "/ops-east/json?"+query, h.jwt, nil, 200, &list)
		var got []string
		for _, m := range list {
			got = append(got, m.ID)
		}
		if strings.Join(got, " ") != strings.Join(want.list, " ") || head.Get("X-Last-Event-ID") != want.echo {
			t.Errorf("%q: %v and %q, want %v and %q", query, got, head.Get("X-Last-Event-ID"), want.list, want.echo)
		}
	}
}

// TestTopicNewerThanThePlace has lost nothing when the place is another topic's; alone it may be a new one of an old name.
func TestTopicNewerThanThePlace(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	place := h.publish("ops-east", "before").ID
	h.topic("ops-west", db.Private)
	for path, want := range map[string]string{"/sse?topics=ops-east,ops-west": place, "/sse?topics=ops-east&topics=ops-west": place,
		"/ops-east/sse": place, "/ops-west/sse": "earliest"} {
		_, res := h.stream(path, place)
		if got := res.Header.Get("X-Last-Event-ID"); got != want {
			t.Errorf("%s after %s says %q, want %q", path, place, got, want)
		}
	}
}

// TestEveryNamedTopicIsStreamed, also when the parameter is sent once for each.
func TestEveryNamedTopicIsStreamed(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.topic("ops-west", db.Private)
	r, _ := h.stream("/sse?topics=ops-east&topics=ops-west", "")
	openingID(t, r)
	sent := h.publish("ops-west", "hello")
	if got := h.next(r); got.ID != sent.ID {
		t.Errorf("got %q, want the message of the second topic", got.Message)
	}
}

// TestEncodedSubPath is not found, and never redirected: a redirect turns POST into GET.
func TestEncodedSubPath(t *testing.T) {
	base, _ := url.Parse("https://home.example/notify")
	h := newHome(t, server.Config{BaseURL: base})
	h.topic("ops-east", db.Public)
	for path, want := range map[string]int{"/notify/ops-east": 200, "/ops-east": 200, "/notify%2Fops-east": 404, "/notify/ops-east%2Fx": 404} {
		rec := httptest.NewRecorder()
		h.s.ServeHTTP(rec, httptest.NewRequest("POST", path, strings.NewReader("x")))
		if rec.Code != want {
			t.Errorf("POST %s = %d %s, want %d", path, rec.Code, rec.Header().Get("Location"), want)
		}
	}
}

// TestTypesOfMessages: only application/json is ours to read; whatever else is text.
func TestTypesOfMessages(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Public)
	const body = `{"message":"inside"}`
	for contentType, want := range map[string]string{"application/json": "inside", "Application/JSON; charset=utf-8": "inside", "application/json ; x": "inside",
		"application/cloudevents+json": body, "application/problem+json": body, "text/plain": body, "application/x-www-form-urlencoded": body, "application/jsonl": body} {
		r := httptest.NewRequest("POST", "/ops-east", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		rec := httptest.NewRecorder()
		h.s.ServeHTTP(rec, r)
		if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"message":"`+strings.ReplaceAll(want, `"`, `\"`)+`"`) {
			t.Errorf("%s: %d %s, want the message %s", contentType, rec.Code, rec.Body, want)
		}
	}
}
