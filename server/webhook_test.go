package server_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/shape"
)

// shaped makes a token of a shape.
func (h *home) shaped(topic, id string, more map[string]any) api.Token {
	h.t.Helper()
	in := map[string]any{"name": "t-" + id, "permissions": []string{"publish"}, "shape": id}
	for k, v := range more {
		in[k] = v
	}
	var t api.Token
	h.call("POST", "/api/topics/"+topic+"/access-tokens", h.jwt, in, http.StatusCreated, &t)
	return t
}

// request is the body of a payload with its headers.
func request(c shape.Case) (body []byte, headers []string) {
	body = []byte(c.Body)
	switch {
	case c.Type == "none":
	case strings.HasPrefix(c.Type, "multipart/"):
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		_, field, named := strings.Cut(c.Type, "field=")
		if !named {
			field = "payload"
		}
		_ = form.WriteField(field, c.Body)
		picture, _ := form.CreateFormFile("thumb", "thumb.jpg")
		_, _ = picture.Write([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00"))
		_ = form.Close()
		body, headers = b.Bytes(), []string{"Content-Type", form.FormDataContentType()}
	case c.Type != "":
		headers = []string{"Content-Type", c.Type}
	default:
		headers = []string{"Content-Type", "application/json"}
	}
	for k, v := range c.Headers {
		headers = append(headers, k, v)
	}
	return body, append(headers, "Accept", "application/json") // and not what Slack would say
}

// posted posts a payload and returns the answer.
func (h *home) posted(topic, token string, c shape.Case) (api.Message, int) {
	h.t.Helper()
	body, headers := request(c)
	rec := h.sent("POST", "/"+topic+"?token="+token, body, headers...)
	var m api.Message
	if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil {
		h.t.Fatalf("%s: %d %s", c.Name, rec.Code, rec.Body)
	}
	return m, rec.Code
}

// TestShapesOfTokens posts the payload of every program with a token of its shape, and the well-known ones without: the messages are
// those expected.
func TestShapesOfTokens(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	bare := h.token("ops-east", "bare", "publish").Token
	for _, s := range shape.All() {
		token := h.shaped("ops-east", s.ID, nil).Token
		e, err := s.Examples()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range e.Cases {
			got, status := h.posted("ops-east", token, c)
			want := c.Messages()
			if status != http.StatusOK || !alike(got, want[0]) || len(want) > 1 && len(got.Messages) != len(want) {
				t.Errorf("%s, %s: %d %+v\nwant %+v", s.ID, c.Name, status, got, want)
			}
			if len(got.Warnings) > 0 {
				t.Errorf("%s, %s: %v", s.ID, c.Name, got.Warnings)
			}
			payload, _ := c.Payload()
			if shape.RecogniseText(c.Body, payload.Header) != s || strings.HasSuffix(c.Type, "urlencoded") && s.ID != "github" {
				continue
			}
			if got, _ := h.posted("ops-east", bare, c); !alike(got, want[0]) {
				t.Errorf("%s, %s, without a shape: %+v\nwant %+v", s.ID, c.Name, got, want[0])
			}
		}
	}
	var stored []api.Message
	h.call("GET", "/ops-east/json?limit=100", h.jwt, nil, http.StatusOK, &stored)
	if len(stored) < 60 {
		t.Errorf("%d messages are stored", len(stored))
	}
}

func alike(got api.Message, want shape.Message) bool {
	title := ""
	if got.Title != nil {
		title = *got.Title
	}
	text, priority := want.Text, want.Priority
	if text == "" {
		text, want.Title = want.Title, ""
	}
	if priority == "" {
		priority = "3"
	}
	status := ""
	if want.Key != "" {
		status = map[bool]string{false: "open", true: "resolved"}[want.Resolved]
	}
	return title == want.Title && got.Message == text && string(rune('0'+got.Priority)) == priority && got.URL == want.Link && got.Key == want.Key && got.Status == status &&
		len(got.Tags) == len(want.Tags) && got.Markdown == want.Markdown
}

// TestAnswers: who sends to Slack hears ok, and who sends to Discord nothing, as from these: others would be taken for failures.
func TestAnswers(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	bare, discord := h.token("ops-east", "bare", "publish").Token, h.shaped("ops-east", "discord", nil).Token
	for _, c := range []struct {
		token, query, body, accept string
		status                     int
		answer                     string
	}{
		{bare, "", `{"text":"a","channel":"#ops"}`, "", 200, "ok"},
		{bare, "", `{"text":"a","channel":"#ops"}`, "application/json, */*", 200, `{"id":`},
		{bare, "", `{"text":"a"}`, "", 200, `{"id":`},
		{bare, "", `{"embeds":[{"title":"a"}]}`, "", 204, ""},
		{discord, "", `{"content":"a"}`, "*/*", 204, ""},
		{discord, "&wait=true", `{"content":"a"}`, "", 200, `{"id":`},
		{discord, "", `{"strange":"a"}`, "", 200, `{"id":`},
	} {
		rec := h.sent("POST", "/ops-east?token="+c.token+c.query, []byte(c.body), "Content-Type", "application/json", "Accept", c.accept)
		if rec.Code != c.status || !strings.HasPrefix(rec.Body.String(), c.answer) || c.answer == "ok" && rec.Body.Len() != 2 || c.status == 204 && rec.Body.Len() > 0 {
			t.Errorf("%s, Accept %q: %d %s", c.body, c.accept, rec.Code, rec.Body)
		}
	}
}

// TestPayloadsThatFitNothing are stored readable, with a warning that the token's page shows.
func TestPayloadsThatFitNothing(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.shaped("ops-east", "alertmanager", nil)
	for body, want := range map[string]string{
		`{"strange": {"deep": 1}}`:                  `"deep": 1`,
		`{"alerts": []}`:                            `"alerts": []`,
		`{"alerts": [{"status": "firing"}], "x":1}`: "firing",
		`{"text": "hello"}`:                         "hello",
		`not JSON at all`:                           "not JSON at all",
		`[1, 2]`:                                    "1,",
		`{"alerts": ` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`: "[",
	} {
		got, status := h.posted("ops-east", token.Token, shape.Case{Name: body, Body: body})
		title := ""
		if got.Title != nil {
			title = *got.Title
		}
		if status != http.StatusOK || !strings.Contains(title+got.Message, want) {
			t.Errorf("%s: %d %+v", body, status, got)
		}
		if !strings.Contains(strings.Join(got.Warnings, " "), "/docs/webhooks") {
			t.Errorf("%s: warnings %v", body, got.Warnings)
		}
	}
	var shown api.Token
	h.call("GET", "/api/topics/ops-east/access-tokens/"+token.ID, h.jwt, nil, http.StatusOK, &shown)
	if shown.WarningCount == 0 || shown.LastWarning == "" || shown.Shape != "alertmanager" {
		t.Errorf("the token shows %+v", shown)
	}
	rec := h.sent("POST", "/ops-east?token="+token.Token, []byte(`{"strange":1}`), "Content-Type", "application/json", "X-Strict", "1")
	if rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("strict: %d %s", rec.Code, rec.Body)
	}
}

// TestOddBodies: what a program sends is read as what it is, whatever it says of its type, and brackets in brackets cost nothing.
func TestOddBodies(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	bare, kuma := h.token("ops-east", "bare", "publish").Token, h.shaped("ops-east", "uptime-kuma", nil).Token
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	for _, c := range []struct{ token, kind, body, title, text string }{
		{bare, "application/json", deep, "", "[[[["},
		{kuma, "application/json", deep, "", "[[[["},
		{kuma, "application/json", `{"a":` + deep + `}`, "", `{"a":[[[[`},
		{kuma, "application/x-www-form-urlencoded", `{"Title":"Uptime Kuma Alert","Body":"it is down"}`, "Uptime Kuma Alert", "it is down"}, // a body of one's own
		{bare, "application/x-www-form-urlencoded", "payload=" + url.QueryEscape(`{"text":"hello","username":"bot"}`), "bot", "hello"},      // as Slack takes it too
		{bare, "multipart/form-data; field=payload_json", `{"content":"hello","username":"bot"}`, "bot", "hello"},                           // to Discord, with a picture
		{bare, "application/x-www-form-urlencoded", "payload=12", "", "payload=12"},
		{bare, "application/x-www-form-urlencoded", `payload={"strange":1}`, "", `payload={"strange":1}`},
	} {
		got, status := h.posted("ops-east", c.token, shape.Case{Type: c.kind, Body: c.body})
		title := ""
		if got.Title != nil {
			title = *got.Title
		}
		if status != http.StatusOK || title != c.title || !strings.HasPrefix(got.Message, c.text) {
			t.Errorf("%.60s: %d %q %.60q", c.body, status, title, got.Message)
		}
	}
}

// TestShapeChanges changes the shape of a token and gives it templates of its own.
func TestShapeChanges(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "bare", "publish")
	path := "/api/topics/ops-east/access-tokens/" + token.ID
	var changed api.Token
	h.call("PATCH", path, h.jwt, map[string]any{"shape": "slack"}, http.StatusOK, &changed)
	if changed.Shape != "slack" {
		t.Errorf("shape is %q", changed.Shape)
	}
	h.call("PATCH", path, h.jwt, map[string]any{"shape": "carrier-pigeon"}, http.StatusUnprocessableEntity, nil)
	h.call("PATCH", path, h.jwt, map[string]any{"shape": "custom"}, http.StatusUnprocessableEntity, nil)
	h.call("PATCH", path, h.jwt, map[string]any{"template": map[string]any{"title": "{{"}}, http.StatusUnprocessableEntity, nil)
	h.call("PATCH", path, h.jwt, map[string]any{"shape": "custom", "template": map[string]any{"title": "{{.room | capital}}", "text": "{{.temperature}} °C",
		"priority": "{{if gt .temperature 30}}5{{else}}2{{end}}", "key": "{{.room}}", "resolved": "{{lt .temperature 30}}"}}, http.StatusOK, &changed)
	if changed.Template == nil || changed.Template.Key != "{{.room}}" {
		t.Errorf("template is %+v", changed.Template)
	}
	got, _ := h.posted("ops-east", token.Token, shape.Case{Body: `{"room": "cellar", "temperature": 31.5}`})
	if got.Title == nil || *got.Title != "Cellar" || got.Message != "31.5 °C" || got.Priority != 5 || got.Key != "cellar" || got.Status != "open" {
		t.Errorf("got %+v", got)
	}
	if got, _ = h.posted("ops-east", token.Token, shape.Case{Body: `{"room": "cellar", "temperature": 20}`}); got.Status != "resolved" {
		t.Errorf("got %+v", got)
	}
	h.call("PATCH", path, h.jwt, map[string]any{"shape": ""}, http.StatusOK, &changed)
	if got, _ = h.posted("ops-east", token.Token, shape.Case{Body: `{"message": "plain"}`}); got.Message != "plain" || got.Key != "" {
		t.Errorf("got %+v", got)
	}
}

// TestSignatures: with a signing secret only what is signed with it is taken, and what is sent once more is stored once.
func TestSignatures(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	body := []byte(`{"zen": "Keep it logically awesome.", "hook_id": 1}`)
	token := h.shaped("ops-east", "github", map[string]any{"signing_secret": "It's a Secret to Everybody"})
	if !token.Signed || strings.Contains(token.SecretHint, "Secret") {
		t.Errorf("the token shows %+v", token)
	}
	post := func(token string, body []byte, want int, headers ...string) {
		t.Helper()
		if !slices.Contains(headers, "Content-Type") {
			headers = append(headers, "Content-Type", "application/json")
		}
		rec := h.sent("POST", "/ops-east?token="+token, body, headers...)
		if rec.Code != want {
			t.Errorf("%v answers %d %s, want %d", headers, rec.Code, rec.Body, want)
		}
	}
	stored := func(want int) {
		t.Helper()
		if topic, err := h.d.Topic(t.Context(), "ops-east"); err != nil || topic.MessageCount != int64(want) {
			t.Errorf("%d messages are stored, %v, want %d", topic.MessageCount, err, want)
		}
	}
	hub := func(secret string, body []byte) string {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write(body)
		return "sha256=" + hex.EncodeToString(m.Sum(nil))
	}
	// The example of https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
	if got := hub("It's a Secret to Everybody", []byte("Hello, World!")); got != "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17" {
		t.Errorf("the documented signature is %s", got)
	}
	post(token.Token, body, 401, "X-Github-Event", "ping")
	post(token.Token, body, 401, "X-Github-Event", "ping", "X-Hub-Signature-256", hub("another", body))
	post(token.Token, body, 401, "X-Github-Event", "ping", "X-Hub-Signature-256", "sha256=zz")
	post(token.Token, body, 200, "X-Github-Event", "ping", "X-Hub-Signature-256", hub("It's a Secret to Everybody", body))
	post(token.Token, body, 200, "X-Github-Event", "ping", "X-Hub-Signature-256", hub("It's a Secret to Everybody", body)) // a retry
	upper := "sha256=" + strings.ToUpper(strings.TrimPrefix(hub("It's a Secret to Everybody", body), "sha256="))
	post(token.Token, body, 200, "X-Github-Event", "ping", "X-Hub-Signature-256", upper) // the same one, spelled differently
	post(token.Token, body, 200, "X-Github-Event", "ping", "X-Gitea-Signature", upper[7:])
	stored(1)
	if rec := h.sent("GET", "/ops-east/publish?message=x&token="+token.Token, nil); rec.Code != 401 {
		t.Errorf("GET answers %d", rec.Code)
	}
	payload := []byte(`{"ref":"refs/heads/main","commits":[{"message":"x","author":{"name":"a"}}],"repository":{"full_name":"a/b"}}`)
	form := []byte(url.Values{"payload": {string(payload)}}.Encode()) // of which Gitea signs the field, and GitHub all
	isForm := []string{"Content-Type", "application/x-www-form-urlencoded", "X-Gitea-Event", "push"}
	post(token.Token, form, 401, append(isForm, "X-Gitea-Signature", "", "X-Hub-Signature-256", "sha256=")...)
	post(token.Token, append([]byte("x=1&"), form...), 401, append(isForm, "X-Gitea-Signature", hub("It's a Secret to Everybody", payload)[7:])...)
	post(token.Token, form, 200, append(isForm, "X-Gitea-Signature", hub("It's a Secret to Everybody", payload)[7:])...)
	post(token.Token, form, 200, append(isForm, "X-Hub-Signature-256", hub("It's a Secret to Everybody", form))...)
	// The example of the specification: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
	const secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	signed := func(id string, at time.Time, body []byte) []string {
		stamp := strconv.FormatInt(at.Unix(), 10)
		m := hmac.New(sha256.New, key)
		m.Write([]byte(id + "." + stamp + "."))
		m.Write(body)
		return []string{"webhook-id", id, "webhook-timestamp", stamp, "webhook-signature", "v1,bm90aGluZw== v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))}
	}
	standard := h.shaped("ops-east", "standard-webhooks", map[string]any{"signing_secret": secret}).Token
	body = []byte(`{"type":"contact.created","timestamp":"2022-11-03T20:26:10Z","data":{"id":"1"}}`)
	other := bytes.Replace(body, []byte("created"), []byte("deleted"), 1)
	post(standard, body, 200, signed("msg_1", time.Now(), body)...)
	post(standard, body, 200, signed("msg_1", time.Now(), body)...)
	post(standard, other, 401, signed("msg_1", time.Now(), other)...) // another body of the same id
	stored(4)
	post(standard, body, 401, signed("msg_2", time.Now().Add(-6*time.Minute), body)...)
	post(standard, body, 401, signed("msg_3", time.Now().Add(6*time.Minute), body)...)
	post(standard, append(body, ' '), 401, signed("msg_4", time.Now(), body)...)
	post(standard, body, 200, signed("msg_5", time.Now().Add(-4*time.Minute), body)...)
	svix := func(headers []string) []string { // as Svix names them
		for i := 0; i < len(headers); i += 2 {
			headers[i] = strings.Replace(headers[i], "webhook-", "svix-", 1)
		}
		return headers
	}
	post(standard, body, 200, svix(signed("msg_6", time.Now(), body))...)
	post(standard, body, 200, svix(signed("msg_6", time.Now(), body))...)
	post(standard, body, 200, signed("msg_6", time.Now(), body)...) // by its other name
	stored(6)
	post(standard, body, 401, signed("", time.Now(), body)...)
	bare := h.shaped("ops-east", "", map[string]any{"name": "without the prefix", "signing_secret": strings.TrimPrefix(secret, "whsec_")}).Token
	post(bare, body, 200, signed("msg_7", time.Now(), body)...)

	// Grafana: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/#hmac-signature
	grafana := h.shaped("ops-east", "grafana", map[string]any{"signing_secret": "a secret for Grafana"}).Token
	body = []byte(`{"orgId":1,"receiver":"n","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"A"}}],"groupKey":"g","version":"1","externalURL":""}`)
	post(grafana, body, 401)
	post(grafana, body, 401, "X-Hub-Signature", "sha1=0123456789012345678901234567890123456789")
	post(grafana, body, 200, "X-Grafana-Alerting-Signature", strings.TrimPrefix(hub("a secret for Grafana", body), "sha256="))
	stamped := func(at time.Time, body []byte) []string {
		stamp := strconv.FormatInt(at.Unix(), 10)
		return []string{"X-Grafana-Alerting-Timestamp", stamp, "X-Grafana-Alerting-Signature", strings.TrimPrefix(hub("a secret for Grafana", append([]byte(stamp+":"), body...)), "sha256=")}
	}
	post(grafana, body, 200, stamped(time.Now(), body)...)
	post(grafana, body, 401, stamped(time.Now(), append(body, ' '))...)
	old := stamped(time.Now().Add(-time.Hour), body)
	post(grafana, body, 401, old...)
	post(grafana, append([]byte(old[1]+":"), body...), 401, old[2:]...)
	post(grafana, append([]byte(old[1]+":"), body...), 401, "X-Hub-Signature-256", "sha256="+old[3])
	h.call("PATCH", "/api/topics/ops-east/access-tokens/"+token.ID, h.jwt, map[string]any{"signing_secret": "whpk_MCowBQYDK2VwAyEA"}, http.StatusUnprocessableEntity, nil)
	h.call("PATCH", "/api/topics/ops-east/access-tokens/"+token.ID, h.jwt, map[string]any{"signing_secret": "whsec_!!!"}, http.StatusUnprocessableEntity, nil)
	h.call("PATCH", "/api/topics/ops-east/access-tokens/"+token.ID, h.jwt, map[string]any{"signing_secret": ""}, http.StatusOK, nil)
	post(token.Token, body, 200)
}

// TestFiringAnew: where Alertmanager sends no resolved messages, an alert that fires once more in the same words is told from one that
// still does by the time since when it fires.
func TestFiringAnew(t *testing.T) {
	h, clock := newHomeAhead(t, 0, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.shaped("ops-east", "alertmanager", nil).Token
	began := h.d.Now()
	step := func(after, a, b time.Duration, want int64) {
		t.Helper()
		clock.Set(after)
		var list []string
		for name, since := range map[string]time.Duration{"A": a, "B": b} {
			list = append(list, fmt.Sprintf(`{"status":"firing","labels":{"alertname":%q},"annotations":{"description":""},"startsAt":%q,"fingerprint":"f-%s"}`,
				name, began.Add(since).UTC().Format(time.RFC3339Nano), name))
		}
		body := `{"version":"4","groupKey":"{}","status":"firing","receiver":"n","externalURL":"http://am","alerts":[` + strings.Join(list, ",") + `]}`
		if _, status := h.posted("ops-east", token, shape.Case{Body: body}); status != http.StatusOK {
			t.Fatalf("%d for %s", status, body)
		}
		if topic, err := h.d.Topic(t.Context(), "ops-east"); err != nil || topic.MessageCount != want {
			t.Errorf("after %v %d messages are stored, %v, want %d", after, topic.MessageCount, err, want)
		}
	}
	const minute = time.Minute
	step(0, -minute, -minute, 2)
	step(10*minute, 9*minute, -minute, 3)    // A fires once more, B still does
	step(10*minute, 9*minute, -minute, 3)    // from the other of a pair
	step(20*minute, 9*minute, 19*minute, 4)  // B fires once more
	step(30*minute, 40*minute, 19*minute, 5) // by a clock that runs ahead
	h.restart()
	step(32*minute, 40*minute, 31*minute, 6) // it is known after a restart too
	step(35*minute, 40*minute, 34*minute, 7) // which does not make it new again beside B
	step(45*minute, 40*minute, 44*minute, 8)
}
