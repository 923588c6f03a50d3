package server_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// odd makes random requests: of valid right and odd form.
type odd struct{ *rand.Rand }

func pick[T any](r odd, list ...T) T { return list[r.IntN(len(list))] }

func (r odd) text() string {
	return pick(r, "", " ", "disk full", "Grüße ✅", "caf\xe9", "a\nb\tc", "\x00\x01\x02", "\xfd\xfc\xfb", "=?utf-8?q?x?=", "=?utf-8?b?/w==?=", "u=1, i", "[]", `{"a":1}`, "😀", "a;b,c=d", "%zz",
		"1", "5", "-7", "9e9", "NaN", "Inf", "high", "true", "null", "https://a.example/", "javascript:alert(1)", "view, Open, https://a.example; run", strings.Repeat("x", r.IntN(3000)),
		strings.Repeat("ä,", r.IntN(100)), "\u2028\u0085\u202e", string([]byte{byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))}))
}

func (r odd) value(depth int) any {
	switch r.IntN(8) {
	case 0:
		return nil
	case 1:
		return r.IntN(20) - 5
	case 2:
		return r.Float64() * 10
	case 3:
		return r.IntN(2) == 0
	case 4:
		if depth > 2 {
			return []any{}
		}
		return []any{r.value(depth + 1), r.value(depth + 1)}
	case 5:
		if depth > 2 {
			return map[string]any{}
		}
		return map[string]any{pick(r, "type", "label", "url", "options", "x"): r.value(depth + 1), "type": r.value(depth + 1)}
	}
	return strings.ToValidUTF8(r.text(), "?")
}

// readable reports whether a text holds no control characters but those of lines.
func readable(b []byte) bool {
	return bytes.IndexFunc(b, func(c rune) bool { return c != '\n' && c != '\r' && c != '\t' && unicode.IsControl(c) }) < 0
}

// request is a request, a text that must be readable in what is stored (empty: any), and whether it has neither a text nor a
// title.
func (r odd) request(token string) (req *http.Request, needle string) {
	query := url.Values{}
	for range r.IntN(3) {
		query.Add(pick(r, "title", "priority", "tags", "markdown", "url", "url_title", "actions", "click", "unknown", "delay"), r.text())
	}
	raw := query.Encode()
	if r.IntN(20) == 0 {
		raw += pick(r, "&%zz", ";", "&=&", "&a=%")
	}
	needle = fmt.Sprintf("needle%d", r.IntN(1e9))
	var body []byte
	contentType := ""
	switch r.IntN(11) {
	case 0, 1, 2:
		body, contentType = []byte(pick(r, needle, r.text()+needle, needle+r.text())), pick(r, "", "text/plain", "application/x-www-form-urlencoded", "text/plain; charset=utf-8", "image/png", "x", "text/plain; charset=", ";;")
	case 3:
		body, contentType = []byte(r.text()), pick(r, "", "text/plain", "application/json", "application/json; charset=utf-8", "text/plain; charset=koi8-r", "text/plain; charset=what")
		needle = ""
	case 4:
		for _, u := range utf16.Encode([]rune(needle + " ä")) {
			body = append(body, byte(u), byte(u>>8))
		}
		contentType = "text/plain; charset=utf-16le"
	case 5, 6:
		object := map[string]any{pick(r, "message", "text", "msg", "Message", "summary", "other"): needle}
		for range r.IntN(6) {
			key := pick(r, "title", "priority", "tags", "markdown", "url", "url_title", "actions", "Title", "name", "delay", "x")
			object[key] = r.value(0)
		}
		body, _ = json.Marshal(object)
		contentType = "application/json"
	case 7:
		body, contentType = []byte(pick(r, `"`+needle+`"`, `["`+needle+`"]`, needle, `{"message":"`+needle+`"`, `{"message":["`+needle+`"]}`, `{"message":"a","message":"`+needle+`"}`, `{"message":"a "b" `+needle+`"}`, `{'title':'a','message':'`+needle+"\n'}", "{\"title\":\"C:\\x\",\"message\":\""+needle+"\",}", "\ufeff"+`{"message":"`+needle+`"}`)), "application/json"
	case 8:
		charset := pick(r, "shift_jis", "gb18030", "gbk", "big5", "euc-jp", "euc-kr", "iso-2022-jp", "koi8-r", "iso-8859-1", "utf-8", "us-ascii", "what", "utf-16be;", "UTF-16", "utf-32")
		body, contentType = []byte(needle+" disk full "+pick(r, "", "äöü", r.text())), "text/plain; charset="+charset
		if charset == "iso-2022-jp" || charset == "utf-16be;" || charset == "UTF-16" || charset == "utf-32" { // where other bytes may be anything
			body = []byte(needle + " disk full")
		}
	default:
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		for range r.IntN(2) {
			f, _ := m.CreateFormFile(pick(r, "file", "attachment", "message"), pick(r, "a.png", "ä b.log", `"`))
			f.Write([]byte(pick(r, r.text(), "\x89PNG\x0d\x0a\x1a\x0a\x00\x01")))
		}
		m.WriteField("message", needle)
		m.WriteField(pick(r, "title", "priority", "tags", "x", "url", "actions", "_charset_"), r.text())
		m.Close()
		body, contentType = b.Bytes(), m.FormDataContentType()
	}
	encoding := pick(r, "", "", "", "", "gzip", "deflate", "deflate", "identity", "GZIP", "gzip, deflate", "utf-8")
	switch {
	case len(body) == 0:
		encoding = ""
	case r.IntN(10) == 0 && utf8.Valid(body) && readable(body): // the header is wrong, and the text can be read all the same
	case encoding == "gzip" || encoding == "GZIP":
		body = packed("gzip", string(body))
	case encoding == "deflate":
		body = packed(pick(r, "zlib", "flate"), string(body))
	case encoding == "gzip, deflate":
		body = packed("zlib", string(packed("gzip", string(body))))
	default:
		encoding = ""
	}
	target := pick(r, "/ops-east", "/ops-east", "/ops-east", "/ops-east/", "//ops-east", "//ops-east//")
	req = httptest.NewRequest(pick(r, "POST", "PUT"), "/", bytes.NewReader(body))
	req.URL = &url.URL{Path: target, RawQuery: raw}
	req.Header.Set("X-Topic-Token", token)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if encoding != "" {
		req.Header.Set("Content-Encoding", encoding)
	}
	for range r.IntN(5) {
		name := pick(r, "X-Title", "Title", "X-Priority", "Priority", "X-Tags", "Tags", "X-Markdown", "X-Url", "Click", "X-Url-Title", "X-Actions", "X-Delay", "X-Email", "X-Alert-Key", "Markdown", "X-Strict", "X-Idempotency-Key")
		value := r.text()
		if name == "X-Strict" {
			value = "0"
		}
		if name == "X-Idempotency-Key" && value != "" {
			value += strconv.Itoa(r.IntN(1e15)) // another for each message
		}
		for range 1 + r.IntN(2) {
			req.Header.Add(name, value)
		}
	}
	return req, needle
}

// generated is how many requests TestEveryMessageGetsThrough makes up; .ci/run makes 100,000.
var generated = flag.Int("generated", 10_000, "made-up requests of TestEveryMessageGetsThrough")

// TestEveryMessageGetsThrough: whatever a sender who may publish sends, it is stored with its text readable, or there is no
// text and no title.
func TestEveryMessageGetsThrough(t *testing.T) {
	t.Parallel()
	total := *generated
	if testing.Short() { // with the race detector, which makes each ten times as slow
		total = 5_000
	}
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	var mu sync.Mutex
	counts := map[string]int{}
	var workers sync.WaitGroup
	const parallel = 64
	began := time.Now()
	for n := range parallel {
		workers.Go(func() {
			r := odd{rand.New(rand.NewPCG(uint64(n), 14))}
			seen := map[string]int{}
			for range total / parallel {
				req, needle := r.request(token)
				rec := httptest.NewRecorder()
				h.s.ServeHTTP(rec, req)
				seen[h.outcome(req, rec, needle)]++
			}
			mu.Lock()
			defer mu.Unlock()
			for k, v := range seen {
				counts[k] += v
			}
		})
	}
	workers.Wait()
	t.Logf("%d requests in %v: %v", total, time.Since(began).Round(time.Millisecond), counts)
	if other := total/parallel*parallel - counts["stored"] - counts["no text and no title"]; other != 0 {
		t.Errorf("%d requests had another outcome", other)
	}
}

// outcome says in words what became of a request.
func (h *home) outcome(r *http.Request, rec *httptest.ResponseRecorder, needle string) string {
	var m api.Message
	switch {
	case rec.Code == 422 && needle == "" && strings.Contains(rec.Body.String(), "the message is empty"):
		return "no text and no title"
	case rec.Code != 200:
		h.t.Errorf("%s %s %q = %d %s", r.Method, r.URL, r.Header, rec.Code, rec.Body)
		return fmt.Sprint(rec.Code)
	case json.Unmarshal(rec.Body.Bytes(), &m) != nil || m.Message == "" || !utf8.ValidString(m.Message) || m.Priority < 1 || m.Priority > 5:
		h.t.Errorf("%s %s %q = %s", r.Method, r.URL, r.Header, rec.Body)
		return "unreadable"
	case !strings.Contains(m.Message, needle):
		h.t.Errorf("%s %s %q: %q is not in %s", r.Method, r.URL, r.Header, needle, rec.Body)
		return "text lost"
	}
	return "stored"
}
