package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// complaint is one request that the server must refuse, and how.
type complaint struct {
	what, method, path, body string
	headers                  []string
	want                     int
}

func (p *page) complain(t *testing.T, all []complaint) {
	t.Helper()
	for _, c := range all {
		res, body := call(t, c.method, p.URL+c.path, c.body, c.headers...)
		if res.StatusCode != c.want {
			t.Errorf("%s: %s %s = %d %.200s, want %d", c.what, c.method, c.path, res.StatusCode, body, c.want)
			continue
		}
		checkErrorShape(t, c, res, body)
	}
}

// checkErrorShape holds for every refusal: JSON with a detail for people and nothing of the server's inside.
func checkErrorShape(t *testing.T, c complaint, res *http.Response, body string) {
	t.Helper()
	if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		t.Errorf("%s: content type %q, want JSON: %.100s", c.what, kind, body)
		return
	}
	detail, _ := object(t, body)["detail"].(string)
	if strings.TrimSpace(detail) == "" {
		t.Errorf("%s: no detail in %s", c.what, body)
	}
	for _, inside := range []string{".go:", "goroutine", "sql", "strconv", "invalid character", "unmarshal", "%!"} {
		if strings.Contains(strings.ToLower(body), inside) {
			t.Errorf("%s: the reply shows %q: %s", c.what, inside, body)
		}
	}
}

const jsonType = "Content-Type: application/json"

func TestBadMessages(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	token := "X-Topic-Token: " + p.values["tk_..."]
	raw := func(what, body string, want int, headers ...string) complaint {
		return complaint{what, "POST", "/my-topic", body, append(headers, token, "X-Strict: 1"), want}
	}
	p.complain(t, []complaint{
		raw("not UTF-8", "a\xffb", 400),
		raw("empty", "", 422),
		raw("too large", strings.Repeat("x", 64<<10+1), 413),
		raw("priority 0", "x", 422, "X-Priority: 0"),
		raw("priority 6", "x", 422, "X-Priority: 6"),
		raw("priority in words", "x", 422, "X-Priority: very high"),
		raw("tag with a space", "x", 422, "X-Tags: one,two words"),
		raw("tag with a sign", "x", 422, "X-Tags: a&b"),
		raw("long tag", "x", 422, "X-Tags: "+strings.Repeat("t", 65)),
		raw("long title", "x", 422, "X-Title: "+strings.Repeat("t", 251)),
		raw("21 tags", "x", 422, "X-Tags: "+manyTags(21)),
		raw("script link", "x", 422, "X-URL: javascript:alert(1)"),
		raw("compressed", "\x0b\x00\x80x\x03", 415, "Content-Encoding: br"),
		raw("JSON that is none", "hello", 422, jsonType),
		raw("JSON with a bare new line", "{\"message\":\"two\nlines\"}", 422, jsonType),
		raw("JSON that is cut off", `{"message":"half`, 422, jsonType),
		raw("JSON array", `["hello"]`, 422, jsonType),
		raw("JSON without message", `{"title":"x"}`, 422, jsonType),
		raw("JSON message of another type", `{"message":17}`, 422, jsonType),
		raw("JSON with an empty message", `{"message":""}`, 422, jsonType),
		raw("JSON key twice", `{"message":"a","message":"b"}`, 422, jsonType),
		raw("JSON priority", `{"message":"a","priority":9}`, 422, jsonType),
		raw("JSON tags", `{"message":"a","tags":"b"}`, 422, jsonType),
		raw("JSON and more", `{"message":"a"}{"message":"b"}`, 422, jsonType),
	})
	if n := count(t, p.Server, p.jwt, "my-topic"); n != 0 {
		t.Errorf("%d refused messages were stored", n)
	}
	if res, body := call(t, "POST", p.URL+"/my-topic", strings.Repeat("x", 64<<10), token); res.StatusCode != 200 {
		t.Errorf("a message of exactly 64 KiB = %d %.100s, want 200", res.StatusCode, body)
	}
	if res, body := call(t, "POST", p.URL+"/my-topic", "x", token, "X-Tags: "+manyTags(20), "X-Title: "+strings.Repeat("ü", 250)); res.StatusCode != 200 {
		t.Errorf("20 tags and a title of 250 characters = %d %.100s, want 200", res.StatusCode, body)
	}
}

func manyTags(n int) string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = "t" + strings.Repeat("x", i)
	}
	return strings.Join(tags, ",")
}

func TestBadManagement(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	jwt := "Authorization: Bearer " + p.jwt
	send := func(what, method, path, body string, want int) complaint {
		return complaint{what, method, path, body, []string{jwt, jsonType}, want}
	}
	const tokens = "/api/topics/my-topic/access-tokens"
	p.complain(t, []complaint{
		send("duplicate topic", "POST", "/api/topics", `{"name":"my-topic"}`, 409),
		send("short topic name", "POST", "/api/topics", `{"name":"ab"}`, 422),
		send("topic name in capitals", "POST", "/api/topics", `{"name":"My-Topic"}`, 422),
		send("reserved topic name", "POST", "/api/topics", `{"name":"settings"}`, 422),
		send("topic name like an id", "POST", "/api/topics", `{"name":"topic_abcdefghijklmnop"}`, 422),
		send("unknown access level", "POST", "/api/topics", `{"name":"abc","access_level":"secret"}`, 422),
		send("no JSON", "POST", "/api/topics", `name=abc`, 422),
		send("large JSON", "POST", "/api/topics", `{"name":"abc","description":"`+strings.Repeat("x", 17<<10)+`"}`, 413),
		send("no permissions", "POST", tokens, `{"name":"a","permissions":[]}`, 422),
		send("unknown permission", "POST", tokens, `{"name":"a","permissions":["admin"]}`, 422),
		send("no name", "POST", tokens, `{"permissions":["publish"]}`, 422),
		send("token of an unknown topic", "POST", "/api/topics/nothing/access-tokens", `{"name":"a","permissions":["publish"]}`, 404),
		send("unknown token", "DELETE", tokens+"/token_abc123", "", 404),
		send("unknown scope", "POST", "/api/keys", `{"name":"a","scopes":["everything"]}`, 422),
		send("unknown topic", "GET", "/api/topics/nothing", "", 404),
		send("bad since", "GET", "/my-topic/json?since=yesterday-ish", "", 400),
		send("short password", "POST", "/auth/password", `{"current_password":"correct horse battery","new_password":"short"}`, 422),
		{"registration is off", "POST", "/auth/register", `{"email":"x@example.org","username":"xxx","password":"correct horse"}`, []string{jsonType}, 403},
	})
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	jwt := "Authorization: Bearer " + p.jwt
	browser := "Accept: text/html,application/xhtml+xml"
	for _, path := range []string{"/api/nothing", "/api", "/auth/nothing", "/auth", "/api/topics/my-topic/nothing", "/my-topic/nothing", "/my-topic/sse/more"} {
		accept := browser
		if strings.HasPrefix(path, "/my-topic") {
			accept = "Accept: */*" // a browser gets a page there
		}
		p.complain(t, []complaint{
			{"unknown path", "GET", path, "", []string{jwt}, 404},
			{"unknown path in a browser", "GET", path, "", []string{accept, jwt}, 404},
			{"unknown path without credential", "POST", path, "x", nil, 404},
		})
	}
	for _, c := range []struct {
		method, path string
		allow        []string
	}{
		{"DELETE", "/my-topic", []string{"POST", "PUT"}},
		{"GET", "/my-topic", []string{"POST", "PUT"}},
		{"POST", "/my-topic/sse", []string{"GET"}},
		{"POST", "/my-topic/json", []string{"GET"}},
		{"PUT", "/api/topics", []string{"GET", "POST"}},
		{"POST", "/api/topics/my-topic", []string{"GET", "PATCH", "DELETE"}},
		{"GET", "/auth/login", []string{"POST"}},
		{"TRACE", "/my-topic", []string{"POST", "PUT"}},
	} {
		res, body := call(t, c.method, p.URL+c.path, "")
		if res.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s %s = %d %s, want 405", c.method, c.path, res.StatusCode, body)
			continue
		}
		for _, method := range c.allow {
			if !strings.Contains(res.Header.Get("Allow"), method) {
				t.Errorf("%s %s: Allow %q, want %s in it", c.method, c.path, res.Header.Get("Allow"), method)
			}
		}
		checkErrorShape(t, complaint{what: c.method + " " + c.path}, res, body)
	}
}

// A browser that opens a topic's publish address is sent to the topic's page, without the token of the query.
func TestTopicAddressInBrowser(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	_, token := p.AddToken(t, p.jwt, "my-topic", "logs", "subscribe")
	res, _ := call(t, "GET", p.URL+"/my-topic?token="+token, "", "Accept: text/html,application/xhtml+xml,*/*;q=0.8")
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != run.Prefix()+"/topic/my-topic" {
		t.Errorf("GET /my-topic by a browser = %d to %q, want 303 to /topic/my-topic", res.StatusCode, res.Header.Get("Location"))
	}
}
