package server_test

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"notifer/server/api"
)

// fuzzWorld is a world without a limit that many requests from one caller would meet.
func fuzzWorld(f *testing.F) *world {
	f.Helper()
	w := buildWorld(f).copied(f)
	f.Cleanup(func() { w.close(f) })
	return w
}

// publishAs sends a message with the owner's key and returns the answer.
func (w *world) publishAs(header http.Header, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/t-private", strings.NewReader(body))
	for k, v := range header {
		r.Header[k] = v
	}
	r.Header.Set("X-Api-Key", w.secrets["owner *"])
	return w.serve(r)
}

// message reads an answered message, which must be valid JSON in one line.
func message(t *testing.T, rec *httptest.ResponseRecorder) api.Message {
	t.Helper()
	line := strings.TrimSuffix(rec.Body.String(), "\n")
	if !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }) {
		t.Fatalf("the answer is no line of text: %q", line)
	}
	var m api.Message
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		t.Fatalf("%v: %q", err, line)
	}
	return m
}

// FuzzTopicPath: no path ends in an error of the server, in a redirect of a publish, or in another's message.
func FuzzTopicPath(f *testing.F) {
	w := fuzzWorld(f)
	publish(f, w, "the text of a private topic")
	for _, p := range []string{"/t-private", "/t-private/json", "/t-private/sse", "//t-private", "/t-private/", "/./t-private", "/x/../t-private/json", "/t-private%2fjson",
		"/%74-private/json", "/%2574-private/json", "/t-private;x=1/json", "/T-PRIVATE/json", "/api/topics/t-private/messages", "/API/topics/t-private/messages", "/api%2ftopics/t-private",
		"/t-private\x00/json", "/t-private/json/..", "/\\t-private/json", "/..%2f..%2fetc/passwd", "/topic_aaaaaaaaaaaaaaaa/json", "/healthz/../t-private/json", "/static/..%2ft-private",
		"/topic/t-private", "*", "", "/%", "/%zz", "/favicon.ico", "/.well-known/x", "/t-private/ws", "/sse?topics=t-private,t-public", "/auth/../t-private/json"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		u, err := url.ParseRequestURI(p)
		if err != nil {
			return
		}
		for _, method := range []string{"GET", "POST", "DELETE"} {
			r := httptest.NewRequest(method, "/", nil)
			r.URL, r.RequestURI, r.ProtoMajor = u, p, 2
			r.Header.Set("Accept", "text/html")
			rec := w.serve(r)
			if rec.Code >= 500 || strings.Contains(rec.Body.String(), "the text of a private topic") {
				t.Errorf("%s %q = %d %.200s", method, p, rec.Code, rec.Body)
			}
			home := u.Path == "/" && rec.Header().Get("Location") == "/login"
			if rec.Code/100 == 3 && !home && (method != "GET" || !strings.HasPrefix(rec.Header().Get("Location"), "/topic/")) {
				t.Errorf("%s %q = %d to %q", method, p, rec.Code, rec.Header().Get("Location"))
			}
			if method == "DELETE" && rec.Code < 400 {
				t.Errorf("DELETE %q = %d for nobody", p, rec.Code)
			}
		}
	})
}

// FuzzTitle: a title that is taken comes back as it was meant, in one line, however it was encoded.
func FuzzTitle(f *testing.F) {
	w := fuzzWorld(f)
	for _, s := range []string{"CI/CD", "", "Grüße ✅", "=?utf-8?q?line=0D=0Abreak?=", "=?utf-8?B?DQpJbmplY3RlZDogeWVz?=", "=?iso-8859-1?q?caf=E9?=", "=?utf-8?q?" + strings.Repeat("=?", 200),
		"caf\xe9", "\x00", "a\tb", "=?x?q?y?=", strings.Repeat("x", 251), strings.Repeat("=?utf-8?q?a?= ", 100), "\u0085", "=?utf-8?q?=C2=85?=", "<script>alert(1)</script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, title string) {
		rec := w.publishAs(http.Header{"X-Title": {title}}, "hello")
		switch rec.Code {
		case 200:
			m := message(t, rec)
			if m.Title == nil {
				return
			}
			if utf8.RuneCountInString(*m.Title) > 250 || strings.ContainsFunc(*m.Title, func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 || r == utf8.RuneError }) && !strings.ContainsRune(title, utf8.RuneError) {
				if decoded, err := new(mime.WordDecoder).DecodeHeader(title); err != nil || !strings.ContainsRune(decoded, utf8.RuneError) {
					t.Errorf("the title %q became %q", title, *m.Title)
				}
			}
		case 400, 422:
		default:
			t.Errorf("the title %q = %d %s", title, rec.Code, rec.Body)
		}
	})
}

// FuzzTags: tags come back lower-case, distinct, and made of nothing but what a tag may hold.
func FuzzTags(f *testing.F) {
	w := fuzzWorld(f)
	for _, s := range []string{"ci,deploy,success", "", " a, b ,,a", "A,B", "tag with space", "ä", strings.Repeat("x,", 30), strings.Repeat("y", 65), "a\x00b", "1.2.3", "<b>", "a,\tb", "%2c", "-,_,."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, tags string) {
		rec := w.publishAs(http.Header{"X-Tags": {tags}}, "hello")
		switch rec.Code {
		case 200:
			seen := map[string]bool{}
			for _, tag := range message(t, rec).Tags {
				if seen[tag] || tag == "" || len(tag) > 64 || strings.Trim(tag, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
					t.Errorf("the tags %q became %q", tags, tag)
				}
				seen[tag] = true
			}
			if len(seen) > 20 {
				t.Errorf("%d tags", len(seen))
			}
		case 400, 422:
		default:
			t.Errorf("the tags %q = %d %s", tags, rec.Code, rec.Body)
		}
	})
}

// FuzzPriority: a number from 1 to 5 is taken as it is, and anything else becomes one, which the answer says.
func FuzzPriority(f *testing.F) {
	w := fuzzWorld(f)
	for _, s := range []string{"1", "5", "0", "6", "-1", "", "3 ", "1e0", "0x3", "٣", "99999999999999999999", "urgent", "+3", "03", "3.0", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, priority string) {
		rec := w.publishAs(http.Header{"X-Priority": {priority}}, "hello")
		switch rec.Code {
		case 200:
			m := message(t, rec)
			n, err := strconv.Atoi(strings.TrimSpace(priority))
			if m.Priority < 1 || m.Priority > 5 || err == nil && n != m.Priority && len(m.Warnings) == 0 || err == nil && n >= 1 && n <= 5 && n != m.Priority {
				t.Errorf("the priority %q became %d, %q", priority, m.Priority, m.Warnings)
			}
		case 400, 422:
		default:
			t.Errorf("the priority %q = %d %s", priority, rec.Code, rec.Body)
		}
	})
}

// FuzzJSONBody: what strict publishing takes is what a strict reader of the same JSON sees, and without it next to all is stored.
func FuzzJSONBody(f *testing.F) {
	w := fuzzWorld(f)
	for _, s := range []string{`{"message":"hello"}`, `{"message":"hello","title":"t","priority":5,"tags":["a"]}`, `{"message":"a","message":"b"}`, `{"Message":"a"}`, `{"message":"\ud800"}`,
		`{"message":"\ud83d\ude00"}`, `[]`, `null`, ``, `{`, `{"message":"a"}{`, `{"message":1}`, strings.Repeat("[", 1000), `{"message":` + strings.Repeat(`{"a":`, 50) + "1", "\xff", `{"message":"a","tags":null}`,
		`{"message":"a","priority":3.5}`, `{"message":"a","actions":[{"type":"view","label":"x","url":"javascript:1"}]}`, `{"message":"a","url":"https://home.example"}`, `{"message":"\u0000\u0085\u2028"}`,
		"{\"message\":\"a\u0000\"}", `{"message":"a","priority":1e999}`, `{"message":"a","__proto__":{"x":1}}`, "\xef\xbb\xbf{\"message\":\"a\"}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		switch rec := w.publishAs(http.Header{"Content-Type": {"application/json"}}, string(body)); rec.Code {
		case 200:
			message(t, rec)
		case 413, 422:
		default:
			t.Errorf("%q = %d %s", body, rec.Code, rec.Body)
		}
		rec := w.publishAs(http.Header{"Content-Type": {"application/json"}, "X-Strict": {"1"}}, string(body))
		switch rec.Code {
		case 200:
			var in struct {
				Message string `json:"message"`
			}
			if err := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff")))).Decode(&in); err != nil {
				t.Fatalf("%q was taken: %v", body, err)
			}
			if got := message(t, rec).Message; got != in.Message {
				t.Errorf("%q became the text %q, want %q", body, got, in.Message)
			}
		case 400, 413, 422:
		default:
			t.Errorf("%q = %d %s", body, rec.Code, rec.Body)
		}
	})
}

// FuzzSince and the resume points: every text is a place in the log or a plain 400.
func FuzzSince(f *testing.F) {
	w := fuzzWorld(f)
	publish(f, w, "second")
	for _, s := range []string{"all", "10m", "-1", "0", "1699999999", "1699999999999", "2025-11-10T10:00:00Z", "2025-11-10T10:00:00 02:00", "d1vnqjz3r000", "zzzzzzzzzzzz", "9223372036854775807", "99999h", "65535d",
		"999999999999999999d", "2025-13-99", "", "now", "1e10", "292277026596-01-01T00:00:00Z", "0001-01-01", "10m;", "9999-12-31T23:59:59Z", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, since string) {
		for _, query := range []string{"since", "until", "before", "after"} {
			r := httptest.NewRequest("GET", "/t-private/json?"+query+"="+url.QueryEscape(since), nil)
			r.Header.Set("X-Api-Key", w.secrets["owner *"])
			if rec := w.serve(r); rec.Code != 200 && rec.Code != 400 || rec.Code == 200 && !json.Valid(rec.Body.Bytes()) {
				t.Errorf("%s=%q = %d %.200s", query, since, rec.Code, rec.Body)
			}
		}
	})
}

// FuzzLastEventID: an id is echoed or reported as gone, and so is anything else: a library sends the header by itself.
func FuzzLastEventID(f *testing.F) {
	w := fuzzWorld(f)
	for _, s := range []string{"d1vnqjz3r000", "000000000000", "zzzzzzzzzzzz", "D1VNQJZ3R000", "d1vnqjz3r00", "d1vnqjz3r0000", "", "earliest", "1", "ilouilouilou", "d1vnqjz3r000 ", "\x00", "é1vnqjz3r000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, id string) {
		r := httptest.NewRequest("GET", "/t-private/sse", nil)
		r.ProtoMajor = 2 // answered in place: there is no connection to take
		r.Header.Set("X-Api-Key", w.secrets["owner *"])
		r.Header["Last-Event-Id"] = []string{id}
		rec := w.serve(r)
		echo := rec.Header().Get("X-Last-Event-ID")
		switch {
		case rec.Code == 200 && strings.TrimSpace(id) == "" && echo == "":
		case rec.Code == 200 && (echo == id && len(id) == 12 || echo == "earliest"):
		default:
			t.Errorf("Last-Event-ID %q = %d, echo %q", id, rec.Code, echo)
		}
	})
}

// FuzzSSE publishes any text and reads it back through a parser that does what the HTML standard says.
func FuzzSSE(f *testing.F) {
	w := fuzzWorld(f)
	r, err := http.NewRequest("GET", w.URL+"/t-private/sse", nil)
	if err != nil {
		f.Fatal(err)
	}
	r.Header.Set("X-Api-Key", w.secrets["owner *"])
	res, err := streaming.Do(r)
	if err != nil {
		f.Fatal(err)
	}
	defer res.Body.Close()
	events := newEvents(res.Body)
	for _, s := range [][2]string{{"hello", "title"}, {"a\nb\r\nc\rd", ""}, {"\n\ndata: forged\n\n", "id: x"}, {"\u0085\u2028\u2029\x0b\x0c\x1c\x1e", "✅"}, {"\ufeffbom", ""}, {"event: revoked\ndata: revoked\n\n", ""},
		{": comment", ""}, {"\x00", ""}, {"😀\U0010ffff", "ü"}, {`"\"`, `\`}, {"</script>", "<b>"}, {strings.Repeat("x", 60000), ""}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, text, title string) {
		body, err := json.Marshal(map[string]string{"message": text, "title": title})
		if err != nil || !utf8.ValidString(text) || !utf8.ValidString(title) {
			return
		}
		rec := w.publishAs(http.Header{"Content-Type": {"application/json"}}, string(body))
		if rec.Code != 200 {
			return
		}
		want := message(t, rec)
		got, err := events.next()
		for err == nil && got.id < want.ID {
			got, err = events.next() // of a try that failed before it had read its own
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsFunc(got.data, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
			t.Errorf("the frame is not ASCII: %q", got.data)
		}
		var m api.Message
		if err := json.Unmarshal([]byte(got.data), &m); err != nil || got.kind != "message" || got.id != want.ID {
			t.Fatalf("event %+v: %v", got, err)
		}
		if m.Message != want.Message || (m.Title == nil) != (want.Title == nil) || m.Title != nil && *m.Title != *want.Title {
			t.Errorf("%q %q came as %q", text, title, got.data)
		}
	})
}
