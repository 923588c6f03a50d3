package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/auth/argon"
	"notifer/server/config"
	"notifer/server/daemon"
)

// doors are the ways by which things are made: the HTTP interface, the forms, the command line and the declarations. All
// work on one store.
type doors struct {
	t      *testing.T
	s      *server.Server
	d      *db.DB
	rnd    *rand.Rand
	config string
	dir    string
	cookie *http.Cookie
	jwt    string
	edited string // path of a message that is edited again and again

	messages int // tried so far
}

const doorsConfig = `[auth]
argon2_memory = 64
argon2_time = 1
[tokens]
max_expiry = "2160h"
max_per_topic = 100000
[limits]
keys_per_account = 0
`

const doorsPassword = "correct horse battery"

func newDoors(t *testing.T) *doors {
	t.Helper()
	k := &doors{t: t, rnd: rand.New(rand.NewPCG(1, 2)), config: writeFile(t, "notifer.toml", doorsConfig), dir: dbtest.Dir(t) + "/data"}
	password := writeFile(t, "password", doorsPassword)
	if code, _, errs := k.command("user", "add", "ann@home.example", "--username", "ann", "--admin", "--password-file", password); code != 0 {
		t.Fatal(errs)
	}
	d, err := db.Open(k.dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := daemon.ServerConfig(config.Default(), slog.New(slog.DiscardHandler), "dev")
	if err != nil {
		t.Fatal(err)
	}
	c.MaxExpiry, c.AnonymousPerMinute, c.Auth.MaxTokens, c.Auth.MaxKeys = 90*24*time.Hour, 1<<30, 100_000, 0
	c.Auth.Params = argon.Params{Memory: 64, Time: 1, Threads: 1}
	s, err := server.New(t.Context(), d, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(t.Context()); d.Close() })
	k.s, k.d = s, d
	var login struct {
		Access string `json:"access_token"`
	}
	if status := k.api("POST", "/auth/login", map[string]any{"email": "ann", "password": doorsPassword}, &login); status != 200 {
		t.Fatal("login: ", status)
	}
	k.jwt = login.Access
	res := k.serve(form("/login", url.Values{"email": {"ann"}, "password": {doorsPassword}}))
	if cookies := res.Result().Cookies(); len(cookies) > 0 {
		k.cookie = cookies[0]
	} else {
		t.Fatal("sign in: ", res.Code, res.Body)
	}
	return k
}

func (k *doors) command(args ...string) (int, string, string) {
	return run(k.t, slices.Concat(args[:2], []string{"--config", k.config, "--data-dir=" + k.dir}, args[2:])...)
}

func (k *doors) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.RemoteAddr = "127.0.0.1:1"
	k.s.ServeHTTP(w, r)
	return w
}

func (k *doors) api(method, path string, body, out any) int {
	k.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		k.t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(b))
	r.Header.Set("Content-Type", "application/json")
	if k.jwt != "" {
		r.Header.Set("Authorization", "Bearer "+k.jwt)
	}
	w := k.serve(r)
	if out != nil && w.Code < 300 {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			k.t.Fatal(err)
		}
	}
	return w.Code
}

func form(path string, values url.Values) *http.Request {
	r := httptest.NewRequest("POST", path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (k *doors) post(path string, values url.Values) int {
	r := form(path, values)
	r.AddCookie(k.cookie)
	return k.serve(r).Code
}

// declares reports whether the configuration may hold a declaration.
func (k *doors) declares(text string) bool {
	file := writeFile(k.t, "declared.toml", doorsConfig+text)
	code, _, _ := run(k.t, "config", "check", "--config", file, "--data-dir="+k.dir)
	return code == 0
}

// verdict is what one door says: accepted, refused, or that it cannot say such a thing.
type verdict string

const (
	accepted verdict = "accepted"
	refused  verdict = "refused"
	unable   verdict = ""
)

func saidBy(ok bool) verdict {
	if ok {
		return accepted
	}
	return refused
}

// agree demands one verdict of all doors that can say it.
func (k *doors) agree(what string, api, form, command, declaration verdict) bool {
	seen := api
	for _, v := range []verdict{form, command, declaration} {
		if v != unable && seen != unable && v != seen {
			k.t.Errorf("%s: API %s, form %s, command %s, declaration %s", what, api, form, command, declaration)
			return false
		}
		if v != unable {
			seen = v
		}
	}
	return true
}

// one draws among values.
func one[T any](k *doors, values ...T) T { return values[k.rnd.IntN(len(values))] }

// word draws a text: of the good, the bad and the odd.
func (k *doors) word() string {
	return one(k, "CI", "  The  job ", "", " ", "a\tb", "ünï", "名前", strings.Repeat("x", 1+k.rnd.IntN(300)), strings.Repeat("ä", 1+k.rnd.IntN(70)), "a\u202eb", "\u200b",
		"a\x7fb", "<b>", `"quoted"`, "job "+strconv.Itoa(k.rnd.IntN(1000)), "x"+string(rune(0x20+k.rnd.IntN(0x300))))
}

func (k *doors) topicName() string {
	return one(k, "api", "message", "docs", "topic_aaaaaaaaaaaaaaaa", "Abc", "ab", "a b", "", "inbox", "webhooks", strings.Repeat("a", 60+k.rnd.IntN(8)),
		"ok-"+strconv.Itoa(k.rnd.IntN(1000)), "ok_"+strconv.Itoa(k.rnd.IntN(1000)), "x"+string(rune(0x21+k.rnd.IntN(0x100)))+"yz")
}

// tomlText writes a basic string.
func tomlText(s string) string {
	b := []byte(`"`)
	for _, r := range s {
		if r < 0x20 || r == 0x7f || r == '"' || r == '\\' {
			b = fmt.Appendf(b, `\u%04x`, r)
		} else {
			b = utf8.AppendRune(b, r)
		}
	}
	return string(append(b, '"'))
}

// TestFourDoorsGiveOneVerdict: what one of the API, a form, a command and a declaration accepts, all accept.
func TestFourDoorsGiveOneVerdict(t *testing.T) {
	inputs := 200
	if testing.Short() { // with the race detector each input takes ten times as long
		inputs = 25
	}
	for noun, try := range map[string]func(*doors) bool{"topic": (*doors).tryTopic, "token": (*doors).tryToken, "key": (*doors).tryKey,
		"account": (*doors).tryAccount, "message": (*doors).tryMessage} {
		t.Run(noun, func(t *testing.T) {
			t.Parallel()
			k, differences := newDoors(t), 0
			for range inputs {
				if !try(k) {
					differences++
				}
			}
			t.Logf("%d inputs through every door, %d differences", inputs, differences)
		})
	}
}

func (k *doors) tryTopic() bool {
	name, access, description := k.topicName(), one(k, "public", "protected", "private", "secret", "Public"), one(k, "", "the east wing", strings.Repeat("ä", 1990+k.rnd.IntN(20)))
	gone := func(ok bool) verdict {
		if ok {
			if status := k.api("DELETE", "/api/topics/"+name, nil, nil); status != 204 {
				k.t.Fatalf("DELETE %s = %d", name, status)
			}
		}
		return saidBy(ok)
	}
	byAPI := gone(k.api("POST", "/api/topics", map[string]any{"name": name, "access_level": access, "description": description}, nil) == 201)
	byForm := gone(k.post("/topics", url.Values{"name": {name}, "access": {access}, "description": {description}}) == 303)
	code, _, _ := k.command("topic", "create", "--access", access, "--description", description, "--", name)
	byCommand := gone(code == 0)
	byFile := saidBy(k.declares(fmt.Sprintf("[[topic]]\nname = %s\nowner = \"ann\"\naccess_level = %s\ndescription = %s\n", tomlText(name), tomlText(access), tomlText(description))))
	return k.agree(fmt.Sprintf("topic %q %q %d", name, access, len(description)), byAPI, byForm, byCommand, byFile)
}

func (k *doors) tryToken() bool {
	for _, topic := range []string{"doors-open", "doors-private"} {
		if _, err := k.d.Topic(k.t.Context(), topic); err != nil {
			level := strings.TrimPrefix(strings.Replace(topic, "open", "public", 1), "doors-")
			k.api("POST", "/api/topics", map[string]any{"name": topic, "access_level": level}, nil)
		}
	}
	topic, level := "doors-private", "private"
	if k.rnd.IntN(8) == 0 {
		topic, level = "doors-open", "public"
	}
	name, note := k.word(), one(k, "", "", "in the hall", k.word())
	permissions := one(k, []string{"publish"}, []string{"subscribe"}, []string{"publish", "subscribe"}, []string{"publish,subscribe"}, []string{"admin"}, []string{"publish", " "})
	days := one(k, 0, 1, 30, 89, 92, 365, 2_700_000)
	path := "/api/topics/" + topic + "/access-tokens"
	gone := func(ok bool) verdict {
		if ok {
			list, err := k.d.Tokens(k.t.Context(), k.topicID(topic))
			if err != nil || len(list) == 0 {
				k.t.Fatal("no token: ", err)
			}
			for _, made := range list {
				if made.RevokedAt.IsZero() {
					k.api("DELETE", path+"/"+made.ID, nil, nil)
				}
			}
		}
		return saidBy(ok)
	}
	body := map[string]any{"name": name, "note": note, "permissions": permissions}
	fields := url.Values{"name": {name}, "note": {note}, "permissions": permissions, "expires": {"never"}, "new_network": {"1"}}
	args := []string{"token", "create", "--note", note, "--permissions", strings.Join(permissions, ",")}
	byFile, byCommand := unable, unable
	if days > 0 {
		end := time.Now().AddDate(0, 0, days)
		body["expires_at"] = end.UTC().Format(time.RFC3339)
		fields.Set("expires", "date")
		fields.Set("date", end.AddDate(0, 0, -1).Format(time.DateOnly))
		if days == 1 {
			fields.Set("date", end.Format(time.DateOnly))
		}
		args = append(args, "--expires-in", strconv.Itoa(days)+"d")
	}
	byAPI := gone(k.api("POST", path, body, nil) == 201)
	byForm := gone(k.post("/topic/"+topic+"/settings/tokens", fields) == 303)
	code, _, _ := k.command(append(args, "--", topic, name)...)
	byCommand = gone(code == 0)
	if note == "" && days > 0 && days < 90 { // a declared token has neither a note nor an end
		byFile = saidBy(k.declares(fmt.Sprintf("[[topic]]\nname = \"doors\"\nowner = \"ann\"\naccess_level = %q\n[[topic.token]]\nname = %s\npermissions = [%s]\nhash = \"x\"\n",
			level, tomlText(name), tomlList(permissions))))
	}
	ok := k.agree(fmt.Sprintf("token %q, note %q, %q, %d days, %s", name, note, permissions, days, topic), byAPI, byForm, byCommand, byFile)

	// What neither a command nor a declaration can say.
	networks := one(k, "10.0.0.0/8", "::1", "house", "10.0.0.0/8,,::1", strings.Repeat("10.0.0.0/8,", 100)+"::1", "10.0.0.300", "")
	priority, tags := one(k, "0", "1", "5", "6", "-1"), one(k, "", "nas", "a b", "ü", "A,b, c", strings.Repeat("x", 65))
	list := []string{}
	if networks != "" {
		list = strings.Split(networks, ",")
	}
	n, _ := strconv.Atoi(priority)
	body = map[string]any{"name": "odd", "permissions": []string{"publish"}, "networks": list, "default_priority": n, "default_tags": strings.Split(tags, ","),
		"expires_at": time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339)}
	fields = url.Values{"name": {"odd"}, "permissions": {"publish"}, "networks": {networks}, "priority": {priority}, "tags": {tags}, "expires": {"30"}}
	topic, path = "doors-private", "/api/topics/doors-private/access-tokens"
	byAPI = gone(k.api("POST", path, body, nil) == 201)
	byForm = gone(k.post("/topic/"+topic+"/settings/tokens", fields) == 303)
	return k.agree(fmt.Sprintf("token with networks %.40q, priority %s, tags %q", networks, priority, tags), byAPI, byForm, unable, unable) && ok
}

func (k *doors) topicID(name string) int64 {
	t, err := k.d.Topic(k.t.Context(), name)
	if err != nil {
		k.t.Fatal(err)
	}
	return t.ID
}

func tomlList(list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, tomlText(s))
	}
	return strings.Join(out, ", ")
}

func (k *doors) tryKey() bool {
	name := k.word()
	scopes := one(k, []string{"*"}, []string{"publish", "topics:read"}, []string{"publish", "publish"}, []string{"admin"}, []string{"publish", ""})
	days := one(k, 0, 1, 365, 36500, 2_700_000)
	body := map[string]any{"name": name, "scopes": scopes}
	fields := url.Values{"name": {name}, "scopes": scopes}
	args := []string{"key", "create", "--scopes", strings.Join(scopes, ",")}
	if topics := one(k, "", "", "door", "backup-*, door", "ab", "Door", "*", "[a]*", strings.Repeat("x", 62)+k.word()+"*"); topics != "" {
		body["topics"], args = []string{topics}, append(args, "--topics", topics)
		fields.Set("topics", topics)
	}
	if days > 0 {
		body["expires_at"] = time.Now().AddDate(0, 0, days).UTC().Format(time.RFC3339)
		fields.Set("expires", strconv.Itoa(days))
		args = append(args, "--expires-in", strconv.Itoa(days)+"d")
	}
	byAPI := saidBy(k.api("POST", "/api/keys", body, nil) == 201)
	byForm := saidBy(k.post("/settings/keys", fields) == 303)
	code, _, _ := k.command(append(args, "--", "ann", name)...)
	return k.agree(fmt.Sprintf("key %q, %q, %q, %d days", name, scopes, body["topics"], days), byAPI, byForm, saidBy(code == 0), unable)
}

func (k *doors) tryAccount() bool {
	email := one(k, "bob@home.example", " bob@home.example ", "BOB@home.example", "bob", "Bob <bob@home.example>", "bob@", "ann@home.example", strings.Repeat("x", 250)+"@home.example")
	username := one(k, "bob", " bob ", "Bob", "bo", "b b", "bob_9-x", strings.Repeat("b", 30+k.rnd.IntN(5)), "ann", "böb")
	password := one(k, doorsPassword, doorsPassword, "short", "password", strings.Repeat("x", 120+k.rnd.IntN(20)), strings.Repeat("ä", 8), "1234567")
	gone := func(ok bool) verdict {
		if ok {
			users, err := k.d.Users(k.t.Context())
			i := slices.IndexFunc(users, func(u db.User) bool { return u.Username != "ann" })
			if err != nil || i < 0 {
				k.t.Fatal("no account: ", err)
			}
			if status := k.api("DELETE", "/api/users/"+users[i].ID, nil, nil); status != 204 {
				k.t.Fatal("delete the account: ", status)
			}
		}
		return saidBy(ok)
	}
	file := writeFile(k.t, "password", password)
	byAPI := gone(k.api("POST", "/api/users", map[string]any{"email": email, "username": username, "password": password}, nil) == 201)
	byForm := gone(k.post("/admin/users", url.Values{"email": {email}, "username": {username}, "password": {password}}) == 303)
	code, _, _ := k.command("user", "add", "--username", username, "--password-file", file, "--", email)
	byCommand := gone(code == 0)
	byFile := unable
	if email != "ann@home.example" { // a declaration of an account that is there changes it
		declared := writeFile(k.t, "users.toml", doorsConfig+fmt.Sprintf("[[user]]\nemail = %s\nusername = %s\npassword_file = %q\n", tomlText(email), tomlText(username), file))
		code, out, _ := run(k.t, "config", "apply", "--config", declared, "--data-dir="+k.dir)
		byFile = gone(code == 0 && !strings.HasPrefix(out, "leave out")) // a username that another account has stops no start
	}
	return k.agree(fmt.Sprintf("account %q, %q, %q", email, username, password), byAPI, byForm, byCommand, byFile)
}

// tryMessage gives a message to strict publishing, as JSON and as headers, to the form of a topic's page, and its text and title
// to the edit of another.
func (k *doors) tryMessage() bool {
	k.messages++
	topic := fmt.Sprint("doors-", k.messages/8) // a form that is refused shows the topic's messages, and these are long
	k.api("POST", "/api/topics", map[string]any{"name": topic}, nil)
	text := one(k, "hello", "hello", "two\nlines", strings.Repeat("x", 65530+k.rnd.IntN(12)), k.word()+"x")
	title := one(k, "", "Disk", "a\tb", "a\nb", strings.Repeat("ä", 245+k.rnd.IntN(10)), "a\u2028b", "\u2066a\u2069", "\u202ea", strings.TrimSpace(k.word()))
	priority, tags := one(k, 1, 3, 5, 0, 6, 9), one(k, "", "nas", "a b", "A,b, c,,", "ü", "host:nas", strings.Repeat("x", 62+k.rnd.IntN(5)))
	body := map[string]any{"message": text, "title": title, "priority": priority, "tags": strings.Split(tags, ",")}
	b, err := json.Marshal(body)
	if err != nil {
		k.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/"+topic, bytes.NewReader(b))
	r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + k.jwt}, "X-Strict": {"1"}}
	byJSON := saidBy(k.serve(r).Code == 200)
	r = httptest.NewRequest("POST", "/"+topic, strings.NewReader(text))
	r.Header = http.Header{"Authorization": {"Bearer " + k.jwt}, "X-Strict": {"1"}, "X-Title": {title}, "X-Priority": {strconv.Itoa(priority)}, "X-Tags": {tags}}
	byHeaders := saidBy(k.serve(r).Code == 200)
	byForm := saidBy(k.post("/topic/"+topic+"/messages", url.Values{"message": {text}, "title": {title}, "priority": {strconv.Itoa(priority)}, "tags": {tags}}) == 303)
	ok := k.agree(fmt.Sprintf("message %.40q (%d bytes), title %.40q, priority %d, tags %q", text, len(text), title, priority, tags), byJSON, byForm, byHeaders, unable)

	// An edit judges a text and a title as publishing does.
	if k.edited == "" {
		var m struct {
			ID string `json:"id"`
		}
		if status := k.api("POST", "/"+topic, map[string]any{"message": "first"}, &m); status != 200 {
			k.t.Fatal("publish: ", status)
		}
		k.edited = "/api/" + topic + "/messages/" + m.ID
	}
	byEdit := saidBy(k.api("PATCH", k.edited, map[string]any{"message": text, "title": title}, nil) == 200)
	if b, err = json.Marshal(map[string]any{"message": text, "title": title}); err != nil {
		k.t.Fatal(err)
	}
	r = httptest.NewRequest("POST", "/"+topic, bytes.NewReader(b))
	r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + k.jwt}, "X-Strict": {"1"}}
	byJSON = saidBy(k.serve(r).Code == 200)
	return k.agree(fmt.Sprintf("edit to %.40q (%d bytes), title %.40q: published, then edited", text, len(text), title), byJSON, unable, byEdit, unable) && ok
}
