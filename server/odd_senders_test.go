package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
)

// TestOddSendersArrive: what old or careless programs send is stored with its text readable.
func TestOddSendersArrive(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	packed := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		z.Close()
		return b.String()
	}
	for name, c := range map[string]struct{ method, target, body, want, warning string }{
		"curl -X post":               {"post", "/ops-east", "hi", "hi", ""},
		"curl -X Put":                {"Put", "/ops-east/", "hi", "hi", ""},
		"string of C":                {"POST", "/ops-east", "hi\x00\x00", "hi", ""},
		"rotated log":                {"POST", "/ops-east", packed("hi\nthere\n"), "hi\nthere\n", "which Content-Encoding does not say"},
		"file, compressed":           {"PUT", "/ops-east/a.gz", packed("hi"), "hi", "which Content-Encoding does not say"},
		"archive, compressed":        {"PUT", "/ops-east/a.tgz", packed("a\x00\x00b\xff" + strings.Repeat("\x00", 500)), "a.tgz", "keeps no files"},
		"device that calls a URL":    {"GET", "/ops-east/publish?value2=b+c&value1=T%fcr&empty=", "", "value1: Tür\nvalue2: b c", "no field of the query is known"},
		"the same by POST":           {"POST", "/ops-east?state=open", "", "state: open", "no field of the query is known"},
		"URL that no cache answers":  {"GET", "/ops-east/publish?temp=21&_=1764381600123", "", "temp: 21", "no field of the query is known"},
		"unknown field beside title": {"POST", "/ops-east?state=open&title=Door", "", "Door", "is unknown"},
	} {
		rec := h.sent(c.method, c.target, []byte(c.body), "X-Topic-Token", token)
		var m struct {
			Message  string
			Warnings []string
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil || rec.Code != 200 {
			t.Errorf("%s = %d %s, want 200", name, rec.Code, rec.Body)
			continue
		}
		if m.Message != c.want || !strings.Contains(strings.Join(m.Warnings, " "), c.warning) || c.warning == "" && len(m.Warnings) > 0 {
			t.Errorf("%s = %s, want %q and the warning %q", name, rec.Body, c.want, c.warning)
		}
	}
	for name, c := range map[string]struct {
		method, target, body string
		want                 int
	}{
		"unknown fields, strict":      {"POST", "/ops-east?state=open&strict=1", "", 400},
		"compressed, strict":          {"POST", "/ops-east?strict=1", packed("hi"), 415},
		"nothing but a time to wait":  {"POST", "/ops-east?delay=5m", "", 422},
		"nothing but a time of day":   {"GET", "/ops-east/publish?_=1764381600123", "", 422},
		"nothing but a number":        {"POST", "/ops-east?nocache=0.5512", "", 422},
		"empty fields":                {"GET", "/ops-east/publish?value1=&value2=%20", "", 422},
		"too much, once decompressed": {"POST", "/ops-east", packed(strings.Repeat("x", 2<<20)), 415},
		"another method":              {"patch", "/ops-east", "hi", 405},
	} {
		if rec := h.sent(c.method, c.target, []byte(c.body), "X-Topic-Token", token); rec.Code != c.want {
			t.Errorf("%s = %d %s, want %d", name, rec.Code, rec.Body, c.want)
		}
	}
}
