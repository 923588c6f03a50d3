package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/shape"
	"notifer/server/test/run"
)

// TestMutatedPayloads posts payloads (10,000 with WEBHOOKS=long) in which something was changed, with and without a shape: each is stored with something
// readable in it, none is answered with a fault of the server, and it is quick.
func TestMutatedPayloads(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	bare := h.token("ops-east", "bare", "publish").Token
	r := mathrand.New(mathrand.NewPCG(3, 4))
	type source struct {
		c     shape.Case
		token string
	}
	var sources []source
	for _, s := range shape.All() {
		token := h.shaped("ops-east", s.ID, nil).Token
		e, err := s.Examples()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range e.Cases {
			sources = append(sources, source{c, token}, source{c, bare})
		}
	}
	n, limit := 3_000, run.Scale(t, 5*time.Millisecond)
	if poolMisses > 0 {
		limit *= 10 // as much slower is everything under the race detector
	}
	switch {
	case os.Getenv("WEBHOOKS") == "long":
		n = 10_000
	case testing.Short() || poolMisses > 0:
		n = 500
	}
	took := make([]time.Duration, 0, n)
	statuses := map[int]int{}
	for i := range n {
		s := sources[r.IntN(len(sources))]
		c := s.c
		c.Name, c.Body = fmt.Sprint(i), mutated(r, c.Body)
		body, headers := request(c)
		var rec *httptest.ResponseRecorder
		fastest := time.Hour
		for range 3 { // the machine may be busy with something else
			began := time.Now()
			rec = h.sent("POST", "/ops-east?token="+s.token, body, headers...)
			if fastest = min(fastest, time.Since(began)); fastest < limit {
				break
			}
		}
		took = append(took, fastest)
		statuses[rec.Code]++
		var m api.Message
		switch _ = json.Unmarshal(rec.Body.Bytes(), &m); {
		case rec.Code == http.StatusUnprocessableEntity && !hasWords(c.Body, s.token == bare):
		case rec.Code != http.StatusOK:
			t.Errorf("%d %s for %q", rec.Code, rec.Body, c.Body)
		case m.ID == "" || strings.TrimSpace(m.Message) == "":
			t.Errorf("%s for %q", rec.Body, c.Body)
		}
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	t.Logf("%d mutated payloads: %v, p50 %v, p99 %v", n, statuses, took[len(took)/2], p99)
	if p99 > limit {
		t.Errorf("p99 is %v, want %v at most", p99, limit)
	}
}

// hasWords reports whether there is anything to read in a body. Without a shape an object of empty fields is an empty message.
func hasWords(body string, bare bool) bool {
	var object map[string]any
	if bare && json.Unmarshal([]byte(body), &object) == nil {
		for name, v := range object {
			if slices.Contains([]string{"url", "url_title", "tags", "priority", "markdown"}, name) {
				continue
			}
			if s, isText := v.(string); isText && hasWords(s, false) {
				return true
			}
		}
		return false
	}
	return strings.ContainsFunc(body, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) && strings.TrimSpace(body) != "null"
}

// mutated changes something in a JSON text or any other.
func mutated(r *mathrand.Rand, body string) string {
	var v any
	if json.Unmarshal([]byte(body), &v) == nil && r.IntN(4) > 0 {
		for range 1 + r.IntN(4) {
			v = mutatedValue(r, v)
		}
		text, _ := json.Marshal(v)
		return string(text)
	}
	b := []byte(body)
	for range 1 + r.IntN(5) {
		if len(b) == 0 {
			return "x"
		}
		at := r.IntN(len(b))
		switch r.IntN(5) {
		case 0:
			b[at] = byte(r.IntN(256))
		case 1:
			b = b[:at]
		case 2:
			b = slices.Delete(b, at, min(at+1+r.IntN(20), len(b)))
		case 3:
			b = slices.Insert(b, at, b[at:min(at+1+r.IntN(20), len(b))]...)
		default:
			b = slices.Insert(b, at, []byte(`{"[]},:`)[r.IntN(7)])
		}
	}
	return string(b)
}

func mutatedValue(r *mathrand.Rand, v any) any {
	odd := []any{nil, true, 0, -1.5, 1e300, "", "x", strings.Repeat("long ", 300), []any{}, map[string]any{}, []any{nil, []any{1}}, map[string]any{"a": map[string]any{"b": []any{1}}}, "\u0000\u0007", "<b>&amp;", "🔥"}
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		if len(keys) == 0 || r.IntN(6) == 0 {
			v[fmt.Sprint("k", r.IntN(9))] = odd[r.IntN(len(odd))]
			return v
		}
		key := keys[r.IntN(len(keys))]
		switch r.IntN(4) {
		case 0:
			delete(v, key)
		case 1:
			v[key] = odd[r.IntN(len(odd))]
		default:
			v[key] = mutatedValue(r, v[key])
		}
		return v
	case []any:
		if len(v) == 0 || r.IntN(6) == 0 {
			return append(v, odd[r.IntN(len(odd))])
		}
		i := r.IntN(len(v))
		if r.IntN(5) == 0 {
			return slices.Delete(v, i, i+1)
		}
		v[i] = mutatedValue(r, v[i])
		return v
	}
	return odd[r.IntN(len(odd))]
}
