package e2e_test

import (
	"encoding/base32"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"notifer/server"
	"notifer/server/auth/totp"
	"notifer/server/request"
	"notifer/server/test/run"
)

func description(t *testing.T) schemas {
	t.Helper()
	text, err := os.ReadFile(run.Root(t) + "/web/openapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	root, err := decodeAny(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return schemas{root.(map[string]any)}
}

// Every route that is not a page is described, wherever it lives.
func TestEveryRouteIsDescribed(t *testing.T) {
	t.Parallel()
	inTable, inText := map[string]bool{}, map[string]bool{}
	for _, route := range server.Routes() {
		if method, path, _ := strings.Cut(route.Pattern, " "); route.Kind != request.KindPage {
			inTable[strings.ToLower(method)+" "+strings.TrimSuffix(path, "{$}")] = true
		}
	}
	inTable["post /setup"] = true // a page that takes JSON too
	for path, methods := range description(t).root["paths"].(map[string]any) {
		for method := range methods.(map[string]any) {
			inText[method+" "+path] = true
		}
	}
	for r := range inTable {
		if !inText[r] {
			t.Errorf("%s is not in openapi.json", r)
		}
	}
	for r := range inText {
		if !inTable[r] {
			t.Errorf("openapi.json has %s, which is no route", r)
		}
	}
}

// The parameters that a handler reads are described, and no others.
func TestParametersAreDescribed(t *testing.T) {
	t.Parallel()
	s := description(t)
	for op, want := range map[string]string{
		"get /api/messages":                                "after since until before limit offset q tags tags_mode priority_min sender",
		"get /api/messages/search":                         "after since until before limit offset q tags tags_mode priority_min sender",
		"get /api/topics/{topic}/messages":                 "topic after since until before limit offset q tags tags_mode priority_min sender",
		"get /api/messages/activity":                       "",
		"get /api/topics/{topic}/access-tokens/{id}/usage": "topic id days",
		"put /{topic}":                                     "topic X-Title X-Priority X-Tags X-Markdown X-URL X-URL-Title X-Actions X-Idempotency-Key X-Allow-Secret X-Strict",
	} {
		method, path, _ := strings.Cut(op, " ")
		list, _ := s.root["paths"].(map[string]any)[path].(map[string]any)[method].(map[string]any)["parameters"].([]any)
		var names []string
		for _, p := range list {
			names = append(names, field(p, "name"))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s takes %q, want %q", op, got, want)
		}
	}
}

// walker calls a server as the description says and checks each reply against it.
type walker struct {
	*testing.T
	schemas
	url  string
	seen map[string][]string // operation to the statuses that came
}

// do calls path, whose operation is method and pattern, and returns the decoded reply.
func (w *walker) do(method, pattern, path, body string, headers ...string) any {
	w.Helper()
	if body != "" && strings.HasPrefix(body, "{") {
		headers = append(headers, "Content-Type: application/json")
	}
	res, text := call(w.T, method, w.url+path, body, headers...)
	op := strings.ToLower(method) + " " + pattern
	w.seen[op] = append(w.seen[op], fmt.Sprint(res.StatusCode))
	operation, _ := w.resolvePath(pattern)[strings.ToLower(method)].(map[string]any)
	if operation == nil {
		w.Fatalf("%s is not described", op)
	}
	reply, ok := operation["responses"].(map[string]any)[fmt.Sprint(res.StatusCode)].(map[string]any)
	if !ok {
		w.Errorf("%s answers %d, which is not described: %s", op, res.StatusCode, text)
		return nil
	}
	return w.checkReply(op, reply, res, text)
}

func (w *walker) resolvePath(pattern string) map[string]any {
	path, _ := w.root["paths"].(map[string]any)[pattern].(map[string]any)
	return path
}

func (w *walker) checkReply(op string, reply map[string]any, res *http.Response, text string) any {
	w.Helper()
	if ref, ok := reply["$ref"].(string); ok {
		reply = w.resolve(ref)
	}
	media, _ := reply["content"].(map[string]any)
	if plain, ok := media["text/plain"].(map[string]any); ok && strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") {
		for _, fault := range w.check(plain["schema"].(map[string]any), text, "reply") {
			w.Errorf("%s %d as text: %s", op, res.StatusCode, fault)
		}
		return nil
	}
	schema, ok := media["application/json"].(map[string]any)
	if !ok {
		if res.StatusCode == http.StatusNoContent && text != "" {
			w.Errorf("%s: 204 with a body: %s", op, text)
		}
		return nil
	}
	value, err := decodeAny(text)
	if err != nil {
		w.Fatalf("%s: %v in %q", op, err, text)
	}
	for _, fault := range w.check(schema["schema"].(map[string]any), value, "reply") {
		w.Errorf("%s %d: %s", op, res.StatusCode, fault)
	}
	return value
}

func field(v any, name string) string {
	o, _ := v.(map[string]any)
	text, _ := o[name].(string)
	return text
}

// Every operation is called for real, with success and with a refusal, and each reply fits its schema.
func TestRepliesFitTheDescription(t *testing.T) {
	t.Parallel()
	s := run.Start(t, run.Args("--auth-registration"))
	w := &walker{T: t, schemas: description(t), url: s.URL, seen: map[string][]string{}}
	s.AddAdmin(t, "ann")
	login := w.do("POST", "/auth/login", "/auth/login", `{"email":"ann@example.org","password":"`+run.Password+`"}`)
	jwt := "Authorization: Bearer " + field(login, "access_token")
	w.accounts(jwt, field(login, "refresh_token"))
	token := w.topicsAndTokens(jwt)
	w.messages(jwt, token)
	w.keys(jwt)
	w.end(jwt, token)
	w.covered()
}

func (w *walker) accounts(jwt, refresh string) {
	w.do("POST", "/auth/login", "/auth/login", `{"email":"ann@example.org","password":"wrong wrong"}`)
	w.do("POST", "/auth/login", "/auth/login", "x", "Content-Type: text/plain")
	w.do("POST", "/auth/refresh", "/auth/refresh", `{"refresh_token":"`+refresh+`"}`)
	w.do("POST", "/auth/refresh", "/auth/refresh", `{"refresh_token":"nothing"}`)
	w.do("GET", "/auth/me", "/auth/me", "", jwt)
	w.do("GET", "/auth/me", "/auth/me", "")
	w.do("GET", "/api/users/me", "/api/users/me", "", jwt)
	w.do("PATCH", "/api/users/me", "/api/users/me", `{"username":"anna"}`, jwt)
	w.do("PATCH", "/api/users/me", "/api/users/me", `{"username":"A B"}`, jwt)
	w.do("GET", "/api/users", "/api/users", "", jwt)
	bob := w.do("POST", "/api/users", "/api/users", `{"email":"bob@example.org","username":"bob","password":"correct horse battery"}`, jwt)
	w.do("POST", "/api/users", "/api/users", `{"email":"bob@example.org","username":"bob","password":"correct horse battery"}`, jwt)
	w.do("PATCH", "/api/users/{id}", "/api/users/"+field(bob, "id"), `{"disabled":true}`, jwt)
	w.do("DELETE", "/api/users/{id}", "/api/users/"+field(bob, "id"), "", jwt)
	w.do("DELETE", "/api/users/{id}", "/api/users/"+field(bob, "id"), "", jwt)
	w.do("POST", "/setup", "/setup", `{"code":"x","email":"a@example.org","username":"abc","password":"correct horse battery"}`)
	eve := w.do("POST", "/auth/register", "/auth/register", `{"email":"eve@example.org","username":"eve","password":"correct horse battery"}`)
	hers := "Authorization: Bearer " + field(eve, "access_token")
	w.do("POST", "/auth/password", "/auth/password", `{"current_password":"correct horse battery","new_password":"better horse battery"}`, hers)
	w.do("GET", "/api/events", "/api/events?limit=2", "", jwt)
	w.do("GET", "/api/events", "/api/events?kind=nothing", "", jwt)
	w.do("GET", "/api/events", "/api/events?before=x", "", jwt)
	w.secondFactor(hers)
	fay := w.do("POST", "/auth/register", "/auth/register", `{"email":"fay@example.org","username":"fay","password":"better horse battery"}`)
	w.enableSecondFactor("Authorization: Bearer " + field(fay, "access_token"))
	reset := "/api/users/" + field(fay.(map[string]any)["user"], "id") + "/reset-second-factor"
	w.do("POST", "/api/users/{id}/reset-second-factor", reset, "", jwt)
	w.do("POST", "/api/users/{id}/reset-second-factor", reset, "", jwt)
	w.do("DELETE", "/api/users/me", "/api/users/me", `{"password":"better horse battery"}`, hers)
}

// secondFactor turns one on, and off again.
func (w *walker) secondFactor(jwt string) {
	body := w.enableSecondFactor(jwt)
	w.do("POST", "/auth/second-factor/confirm", "/auth/second-factor/confirm", `{"current_password":"better horse battery","code":"nonsense"}`, jwt)
	w.do("GET", "/auth/second-factor", "/auth/second-factor", "", jwt)
	w.do("POST", "/auth/second-factor", "/auth/second-factor", "", jwt)
	w.do("POST", "/auth/second-factor/recovery-codes", "/auth/second-factor/recovery-codes", body(0), jwt)
	w.do("DELETE", "/auth/second-factor", "/auth/second-factor", body(1), jwt)
}

// enableSecondFactor turns one on, and returns the bodies that prove it with codes of later steps.
func (w *walker) enableSecondFactor(jwt string) func(step int64) string {
	fresh := w.do("POST", "/auth/second-factor", "/auth/second-factor", "", jwt)
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(field(fresh, "secret"), " ", ""))
	if err != nil {
		w.Fatal(err)
	}
	now := totp.Step(time.Now())
	body := func(step int64) string {
		return `{"current_password":"better horse battery","code":"` + totp.Code(secret, now+step) + `"}`
	}
	w.do("POST", "/auth/second-factor/confirm", "/auth/second-factor/confirm", `{"current_password":"better horse battery","code":"000"}`, jwt)
	for range 2 { // a step may end just before the code arrives
		now = totp.Step(time.Now())
		reply, _ := w.do("POST", "/auth/second-factor/confirm", "/auth/second-factor/confirm", body(-1), jwt).(map[string]any)
		if reply["recovery_codes"] != nil {
			break
		}
	}
	return body
}

func (w *walker) topicsAndTokens(jwt string) (token string) {
	const tokens = "/api/topics/{topic}/access-tokens"
	w.do("POST", "/api/topics", "/api/topics", `{"name":"my-topic","description":"x"}`, jwt)
	w.do("POST", "/api/topics", "/api/topics", `{"name":"my-topic"}`, jwt)
	w.do("POST", "/api/topics", "/api/topics", "x", jwt, "Content-Type: text/plain")
	w.do("POST", "/api/topics", "/api/topics", `{"name":"open-topic","access_level":"public","is_discoverable":true}`, jwt)
	for _, list := range []string{"/api/topics", "/api/topics/my", "/api/topics/public"} {
		w.do("GET", list, list, "", jwt)
		w.do("GET", list, list+"?limit=0", "", jwt)
	}
	w.do("GET", "/api/topics/{topic}", "/api/topics/my-topic", "", jwt)
	w.do("GET", "/api/topics/{topic}", "/api/topics/no-topic", "", jwt)
	w.do("PATCH", "/api/topics/{topic}", "/api/topics/my-topic", `{"display_name":"Mine","retention_hours":24}`, jwt)
	made := w.do("POST", tokens, "/api/topics/my-topic/access-tokens", `{"name":"CI","permissions":["publish","subscribe"]}`, jwt)
	other := w.do("POST", tokens, "/api/topics/my-topic/access-tokens",
		`{"name":"two","permissions":["publish"],"note":"n","expires_at":"2099-01-01T00:00:00Z","default_priority":4,"default_tags":["x"],"networks":["127.0.0.0/8"]}`, jwt)
	w.do("POST", tokens, "/api/topics/my-topic/access-tokens", `{"name":"none","permissions":[]}`, jwt)
	w.do("POST", tokens, "/api/topics/my-topic/access-tokens", `{"name":"`+strings.Repeat("x", 1<<15)+`"}`, jwt)
	w.do("POST", tokens, "/api/topics/my-topic/access-tokens", "x", jwt, "Content-Type: text/plain")
	id := "/api/topics/my-topic/access-tokens/" + field(other, "id")
	w.do("PATCH", tokens+"/{id}", id, `{"name":"three"}`, jwt)
	w.do("POST", tokens+"/{id}/rotate", id+"/rotate", `{"grace_seconds":60}`, jwt)
	w.graceBounded(tokens+"/{id}/rotate", id+"/rotate", jwt)
	w.do("GET", tokens+"/{id}", id, "", jwt)
	w.do("GET", tokens+"/{id}/usage", id+"/usage", "", jwt)
	w.do("GET", tokens+"/{id}/usage", id+"/usage?days=0", "", jwt)
	w.do("DELETE", tokens+"/{id}", id, "", jwt)
	w.do("PATCH", tokens+"/{id}", id, `{"name":"four"}`, jwt)
	w.do("POST", tokens+"/{id}/rotate", id+"/rotate", `{}`, jwt)
	w.do("GET", tokens, "/api/topics/my-topic/access-tokens", "", jwt)
	return "X-Topic-Token: " + field(made, "token")
}

// graceBounded: the longest grace that is described is the longest that is taken.
func (w *walker) graceBounded(pattern, path, jwt string) {
	w.Helper()
	grace, _ := w.resolve("#/components/schemas/RotateRequest")["properties"].(map[string]any)["grace_seconds"].(map[string]any)
	most, err := strconv.Atoi(fmt.Sprint(grace["maximum"]))
	if err != nil {
		w.Errorf("the longest grace is not described: %v", err)
	}
	for seconds, want := range map[int]string{most: "200", most + 1: "422"} {
		w.do("POST", pattern, path, fmt.Sprintf(`{"grace_seconds":%d}`, seconds), jwt)
		if seen := w.seen["post "+pattern]; seen[len(seen)-1] != want {
			w.Errorf("a grace of %d s is answered with %s, want %s", seconds, seen[len(seen)-1], want)
		}
	}
}

func (w *walker) messages(jwt, token string) {
	w.do("POST", "/{topic}", "/my-topic", "hello", token, "X-Title: T", "X-URL: https://example.org", "X-Actions: view, Open, https://example.org")
	sent := w.do("PUT", "/{topic}", "/my-topic", `{"message":"hi","tags":["a"],"priority":5,"markdown":true}`, token)
	w.do("POST", "/{topic}", "/my-topic", "hello", "X-Topic-Token: tk_wrong")
	w.do("POST", "/{topic}", "/my-topic", "hello", token, "X-Priority: 9")
	for _, verb := range []string{"publish", "send", "trigger"} {
		w.do("POST", "/{topic}/"+verb, "/my-topic/"+verb+"?title=Door", "ding", token)
		w.do("GET", "/{topic}/"+verb, "/my-topic/"+verb+"?message=ding&title=Door&priority=high&tags=door", "", token)
	}
	for _, method := range []string{"POST", "PUT"} {
		w.do(method, "/", "/", `{"topic":"my-topic","message":"as to ntfy","tags":["x"]}`, token)
		w.do(method, "/", "/", `{"topic":"open-topic","message":"as to ntfy"}`, token)
		w.do(method, "/message", "/message", `{"message":"as to Gotify","priority":8}`, "X-Gotify-Key: "+strings.TrimPrefix(token, "X-Topic-Token: "))
		w.do(method, "/message", "/message", `{"message":"as to Gotify"}`, "X-Gotify-Key: A0123456789.abc")
	}
	w.do("PUT", "/{topic}/{file}", "/my-topic/backup.log", "copied", token)
	w.do("PUT", "/{topic}/{file}", "/my-topic/backup.log", "copied", "X-Topic-Token: wrong")
	w.do("PUT", "/{topic}", "/my-topic", "\x0b\x02\x80hello\x03", token, "Content-Encoding: br")
	w.do("POST", "/{topic}", "/my-topic", "\x0b\x02\x80hello\x03", token, "Content-Encoding: br")
	w.do("POST", "/{topic}", "/my-topic", strings.Repeat("x", 1<<17), token)
	w.do("POST", "/{topic}", "/my-topic", `{"text":"as to Slack","channel":"#ops"}`, token)
	w.do("POST", "/{topic}/send", "/my-topic/send", `{"embeds":[{"title":"as to Discord"}]}`, token)
	w.do("GET", "/{topic}", "/my-topic", "", token)
	w.do("GET", "/{topic}/json", "/my-topic/json?since=all", "", token)
	w.do("GET", "/{topic}/json", "/my-topic/json?since=soon", "", token)
	w.do("GET", "/api/topics/{topic}/messages", "/api/topics/my-topic/messages?q=h", "", jwt)
	w.do("GET", "/api/topics/{topic}/alerts", "/api/topics/my-topic/alerts?status=all", "", jwt)
	w.do("GET", "/api/topics/{topic}/alerts", "/api/topics/my-topic/alerts?status=some", "", jwt)
	w.do("GET", "/api/topics/{topic}/stats", "/api/topics/my-topic/stats", "", jwt)
	for _, path := range []string{"/api/messages", "/api/messages/search", "/api/messages/recent", "/api/messages/activity"} {
		w.do("GET", path, path, "", jwt)
	}
	w.do("GET", "/api/topics/{topic}/messages/{id}", "/api/topics/my-topic/messages/"+field(sent, "id"), "", token)
	w.do("GET", "/api/topics/{topic}/messages/{id}", "/api/topics/my-topic/messages/none", "", token)
	w.do("PATCH", "/api/{topic}/messages/{id}", "/api/my-topic/messages/"+field(sent, "id"), `{"message":"better"}`, jwt)
	w.do("GET", "/{topic}/json", "/my-topic/json", "", token)
	w.do("DELETE", "/api/{topic}/messages/{id}", "/api/my-topic/messages/"+field(sent, "id"), "", jwt)
	w.do("POST", "/api/sse/sessions", "/api/sse/sessions", `{"topics":["my-topic","open-topic"]}`, jwt)
	w.do("GET", "/{topic}/sse", "/my-topic/sse", "")
	w.do("GET", "/{topic}/ws", "/my-topic/ws", "", token)
	w.do("GET", "/sse", "/sse?topics=my-topic", "")
	w.do("GET", "/sse", "/sse", "")
}

func (w *walker) keys(jwt string) {
	key := w.do("POST", "/api/keys", "/api/keys", `{"name":"k","scopes":["publish"],"expires_at":"2099-01-01"}`, jwt)
	w.do("POST", "/api/keys", "/api/keys", `{"name":"k","scopes":["everything"]}`, jwt)
	w.do("GET", "/api/keys", "/api/keys", "", jwt)
	w.do("GET", "/api/keys", "/api/keys", "", "X-API-Key: "+field(key, "key"))
	for _, path := range []string{"/api/topics", "/api/topics/my", "/api/topics/public", "/auth/me", "/api/users/me"} {
		w.do("GET", path, path, "", "X-API-Key: "+field(key, "key"))
	}
	w.do("PATCH", "/api/keys/{id}", "/api/keys/"+field(key, "id"), `{"topics":["my-*"]}`, jwt)
	w.do("PATCH", "/api/keys/{id}", "/api/keys/"+field(key, "id"), `{"topics":[]}`, jwt)
	all := w.do("POST", "/api/keys", "/api/keys", `{"name":"all"}`, jwt)
	w.do("POST", "/auth/logout", "/auth/logout", "", "X-API-Key: "+field(all, "key"))
	w.do("POST", "/api/keys/{id}/revoke", "/api/keys/"+field(key, "id")+"/revoke", "", jwt)
	w.do("DELETE", "/api/keys/{id}", "/api/keys/"+field(key, "id"), "", jwt)
}

func (w *walker) end(jwt, token string) {
	for _, path := range []string{"/healthz", "/readyz", "/openapi.json"} {
		w.do("GET", path, path, "")
	}
	w.do("POST", "/api/access-token/report", "/api/access-token/report", "", jwt)
	w.do("DELETE", "/api/access-token", "/api/access-token", "", jwt)
	w.do("POST", "/api/access-token/report", "/api/access-token/report", "", token)
	w.do("DELETE", "/api/access-token", "/api/access-token", "", token)
	w.do("DELETE", "/api/access-token", "/api/access-token", "", token)
	w.do("DELETE", "/api/topics/{topic}", "/api/topics/my-topic", "", jwt)
	w.do("POST", "/auth/logout", "/auth/logout", "", jwt)
	w.do("POST", "/auth/logout", "/auth/logout", "", jwt)
}

// streaming operations answer with something else than JSON; other tests read them.
var streaming = []string{"get /sse", "get /{topic}/sse", "get /{topic}/ws", "get /{topic}", "post /setup"}

// covered fails for operations that were never called with success.
func (w *walker) covered() {
	for path, methods := range w.root["paths"].(map[string]any) {
		for method := range methods.(map[string]any) {
			op := method + " " + path
			good := slices.ContainsFunc(w.seen[op], func(status string) bool { return status[0] == '2' })
			if !good && !slices.Contains(streaming, op) {
				w.Errorf("%s was never called with success: %v", op, w.seen[op])
			}
		}
	}
}

// A validator that accepts everything would prove nothing.
func TestTheValidatorRefuses(t *testing.T) {
	t.Parallel()
	s := description(t)
	for text, want := range map[string]string{
		`{"detail":1}`:                "no string",
		`{}`:                          "detail is missing",
		`{"detail":"x","other":true}`: "not in the description",
	} {
		value, err := decodeAny(text)
		if err != nil {
			t.Fatal(err)
		}
		faults := strings.Join(s.check(s.resolve("#/components/schemas/Error"), value, "reply"), "\n")
		if !strings.Contains(faults, want) {
			t.Errorf("%s: %q, want %q", text, faults, want)
		}
	}
}

// Every operation has a name of its own, by which generators of clients name their functions, a summary, and an example of what is sent or answered, which fits.
func TestOperationsHaveNamesAndExamples(t *testing.T) {
	t.Parallel()
	s := description(t)
	names := map[string]string{}
	for path, methods := range s.root["paths"].(map[string]any) {
		for method, o := range methods.(map[string]any) {
			op, operation := method+" "+path, o.(map[string]any)
			name := field(operation, "operationId")
			if !regexp.MustCompile(`^[a-z][A-Za-z]+$`).MatchString(name) || names[name] != "" {
				t.Errorf("%s has the operationId %q, as has %q", op, name, names[name])
			}
			names[name] = op
			if field(operation, "summary") == "" {
				t.Errorf("%s has no summary", op)
			}
			if s.examples(t, op, operation) == 0 {
				t.Errorf("%s has no example", op)
			}
		}
	}
}

// examples checks those of an operation and counts them. Where neither is anything sent nor answered, none is needed.
func (s schemas) examples(t *testing.T, op string, operation map[string]any) int {
	t.Helper()
	found, empty := 0, true
	note := func(schema map[string]any, example any, at string) {
		if empty = false; example == nil {
			example = s.example(schema)
		}
		if example == nil {
			return
		}
		found++
		for _, fault := range s.check(schema, example, at) {
			t.Errorf("%s: the example: %s", op, fault)
		}
	}
	media := func(of any, at string) {
		content, _ := of.(map[string]any)["content"].(map[string]any)
		for kind, m := range content {
			note(m.(map[string]any)["schema"].(map[string]any), m.(map[string]any)["example"], at+" "+kind)
		}
	}
	if body, ok := operation["requestBody"].(map[string]any); ok {
		media(body, "body")
	}
	for status, reply := range operation["responses"].(map[string]any) {
		if status[0] == '2' {
			media(reply, status)
		}
	}
	list, _ := operation["parameters"].([]any)
	for _, p := range list {
		if example := p.(map[string]any)["example"]; example != nil {
			note(p.(map[string]any)["schema"].(map[string]any), example, field(p, "name"))
		}
	}
	if empty {
		return 1
	}
	return found
}

// example is what the description gives for a kind of value, nil for nothing.
func (s schemas) example(schema map[string]any) any {
	if ref, ok := schema["$ref"].(string); ok {
		return s.example(s.resolve(ref))
	}
	if items, ok := schema["items"].(map[string]any); ok && schema["example"] == nil {
		if one := s.example(items); one != nil {
			return []any{one}
		}
	}
	return schema["example"]
}
