package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
)

// TestSlashesTooMany: programs put URLs together. Paths of topics are served with them, since a redirect could lose the body of a
// publish; all others are redirected, without the token that a URL may hold.
func TestSlashesTooMany(t *testing.T) {
	base, _ := url.Parse("https://home.example/notify")
	for prefix, h := range map[string]*home{"": newHome(t, server.Config{}), "/notify": newHome(t, server.Config{BaseURL: base})} {
		h.topic("ops-east", db.Private)
		both := h.token("ops-east", "job", "publish", "subscribe").Token
		for _, target := range []string{"/ops-east", "/ops-east/", "//ops-east", "/ops-east//", "///ops-east///", "/ops-east/publish", "/ops-east/send", "/ops-east/trigger", "/ops-east/send/", "//ops-east//publish//"} {
			for _, method := range []string{"POST", "PUT"} {
				if rec := h.sent(method, prefix+target, []byte("x"), "X-Topic-Token", both); rec.Code != 200 || !strings.Contains(rec.Body.String(), `"title":null`) {
					t.Errorf("%s %s%s = %d %s, want 200 without a title", method, prefix, target, rec.Code, rec.Body)
				}
			}
		}
		for target, want := range map[string]int{"/ops-east/send/?message=x": 200, "/ops-east//send?message=x": 200, "//ops-east/trigger/?message=x": 200, "/ops-east/json/": 200, "//ops-east//json": 200,
			"/ops-east/sse/?since=x": 400, "/ops-east/ws/": 426, "/sse/?topics=ops-east&since=x": 400, "/ops-east/nothing/": 404, "/ops-east/../ops-east/json/": 404, "/./ops-east//json": 404} {
			if rec := h.sent("GET", prefix+target, nil, "X-Topic-Token", both); rec.Code != want {
				t.Errorf("GET %s%s = %d %s, want %d", prefix, target, rec.Code, rec.Body, want)
			}
		}
		for _, target := range []string{"/", "//"} {
			if rec := h.sent("GET", prefix+target, nil, "Accept", "text/html"); rec.Code != 200 && rec.Code != 303 {
				t.Errorf("GET %s%s = %d to %q, want the first page or the sign-in", prefix, target, rec.Code, rec.Header().Get("Location"))
			}
		}
		for target, want := range map[string]string{"/docs/": "/docs", "//docs//publish/": "/docs/publish", "/topic/ops-east/": "/topic/ops-east", "/login/?next=%2Finbox&token=tk_x": "/login?next=%2Finbox",
			"/api/topics/": "/api/topics", "//static//x": "/static/x", "/docs/%3Fx/": "/docs/%3Fx"} {
			for _, method := range []string{"GET", "POST"} {
				rec := h.sent(method, prefix+target, nil)
				if got := rec.Header().Get("Location"); rec.Code != 308 || got != prefix+want {
					t.Errorf("%s %s%s = %d to %q, want 308 to %q", method, prefix, target, rec.Code, got, prefix+want)
				}
			}
		}
	}
}

// TestEmptyPlacesHideNoOther: a library may send an empty Last-Event-ID beside the place that its user names.
func TestEmptyPlacesHideNoOther(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	place := h.publish("ops-east", "first").ID
	for target, headers := range map[string][]string{
		"/ops-east/sse?last_event_id=" + place:                {"Last-Event-ID", ""},
		"/ops-east/sse?since=" + place:                        {"Last-Event-ID", " "},
		"/ops-east/sse?last_event_id=&last_event_id=" + place: nil,
		"/ops-east/sse?last_event_id=&since=&since=" + place:  nil,
		"/ops-east/sse": {"Last-Event-ID", "", "Last-Event-ID", place},
		"/ops-east/sse?last_event_id=" + place + "&since=banana": {"Last-Event-ID", ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", h.url+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+h.jwt)
		for i := 0; i < len(headers); i += 2 {
			req.Header.Add(headers[i], headers[i+1])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("X-Last-Event-ID"); res.StatusCode != 200 || got != place {
			t.Errorf("%s %q = %d, resumes after %q, want %q", target, headers, res.StatusCode, got, place)
		}
	}
}

// TestAForeignPlaceIsNoRefusal: a library sends the id of another server at the same URL by itself, and gives up for good when it is
// refused. Whoever writes a place into the URL learns what is wrong with it.
func TestAForeignPlaceIsNoRefusal(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	place := h.publish("ops-east", "first").ID
	for _, c := range []struct {
		target, header string
		status         int
		resumes        string
	}{
		{"/ops-east/sse", "sPs71M8A2T", 200, "earliest"},
		{"/ops-east/sse?lastEventId=17", "", 200, "earliest"},
		{"/ops-east/sse?last_event_id=" + place, "x", 200, place},
		{"/ops-east/sse?last_event_id=x&lastEventId=" + place, "", 200, place},
		{"/ops-east/sse?since=" + place, "x", 200, "earliest"},
		{"/ops-east/sse?since=1h", "x", 200, "earliest"},
		{"/ops-east/sse?last_event_id=x", "", 400, ""},
		{"/ops-east/sse?since=banana", "x", 400, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", h.url+c.target, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+h.jwt)
		if c.header != "" {
			req.Header.Set("Last-Event-ID", c.header)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("X-Last-Event-ID"); res.StatusCode != c.status || got != c.resumes {
			t.Errorf("%s with %q = %d, resumes after %q, want %d and %q", c.target, c.header, res.StatusCode, got, c.status, c.resumes)
		}
	}
}

// TestNothingIsBeforeTheFirst: a page before the least id is empty, not the newest one.
func TestNothingIsBeforeTheFirst(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	first := h.publish("ops-east", "first").ID
	for _, path := range []string{"/ops-east/json?before=000000000000", "/ops-east/json?before=" + first} {
		var list []any
		if h.call("GET", path, h.jwt, nil, 200, &list); len(list) != 0 {
			t.Errorf("%s: %v, want nothing", path, list)
		}
	}
}

// TestPublishToAnotherPath says where to send it instead.
func TestPublishToAnotherPath(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	for path, hint := range map[string]string{"/": "POST /TOPIC", "/topic/ops-east": "POST /ops-east.", "/topics/ops-east": "POST /ops-east.", "/api/topics/ops-east/messages": "POST /ops-east.", "/ops-east/message": "POST /ops-east.",
		"/ops-east/json": "POST /ops-east.", "/Ops-East": "lower-case", "/ops-east.json": "lower-case"} {
		if rec := h.sent("POST", path, []byte("x")); rec.Code != 404 && rec.Code != 405 || !strings.Contains(rec.Body.String(), hint) {
			t.Errorf("POST %s = %d %s, want a hint with %q", path, rec.Code, rec.Body, hint)
		}
	}
	if rec := h.sent("GET", "/ops-east?message=x", nil); rec.Code != 405 || !strings.Contains(rec.Body.String(), "/ops-east/publish?message=") {
		t.Errorf("GET = %d %s, want the path that publishes by GET", rec.Code, rec.Body)
	}
	for token, hint := range map[string]string{"$NOTIFER_TOPIC_TOKEN": "not replaced", "{{ token }}": "not replaced", "Bearer tk_x": "Leave out the word Bearer"} {
		if rec := h.sent("POST", "/ops-east", []byte("x"), "X-Topic-Token", token); rec.Code != 401 || !strings.Contains(rec.Body.String(), hint) {
			t.Errorf("the token %q = %d %s, want a hint with %q", token, rec.Code, rec.Body, hint)
		}
	}
}

// TestFileNameIsTheTitle: curl -T appends the name of the file to a URL with a slash at its end.
func TestFileNameIsTheTitle(t *testing.T) {
	base, _ := url.Parse("https://home.example/notify")
	for prefix, h := range map[string]*home{"": newHome(t, server.Config{}), "/notify": newHome(t, server.Config{BaseURL: base})} {
		h.topic("ops-east", db.Private)
		token := h.token("ops-east", "job", "publish").Token
		for _, c := range []struct {
			target, body, title, text, warning string
			headers                            []string
		}{
			{"/ops-east/backup.log", "done", "backup.log", "done", "", nil},
			{"/ops-east/over%20night%20%e2%9c%93.txt", "done", "over night ✓.txt", "done", "", nil},
			{"/ops-east/a%2Fb.log", "done", "a/b.log", "done", "", nil},
			{"/ops-east//backup.log", "done", "backup.log", "done", "", nil},
			{"/ops-east/%ff.log", "done", "?.log", "done", "", nil},
			{"/ops-east/" + strings.Repeat("x", 300), "done", strings.Repeat("x", 249) + "…", "done", "the file name was cut to 250 characters", nil},
			{"/ops-east/backup.log", "done", "Nightly", "done", "", []string{"X-Title", "Nightly"}},
			{"/ops-east/backup.log?title=Nightly", "done", "Nightly", "done", "", nil},
			{"/ops-east/report.json", `{"message":"done","title":"Nightly"}`, "Nightly", "done", "", []string{"Content-Type", "application/json"}},
			{"/ops-east/report.json", `{"message":"done"}`, "report.json", "done", "", []string{"Content-Type", "application/json"}},
			{"/ops-east/empty.log", "", "", "empty.log", "the file is empty", nil},
			{"/ops-east/photo.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff", "", "photo.png", "the body is a file", nil},
		} {
			rec := h.sent("PUT", prefix+c.target, []byte(c.body), append(c.headers, "X-Topic-Token", token)...)
			var m struct {
				Title    *string
				Message  string
				Warnings []string
			}
			if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil || rec.Code != 200 {
				t.Errorf("PUT %s = %d %s, want 200", c.target, rec.Code, rec.Body)
				continue
			}
			title := ""
			if m.Title != nil {
				title = *m.Title
			}
			if title != c.title || m.Message != c.text || !strings.Contains(strings.Join(m.Warnings, " "), c.warning) || c.warning == "" && len(m.Warnings) > 0 {
				t.Errorf("PUT %s = %s, want %q, %q and the warning %q", c.target, rec.Body, c.title, c.text, c.warning)
			}
		}
		for target, want := range map[string]int{"/ops-east/json": 405, "/ops-east/sse": 405, "/ops-east/ws": 405, "/ops-east/logs/backup.log": 404, "/nothing/backup.log": 401, "/api/backup.log": 404} {
			if rec := h.sent("PUT", prefix+target, []byte("x"), "X-Topic-Token", token); rec.Code != want {
				t.Errorf("PUT %s = %d %s, want %d", target, rec.Code, rec.Body, want)
			}
		}
		if rec := h.sent("PUT", prefix+"/ops-east/backup.log", []byte("x")); rec.Code != 401 {
			t.Errorf("without a token = %d, want 401", rec.Code)
		}
		if rec := h.sent("GET", prefix+"/ops-east/backup.log", nil, "X-Topic-Token", token); rec.Code != 404 {
			t.Errorf("GET of a file = %d, want 404", rec.Code)
		}
		if rec := h.sent("PUT", prefix+"/ops-east/empty.log", nil, "X-Topic-Token", token, "X-Strict", "1"); rec.Code != 422 {
			t.Errorf("an empty file with X-Strict = %d %s, want 422", rec.Code, rec.Body)
		}
	}
}

// TestPublishToAReservedName says why it finds no topic.
func TestPublishToAReservedName(t *testing.T) {
	h := newHome(t, server.Config{})
	for path, status := range map[string]int{"/alerts": 404, "/messages": 404, "/docs": 405, "/login/x": 404} {
		rec := h.sent("POST", path, []byte("x"))
		if told := strings.Contains(rec.Body.String(), "reserved, see /docs/faq"); rec.Code != status || told == (path == "/login/x") {
			t.Errorf("POST %s = %d %s", path, rec.Code, rec.Body)
		}
	}
}

// TestReadBesideTheAPI says where the API has what a page's path was asked for.
func TestReadBesideTheAPI(t *testing.T) {
	h := newHome(t, server.Config{})
	for path, want := range map[string]string{"/topics": "use GET /api/topics.", "/settings/x": ""} {
		rec := h.sent("GET", path, nil)
		if body := rec.Body.String(); rec.Code < 404 || rec.Code > 405 || strings.Contains(body, "/api/") != (want != "") || !strings.Contains(body, want) {
			t.Errorf("GET %s = %d %s, want the hint %q", path, rec.Code, body, want)
		}
	}
}
