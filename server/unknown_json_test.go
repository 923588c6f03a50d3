package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// TestUnknownJSONReadsWell: of the payload of a program that is not known, a person sees first what it says, and how bad it is. All of it
// follows.
func TestUnknownJSONReadsWell(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	for name, row := range map[string]struct {
		body, title, begins string
		priority            int
		all                 bool // the whole JSON is kept
	}{
		"a text further inside":       {`{"data":{"event":{"title":"ZeroDivisionError","level":"error","id":7}}}`, "ZeroDivisionError", "{\n", 4, true},
		"a text and a title":          {`{"alert":{"subject":"Disk","details":"97 % used"},"severity":"critical"}`, "Disk", "97 % used\n\n{", 5, true},
		"the outermost counts":        {`{"b":{"c":{"message":"deep"}},"a":{"text":"near"}}`, "", "near\n\n{", 3, true},
		"in a list":                   {`[{"log":{"message":"boom"},"level":"warn"},{"log":{"message":"second"}}]`, "", "boom\n\n[", 3, true},
		"it is over":                  {`{"incident":{"severity":"critical","state":"resolved","summary":"works again"}}`, "", "works again\n\n{", 2, true},
		"names in other cases":        {`{"Payload":{"Event-Action":"Resolved","Error":"gone"}}`, "", "gone\n\n{", 2, true},
		"a known text with a level":   {`{"body":"Login failed for ann","severity":"alert"}`, "", "Login failed for ann", 5, false},
		"a priority of its own wins":  {`{"text":"x","severity":"critical","priority":2}`, "", "x", 2, false},
		"a message of ours":           {`{"message":"x","severity":"critical"}`, "", "x", 3, false},
		"a message that is an object": {`{"message":{"text":"Build failed","html":"<b>Build failed</b>"}}`, "", "Build failed\n\n{", 3, true},
		"deeper than anybody looks":   {strings.Repeat(`{"a":`, 60) + `{"message":"x"}` + strings.Repeat("}", 60), "", "{", 3, true},
		"numbers alone":               {`{"room":{"temperature":21.50}}`, "", "{\n", 3, true},
	} {
		rec := h.sent("POST", "/ops-east", []byte(row.body), "X-Topic-Token", token, "Content-Type", "application/json")
		var m api.Message
		if err := json.Unmarshal(rec.Body.Bytes(), &m); rec.Code != 200 || err != nil {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
			continue
		}
		title := ""
		if m.Title != nil {
			title = *m.Title
		}
		if title != row.title || !strings.HasPrefix(m.Message, row.begins) || m.Priority != row.priority {
			t.Errorf("%s: %s, want title %q, priority %d and a text that begins with %q", name, rec.Body, row.title, row.priority, row.begins)
		}
		if last := strings.TrimSpace(m.Message[strings.LastIndex(m.Message, "\n")+1:]); row.all && !strings.HasSuffix(last, "}") && last != "]" {
			t.Errorf("%s: %s, want all of the JSON at the end", name, rec.Body)
		}
		if name != "a message of ours" && len(m.Warnings) == 0 {
			t.Errorf("%s: no warning", name)
		}
	}
}

// TestLostFieldsAreNamed: what a sender says in fields that no message has is not dropped in silence. Fields that say nothing to a reader
// are no flaw.
func TestLostFieldsAreNamed(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	for body, want := range map[string]string{
		`{"message":"x","host":"nas"}`:                                                 `the field "host" is unknown`,
		`{"message":"x","Host":"nas","severity":"critical"}`:                           `the fields "Host", "severity" are unknown`,
		`{"text":"x","host":"nas","severity":"high"}`:                                  `the field "host" is unknown`,
		`{"text":"x","host":"nas"}`:                                                    `the field "host" is unknown`,
		`{"message":"x","a":1,"b":2,"c":3,"d":{"x":1},"e":[1],"f":6,"g":"y"}`:          `7 fields are unknown, such as "a", "b", "c", "d", "e"`,
		`{"message":"x","priority":"high","host":"nas"}`:                               `the field "host" is unknown`,
		`{"message":"x","host":"","rack":null,"list":[],"text":"x"}`:                   ``,
		`{"message":"x","topic":"ops-east","icon":"https://nas/i.png","id":0}`:         ``,
		`{"message":"a \"b\": c, \"d\": e","title":"\"f\": g"}`:                        ``,
		`{"id":0,"appid":0,"message":"x","date":"0001-01-01T00:00:00Z","extras":null}`: ``,
	} {
		rec := h.sent("POST", "/ops-east", []byte(body), "X-Topic-Token", token, "Content-Type", "application/json")
		var m api.Message
		if err := json.Unmarshal(rec.Body.Bytes(), &m); rec.Code != 200 || err != nil {
			t.Errorf("%s: %d %s", body, rec.Code, rec.Body)
			continue
		}
		warned := strings.Join(m.Warnings, "; ")
		if (want == "") != (warned == "") || !strings.Contains(warned, want) {
			t.Errorf("%s: warnings %q, want %q", body, warned, want)
		}
		if rec = h.sent("POST", "/ops-east", []byte(body), "X-Topic-Token", token, "Content-Type", "application/json", "X-Strict", "1"); (rec.Code != 200) != (want != "") {
			t.Errorf("%s, strict: %d %s, want a refusal: %v", body, rec.Code, rec.Body, want != "")
		}
		var refusal api.Error
		if err := json.Unmarshal(rec.Body.Bytes(), &refusal); err != nil || strings.Contains(refusal.Detail, `\`) {
			t.Errorf("%s, strict: %q (%v) quotes a name twice", body, refusal.Detail, err)
		}
	}
}

// TestListsOfLines: a text that came as a list of lines is those lines.
func TestListsOfLines(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	rec := h.sent("POST", "/ops-east", []byte(`{"message":["sda: 97 %","sdb: 12 %"],"priority":4}`), "X-Topic-Token", token, "Content-Type", "application/json")
	if !strings.Contains(rec.Body.String(), `"message":"sda: 97 %\nsdb: 12 %"`) || !strings.Contains(rec.Body.String(), "message was a list") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

// TestJSONInAPart: a form whose one field holds the JSON of a message is that message.
func TestJSONInAPart(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	body := "--b\r\nContent-Disposition: form-data; name=payload\r\nContent-Type: application/json\r\n\r\n{\"message\":\"m\",\"title\":\"T\",\"priority\":5}\r\n--b--\r\n"
	rec := h.sent("POST", "/ops-east", []byte(body), "X-Topic-Token", token, "Content-Type", "multipart/form-data; boundary=b")
	if !strings.Contains(rec.Body.String(), `"title":"T","message":"m","priority":5`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

// TestGotifyExtras: the extras of a sender that was made for Gotify say how its message is shown and what it opens.
func TestGotifyExtras(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	for body, want := range map[string]api.Message{
		`{"message":"*x*","extras":{"client::display":{"contentType":"text/markdown"},"client::notification":{"click":{"url":"https://nas.example/"}}}}`: {Message: "*x*", Markdown: true, URL: "https://nas.example/"},
		`{"message":"x","url":"https://a.example/","extras":{"client::notification":{"click":{"url":"https://nas.example/"}}}}`:                          {Message: "x", URL: "https://a.example/"},
		`{"message":"x","extras":null}`:                        {Message: "x"},
		`{"message":"x","extras":["y"],"title":""}`:            {Message: "x"},
		`{"message":"x","extras":{"client::display":"plain"}}`: {Message: "x"},
	} {
		rec := h.sent("POST", "/ops-east", []byte(body), "X-Topic-Token", token, "Content-Type", "application/json")
		var m api.Message
		if err := json.Unmarshal(rec.Body.Bytes(), &m); rec.Code != 200 || err != nil || m.Message != want.Message || m.Markdown != want.Markdown || m.URL != want.URL {
			t.Errorf("%s: %d %s, %v", body, rec.Code, rec.Body, err)
		}
	}
}

// TestSubjectIsATitle: programs that were made for email name the title a subject in a header.
func TestSubjectIsATitle(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	rec := h.sent("POST", "/ops-east", []byte("Snapshot of nas failed"), "X-Topic-Token", token, "Subject", "[kopia] error")
	if !strings.Contains(rec.Body.String(), `"title":"[kopia] error"`) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
