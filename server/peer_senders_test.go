package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// TestNtfyRoot: JSON that is sent to the root arrives in the topic that it names, with the fields of headers beside it, and never in another.
func TestNtfyRoot(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.topic("ops-west", db.Private)
	h.topic("ops-open", db.Public)
	token := h.token("ops-east", "job", "publish").Token
	var key api.Key
	h.call("POST", "/api/keys", h.jwt, map[string]any{"name": "k", "scopes": []string{"publish"}}, 201, &key)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(`{"topic":"ops-east","message":"packed"}`))
	_ = z.Close()
	for name, row := range map[string]struct {
		body    string
		status  int
		topic   string
		want    string // in the answer
		headers []string
	}{
		"as Apprise sends it":       {`{"topic": "ops-east", "title": "Title", "message": "Body"}`, 200, "ops-east", `"priority":4,"tags":["a","b"]`, []string{"Authorization", "Bearer " + token, "X-Priority", "high", "X-Tags", "a,b"}},
		"as Uptime Kuma sends it":   {`{"topic":"ops-east","message":"m","priority":5,"title":"nas Down [Uptime-Kuma]","tags":["red_circle","prod: yes"],"actions":[{"action":"view","label":"Open nas","url":"https://nas.example/"}]}`, 200, "ops-east", `"label":"Open nas"`, []string{"X-Topic-Token", token}},
		"without a type, from curl": {`{"topic":"ops-east","message":"m"}`, 200, "ops-east", ``, []string{"X-Topic-Token", token, "Content-Type", "application/x-www-form-urlencoded"}},
		"in gzip":                   {packed.String(), 200, "ops-east", `"message":"packed"`, []string{"X-Topic-Token", token, "Content-Encoding", "gzip"}},
		"with a slip":               {`{"topic":"ops-east","message":"a "quote" in it",}`, 200, "ops-east", `quote`, []string{"X-Topic-Token", token}},
		"an API key":                {`{"topic":"ops-west","message":"m"}`, 200, "ops-west", ``, []string{"X-Api-Key", key.Key}},
		"nobody, a public topic":    {`{"topic":"ops-open","message":"m"}`, 200, "ops-open", ``, nil},
		"the topic of the token":    {`{"message":"m"}`, 200, "ops-east", ``, []string{"X-Topic-Token", token}},
		"a text for the token":      {`m`, 200, "ops-east", ``, []string{"X-Topic-Token", token, "Content-Type", "text/plain"}},
		"a token of another topic":  {`{"topic":"ops-west","message":"m"}`, 401, "", `not valid for this topic`, []string{"X-Topic-Token", token}},
		"nobody, a private topic":   {`{"topic":"ops-east","message":"m"}`, 401, "", ``, nil},
		"no such topic":             {`{"topic":"ops-north","message":"m"}`, 404, "", ``, []string{"X-Api-Key", key.Key}},
		"no name at all":            {`{"topic":"a b","message":"m"}`, 404, "", ``, []string{"X-Api-Key", key.Key}},
		"a name of another type":    {`{"topic":["ops-west"],"message":"m"}`, 405, "", `POST /TOPIC`, []string{"X-Api-Key", key.Key}},
		"no topic":                  {`{"message":"m"}`, 405, "", `POST /TOPIC`, []string{"X-Api-Key", key.Key}},
		"nothing":                   {``, 405, "", `POST /TOPIC`, nil},
		"a token that is none":      {`{"topic":"ops-open","message":"m"}`, 401, "", ``, []string{"X-Topic-Token", "tk_wrong"}},
	} {
		headers := row.headers
		if !strings.Contains(strings.Join(headers, " "), "Content-Type") {
			headers = append(headers, "Content-Type", "application/json")
		}
		for _, method := range []string{"POST", "PUT"} {
			rec := h.sent(method, "/", []byte(row.body), headers...)
			var m api.Message
			_ = json.Unmarshal(rec.Body.Bytes(), &m)
			if rec.Code != row.status || m.Topic != row.topic || !strings.Contains(rec.Body.String(), row.want) {
				t.Errorf("%s, %s: %d %s, want %d in %q with %q", method, name, rec.Code, rec.Body, row.status, row.topic, row.want)
			}
		}
	}
}

// TestGotifyMessage: what a sender posts that was made for Gotify arrives in the topic of its token, and is answered as Gotify does.
func TestGotifyMessage(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	reader := h.token("ops-east", "phone", "subscribe").Token
	for priority, want := range map[int]int{0: 1, 1: 2, 3: 2, 4: 3, 5: 3, 7: 3, 8: 4, 9: 4, 10: 5, 11: 5, -1: 1} {
		rec := h.sent("POST", "/message", fmt.Appendf(nil, `{"id":0,"appid":0,"message":"m","title":"T","priority":%d,"date":"0001-01-01T00:00:00Z","extras":null}`, priority),
			"X-Gotify-Key", token, "Content-Type", "application/json")
		var m struct {
			ID, AppID uint
			Message   string
			Title     string
			Priority  int
			Date      string
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &m); rec.Code != 200 || err != nil || m.ID == 0 || m.Message != "m" || m.Title != "T" || m.Priority != want || m.Date == "" {
			t.Errorf("priority %d: %d %s, %v; want %d", priority, rec.Code, rec.Body, err, want)
		}
	}
	for name, row := range map[string]struct {
		target, body string
		status       int
		want         string
		headers      []string
	}{
		"in the URL":           {"/message?token=" + token, `{"message":"m","priority":8}`, 200, `"priority":4`, []string{"Content-Type", "application/json"}},
		"as a bearer":          {"/message", `{"message":"m","priority":8}`, 200, `"priority":4`, []string{"Content-Type", "application/json", "Authorization", "Bearer " + token}},
		"with a slash":         {"/message/?token=" + token, `{"message":"m"}`, 200, `"priority":3`, []string{"Content-Type", "application/json"}},
		"a form":               {"/message?token=" + token, `title=Disk&message=97+%25+used&priority=8`, 200, `"message":"97 % used","title":"Disk","priority":4`, []string{"Content-Type", "application/x-www-form-urlencoded"}},
		"a form with parts":    {"/message?token=" + token, "--b\r\nContent-Disposition: form-data; name=message\r\n\r\nm\r\n--b\r\nContent-Disposition: form-data; name=priority\r\n\r\n10\r\n--b--\r\n", 200, `"priority":5`, []string{"Content-Type", "multipart/form-data; boundary=b"}},
		"Markdown":             {"/message?token=" + token, `{"message":"*m*","extras":{"client::display":{"contentType":"text/markdown"}}}`, 200, `"message":"*m*"`, []string{"Content-Type", "application/json"}},
		"a flaw":               {"/message?token=" + token, `{"message":"m","priority":"soon"}`, 200, `"warnings":["priority \"soon\"`, []string{"Content-Type", "application/json"}},
		"an empty text":        {"/message?token=" + token, `{"message":""}`, 422, `empty`, []string{"Content-Type", "application/json"}},
		"a token of Gotify":    {"/message", `{"message":"m"}`, 401, ``, []string{"Content-Type", "application/json", "X-Gotify-Key", "AKsjdf83jdkfj.3"}},
		"an empty key":         {"/message", `{"message":"m"}`, 401, `X-Gotify-Key is empty`, []string{"Content-Type", "application/json", "X-Gotify-Key", ""}},
		"two different tokens": {"/message?token=" + token, `{"message":"m"}`, 400, ``, []string{"Content-Type", "application/json", "X-Gotify-Key", reader}},
		"one that may read":    {"/message?token=" + reader, `{"message":"m"}`, 403, ``, []string{"Content-Type", "application/json"}},
		"nobody":               {"/message", `{"message":"m"}`, 401, `X-Gotify-Key`, []string{"Content-Type", "application/json"}},
	} {
		if rec := h.sent("POST", row.target, []byte(row.body), row.headers...); rec.Code != row.status || !strings.Contains(rec.Body.String(), row.want) {
			t.Errorf("%s: %d %s, want %d with %q", name, rec.Code, rec.Body, row.status, row.want)
		}
	}
	if rec := h.sent("POST", "/ops-east", []byte("m"), "X-Gotify-Key", token); rec.Code != 401 {
		t.Errorf("the header of Gotify elsewhere: %d %s", rec.Code, rec.Body)
	}
}

// TestNamelessPublishIsBounded: who has no credential cannot have bodies unpacked and read without an end where the path names no topic.
func TestNamelessPublishIsBounded(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{AnonymousPerMinute: 2})
	statuses := map[int]int{}
	for range 6 {
		statuses[h.sent("POST", "/", []byte(`{"message":"x"}`), "Content-Type", "application/json").Code]++
	}
	if statuses[405] != 2 || statuses[429] != 4 {
		t.Errorf("six requests answer %v, want 405 twice and then 429", statuses)
	}
}

// TestTopicInJSONMakesItJSON: as ntfy does, whatever the type of the body says; curl -d calls it a form.
func TestTopicInJSONMakesItJSON(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	for _, contentType := range []string{"", "application/x-www-form-urlencoded", "text/plain", "application/json"} {
		rec := h.sent("POST", "/", []byte(`{"topic":"ops-east","title":"NAS","message":"full","priority":4}`), "X-Topic-Token", token, "Content-Type", contentType)
		var m api.Message
		if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil || rec.Code != 200 || m.Message != "full" || m.Title == nil || *m.Title != "NAS" || m.Priority != 4 || len(m.Warnings) > 0 {
			t.Errorf("%q: %d %s", contentType, rec.Code, rec.Body)
		}
	}
}
