package shape_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"notifer/server/shape"
)

// TestRecent keeps the last ten payloads of a token for a day, and those of all tokens within RecentTotal.
func TestRecent(t *testing.T) {
	t.Parallel()
	var r shape.Recent
	now := time.Now()
	for i := range 12 {
		r.Keep("a", shape.Sample{At: now, Body: fmt.Sprintf(`{"n":%d}`, i)})
	}
	r.Keep("a", shape.Sample{At: now, Body: strings.Repeat("x", shape.RecentBytes+1)})
	list := r.Of("a", now)
	if len(list) != 10 || list[0].Body != `{"n":11}` || list[9].Body != `{"n":2}` || len(r.Of("b", now)) != 0 {
		t.Fatalf("%d payloads: %v", len(list), list)
	}
	if len(r.Of("a", now.Add(shape.RecentFor))) != 0 || r.Bytes() != 0 {
		t.Error("a payload is kept for longer than a day")
	}
	for i := range 1000 {
		for range 2 {
			r.Keep(fmt.Sprint(i), shape.Sample{At: now, Body: strings.Repeat("x", shape.RecentBytes)})
		}
		if r.Bytes() > shape.RecentTotal {
			t.Fatalf("%d bytes after %d tokens", r.Bytes(), i)
		}
	}
	if len(r.Of("999", now)) != 2 || len(r.Of("1", now)) != 0 {
		t.Error("the newest payloads should stay, and the oldest go")
	}
	for i := range 100_000 { // what is short costs something too
		r.Keep(fmt.Sprint("s", i), shape.Sample{At: now, Body: "{}"})
	}
	if r.Bytes() > shape.RecentTotal {
		t.Errorf("%d bytes of short payloads", r.Bytes())
	}
}

// TestRecentKeepsNoBody: what is remembered of a body does not keep the rest of the memory that it was read into.
func TestRecentKeepsNoBody(t *testing.T) {
	t.Parallel()
	var r shape.Recent
	now := time.Now()
	body := strings.Repeat("x", 1<<16)[:20]
	r.Keep("a", shape.Sample{At: now, Body: body})
	if list := r.Of("a", now); len(list) != 1 || unsafe.StringData(list[0].Body) == unsafe.StringData(body) {
		t.Error("a payload is kept where it was read")
	}
}

// TestRecentLong: a payload that is long is kept shortened, with its secrets masked, unless it is far too long.
func TestRecentLong(t *testing.T) {
	t.Parallel()
	var r shape.Recent
	now := time.Now()
	element := `{"labels":{"alertname":"A"},"text":"` + strings.Repeat("ä", 1000) + `","password":"hunter2"}`
	r.Keep("a", shape.Sample{At: now, Body: `{"status":"firing","alerts":[` + strings.Repeat(element+",", 50) + element + `]}`})
	list := r.Of("a", now)
	if len(list) != 1 || !list[0].Short || len(list[0].Body) > shape.RecentBytes || strings.Contains(list[0].Body, "hunter2") {
		t.Fatalf("kept %+v", list)
	}
	var got struct {
		Status string
		Alerts []struct{ Text string }
	}
	if err := json.Unmarshal([]byte(list[0].Body), &got); err != nil || got.Status != "firing" || len(got.Alerts) != 3 || len(got.Alerts[2].Text) > 510 {
		t.Errorf("%v: %+v", err, got)
	}
	r.Keep("b", shape.Sample{At: now, Body: `["` + strings.Repeat("x", shape.RecentRead) + `"]`})
	r.Keep("b", shape.Sample{At: now, Body: `{` + strings.Repeat("x", shape.RecentBytes)})
	if list := r.Of("b", now); len(list) != 0 {
		t.Errorf("%d payloads are kept that are too long or cannot be shortened", len(list))
	}
}

// TestTreeOfList: where the payload itself is a list, its first element offers to make a message of each, and then is the dot.
func TestTreeOfList(t *testing.T) {
	t.Parallel()
	v, err := shape.ReadJSON([]byte(`[{"a":"x"},{"a":"y"}]`))
	if err != nil {
		t.Fatal(err)
	}
	whole, each := shape.Tree(v, ""), shape.Tree(v, ".")
	if len(whole) != 1 || whole[0].Each != "." || whole[0].Nodes[0].Expression != "{{(index . 0).a}}" {
		t.Errorf("as a whole: %+v", whole)
	}
	if len(each) != 1 || each[0].Name != "each" || each[0].Nodes[0].Expression != "{{.a}}" {
		t.Errorf("each: %+v", each)
	}
	set, err := shape.Templates{Each: ".", Text: "{{.a}}"}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := set.Apply(shape.Payload{Value: v}); err != nil || len(got) != 2 || got[1].Text != "y" {
		t.Errorf("made %+v, %v", got, err)
	}
}

// TestRecentForget drops what a message was made of that is gone.
func TestRecentForget(t *testing.T) {
	t.Parallel()
	var r shape.Recent
	now := time.Now()
	for i, s := range []shape.Sample{{Topic: 1, First: 10, Last: 10}, {Topic: 1, First: 20, Last: 25}, {Topic: 2, First: 22, Last: 22}, {Topic: 1, First: 30, Last: 30}} {
		s.At, s.Body = now, fmt.Sprint(i)
		r.Keep("a", s)
	}
	left := func(want string) {
		t.Helper()
		got := ""
		for _, s := range r.Of("a", now) {
			got += s.Body
		}
		if got != want {
			t.Errorf("left %s, want %s", got, want)
		}
	}
	r.Forget(1, 22, 22)
	left("320")
	r.Forget(1, 0, 29)
	left("32")
	r.Forget(2, 0, 1<<62)
	left("3")
}

// TestRecentSecrets: what is remembered holds no secret, wherever it was.
func TestRecentSecrets(t *testing.T) {
	t.Parallel()
	for _, s := range []shape.Sample{
		{Body: `{"api_key": "hunter2", "shown": 1}`},
		{Body: `{"token": {"value": ["hunter2", {"x": "hunter2"}]}, "shown": 1}`},
		{Body: `{"Authorization": "a \"quoted\" hunter2", "shown": 1}`},
		{Body: `{"userPassword": "hunter2\\", "shown": 1}`},
		{Body: `{"\u0074oken": "hunter2", "shown": 1}`},
		{Body: `{"shown": "http://ann:hunter2@example.org/x"}`},
		{Body: `{"shown": "https://example.org/hook?token=hunter2&x=1"}`},
		{Body: `{"shown": "curl -H 'Authorization: Basic hunter2'"}`},
		{Body: `{"shown": "Bearer hunter2hunter2"}`},
		{Body: `{"shown": "tk_hunter2hunter2", "b": "ghp_hunter2hunter2"}`},
		{Body: `{"shown": "backup_tk_hunter2` + strings.Repeat("x", 36) + `", "b": "xnoti_hunter2` + strings.Repeat("x", 25) + `_", "c": "v1ghp_hunter2` + strings.Repeat("x", 29) + `"}`},
		{Body: `{"client_secret": 4711, "shown": 1}`},
		{Body: "user=ann&password=hunter2&shown=1", Form: true},
		{Body: `payload={"secret":"hunter2","shown":1}`, Form: true},
		{Body: `{"password": "hunter2", "shown": 1`},
		{Body: "shown, password: hunter2"},
		{Body: `{"auth": "hunter2", "shown": 1}`},
		{Body: `{"session": "hunter2", "api key": "hunter2", "encryptionKey": "hunter2", "shown": 1}`},
		{Body: `{"headers": [{"name": "Authorization", "value": "hunter2"}, {"key": "X-Api-Key", "value": "hunter2"}], "shown": 1}`},
		{Body: `{"shown": "sent Basic YWRtaW46aHVudGVyMg== to it"}`},
		{Body: `{"shown": "curl -u admin:hunter2 https://x", "b": "https://hunter2@example.org/x", "c": "https://example.org/x?a=1&key=hunter2"}`},
		{Body: `{"shown": "https://hooks.slack.com/services/T0/B0/hunter2", "b": "https://discord.com/api/webhooks/1/hunter2"}`},
		{Body: `{"shown": "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----", "b": "123456789:AAhunter2hunter2hunter2hunter2hunter2"}`},
		{Body: `{"shown": "npm_hunter2hunter2", "b": "AIzaSyhunter2hunter2hunter2hunter2hunter2", "c": "{\"pwd\": \"hunter2\"}", "d": "{\\\"pwd\\\": \\\"hunter2\\\"}"}`},
		{Body: `{"shown":1}`, Headers: map[string][]string{"X-Api-Key": {"hunter2"}, "Authorization": {"hunter2"}, "X-Topic-Token": {"hunter2"}, "Cookie": {"hunter2"}, "X-Hub-Signature": {"hunter2"}}},
	} {
		var r shape.Recent
		now := time.Now()
		s.At = now
		r.Keep("a", s)
		got := r.Of("a", now)[0]
		got.At = time.Time{} // may hold the digits of a secret
		if all := fmt.Sprint(got); strings.Contains(all, "hunter2") || strings.Contains(all, "YWRtaW46") || strings.Contains(all, "4711") || !strings.Contains(all, "shown") {
			t.Errorf("of %s is kept %s", s.Body, all)
		}
	}
	var r shape.Recent
	plain := `{"alert":"Disk of token-server is full","author":"ann","groupKey":"a","keyboard":[1,2.50],"n":null,"ok":true,"pass":12,"s":"basic authentication failed, passes: 3, gtk_application_window_new_with_a_long_title_of_many_words"}`
	r.Keep("a", shape.Sample{Body: plain, Headers: map[string][]string{"X-Github-Event": {"push"}}})
	if got := r.Of("a", time.Time{})[0]; got.Body != plain || got.Header("X-GitHub-Event") != "push" {
		t.Errorf("what is no secret is kept as %+v", got)
	}
}

// TestTree: each field of a payload can be written into a template, which then gives its value.
func TestTree(t *testing.T) {
	t.Parallel()
	const payload = `{"status": "firing", "deep": {"odd-key \"x\"": [{"x": 7}], "a.b": true}, "alerts": [{"name": "Disk", "tags": ["a", "b"]}, {"name": "CPU"}],
		"data": {"items": ["p", "q"]}, "none": [], "nothing": null}`
	v, err := shape.ReadJSON([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	for each, want := range map[string]int{"": 7, "alerts": 7, "data.items": 7, "status": 7} {
		fields := 0
		lists := map[string]bool{}
		var walk func([]shape.Node)
		walk = func(nodes []shape.Node) {
			for _, n := range nodes {
				if n.Each != "" {
					lists[n.Each] = true
				}
				if walk(n.Nodes); n.Expression == "" {
					continue
				}
				fields++
				used := each
				if each == "status" { // which is no list
					used = ""
				}
				set, err := shape.Templates{Text: "x" + n.Expression, Each: used}.Compile()
				if err != nil {
					t.Fatalf("%s: %v", n.Expression, err)
				}
				got, err := set.Apply(shape.Payload{Value: v})
				if err != nil || got[0].Text != "x"+n.Value {
					t.Errorf("each %q: %s is %+v, want %q (%v)", each, n.Expression, got, n.Value, err)
				}
			}
		}
		walk(shape.Tree(v, each))
		if fields != want || !lists["alerts"] || !lists["data.items"] {
			t.Errorf("each %q: %d fields, lists %v", each, fields, lists)
		}
	}
}

// TestTreeIsBounded: a wide or a deep payload is cut.
func TestTreeIsBounded(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"[" + strings.Repeat("1,", 10000) + "1]", strings.Repeat(`{"a":`, 500) + "1" + strings.Repeat("}", 500), wide(5000)} {
		v, err := shape.ReadJSON([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		var count func([]shape.Node)
		count = func(nodes []shape.Node) {
			for _, node := range nodes {
				n++
				count(node.Nodes)
			}
		}
		if count(shape.Tree(v, "")); n > 300 {
			t.Errorf("%d nodes", n)
		}
	}
}

func wide(n int) string {
	m := map[string]int{}
	for i := range n {
		m[fmt.Sprint("k", i)] = i
	}
	text, _ := json.Marshal(m)
	return string(text)
}

func BenchmarkKeep(b *testing.B) {
	var r shape.Recent
	body := `{"alerts":[` + strings.TrimSuffix(strings.Repeat(`{"labels":{"alertname":"HighLoad","instance":"node:9100","severity":"critical"},"annotations":{"summary":"Load of node is high"},"generatorURL":"http://prometheus:9090/graph?g0.expr=up"},`, 140), ",") + `]}`
	b.ReportMetric(float64(len(body)), "bytes")
	b.ResetTimer()
	for b.Loop() {
		r.Keep("a", shape.Sample{Body: body})
	}
}
