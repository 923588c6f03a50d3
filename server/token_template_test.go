package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"notifer/server/api"
)

// payload sends a payload as a program does and returns the message that was stored.
func (s *site) payload(secret, body string, headers ...string) api.Message {
	s.t.Helper()
	req, _ := http.NewRequest(http.MethodPost, s.url+"/backups", strings.NewReader(body))
	req.Header.Set("X-Topic-Token", secret)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var m api.Message
	if err := json.NewDecoder(res.Body).Decode(&m); err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %d %v", body, res.StatusCode, err)
	}
	return m
}

// value is what a field of the form on the page holds.
func (s *site) value(id string) string {
	s.t.Helper()
	field := s.ByID(id)
	if field == nil {
		s.t.Fatalf("no field %s on the page", id)
	}
	return strings.TrimSpace(field.Attrs["value"] + field.Text())
}

// TestTemplateByExample writes a template without script: a payload comes, its fields are pressed, the preview says what a publish then stores.
func TestTemplateByExample(t *testing.T) {
	s := tokenSite(t)
	secret := s.create("sensor")
	list, err := s.d.Tokens(t.Context(), 1)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	page := tab + "/" + list[0].ID + "/template"
	s.get(page).want(200).says("No payloads yet")
	const body = `{"room":"cellar","level":"critical","values":[{"°C":31.5}],"api_token":"hunter2","odd key":"x"}`
	s.payload(secret, body, "X-Sensor-Kind", "DHT22", "X-Sensor-Secret", "hunter3", "X-Sensor-Unit", "C", "X-Sensor-Floor", "-1", "X-Sensor-Run", "7")
	s.get(tab + "/" + list[0].ID).want(200).says("1 payload of the last 24 hours")
	s.get(page).want(200).says("cellar").says("•••").says("DHT22")
	if html := strings.Join(s.Words(), " "); strings.Contains(html, "hunter") {
		t.Error("a secret is on the page")
	}
	var pressed, headers []string
	for _, b := range s.All("button") {
		if b.Attrs["name"] == "add" && b.Attrs["form"] == "template" {
			pressed = append(pressed, b.Attrs["value"])
			if strings.HasPrefix(b.Attrs["value"], "{{header") {
				headers = append(headers, b.Attrs["value"])
			}
		}
	}
	if len(headers) < 4 || !slices.IsSorted(headers) {
		t.Errorf("the headers are not sorted: %q", headers)
	}
	for _, want := range []string{"{{.room}}", `{{(index . "odd key")}}`, `{{(index (index .values 0) "°C")}}`, `{{header "X-Sensor-Kind"}}`} {
		if !slices.Contains(pressed, want) {
			t.Errorf("no button for %s: %q", want, pressed)
		}
	}
	s.post(page, "template_title", "In the ", "into", "title", "add", "{{.room}}").want(200)
	if got := s.value("template_title"); got != "In the {{.room}}" {
		t.Errorf("after the press the title is %q", got)
	}
	fields := []string{"template_title", "In the {{.room | upper}}", "template_text", `{{(index (index .values 0) "°C")}} °C by {{header "X-Sensor-Kind"}}`, "template_priority", "{{severity .level}}",
		"template_tags", "sensor, hot", "template_key", "{{.room}}", "template_link_title", "Open", "template_markdown", "1"}
	s.post(page, append(fields, "preview", "1")...).want(200).says("In the CELLAR")
	var shown []string
	for _, d := range s.All("div") {
		if _, made := d.Attrs["data-made"]; made {
			shown = append(shown, d.Text())
		}
	}
	if list, _ = s.d.Tokens(t.Context(), 1); list[0].Shape != "" || list[0].Template != "" {
		t.Error("a preview saves nothing")
	}
	s.post(page, fields...).want(200).says("is saved")
	m := s.payload(secret, body, "X-Sensor-Kind", "DHT22")
	if m.Title == nil || len(shown) != 1 || m.Message != "31.5 °C by DHT22" || m.Priority != 5 || m.Key != "cellar" {
		t.Fatalf("stored %+v, shown %q", m, shown)
	}
	for _, part := range []string{*m.Title, m.Message, "Priority: 5", strings.Join(m.Tags, ", "), m.Key} {
		if !strings.Contains(shown[0], part) {
			t.Errorf("the preview %q lacks %q", shown[0], part)
		}
	}
	s.get(page).want(200)
	if s.value("template_link_title") != "Open" || s.value("template_text") != fields[3] {
		t.Error("what was saved is not in the form")
	}
	if _, on := s.ByID("template_markdown").Attrs["checked"]; !on {
		t.Error("Markdown was not kept")
	}
}

// TestTemplateErrors stay on the form, and what was typed with them.
func TestTemplateErrors(t *testing.T) {
	s := tokenSite(t)
	secret := s.create("sensor")
	list, _ := s.d.Tokens(t.Context(), 1)
	page := tab + "/" + list[0].ID + "/template"
	s.payload(secret, `{"room":"cellar"}`)
	for _, press := range []string{"", "preview"} {
		pairs := []string{"template_title", "{{.room", "template_text", "kept"}
		if press != "" {
			pairs = append(pairs, press, "1")
		}
		s.post(page, pairs...).want(422)
		if s.ByID("template_title-error") == nil || s.value("template_title") != "{{.room" || s.value("template_text") != "kept" {
			t.Errorf("press %q: the error is not at the field", press)
		}
		s.says("{{ without its }}")
	}
	s.post(page, "template_title", "", "template_text", " ").want(422).says("Write a title or a text at least.")
	s.post(page, "template_text", "{{.nothing}}", "preview", "1").want(200).says("It does not fit, so it is stored as it is")
	s.post(page, "template_text", "x", "into", "shape", "add", "{{.room}}").want(200)
	if s.value("template_text") != "x{{.room}}" {
		t.Error("an unknown place should be the text")
	}
	s.post(page, "template_text", "{{.name}}", "into", "text", "add_each", "alerts").want(200)
	if s.value("template_each") != "alerts" {
		t.Error("the list was not taken")
	}
}

// TestPayloadsAreForManagers: the payloads of a revoked token, of another topic's, and of somebody else's cannot be read.
func TestPayloadsAreForManagers(t *testing.T) {
	s := tokenSite(t)
	secret := s.create("sensor")
	list, _ := s.d.Tokens(t.Context(), 1)
	page := tab + "/" + list[0].ID + "/template"
	s.payload(secret, `{"room":"cellar"}`)
	s.get(page).want(200).says("cellar")
	s.post("/topics", "name", "other-topic", "access", "private").want(200)
	foreign := "/topic/other-topic/settings/tokens/" + list[0].ID + "/template"
	s.get(foreign).want(404)
	s.post(foreign, "template_text", "x").want(404)
	tom := s.stranger().signIn("tom")
	tom.get(page).want(404)
	tom.post(page, "template_text", "x").want(404)
	s.post(tab + "/" + list[0].ID + "/revoke").want(200)
	s.get(page).want(404)
	s.post(page, "template_text", "x").want(404)
}

// TestWhatIsRemembered: the payloads of programs, not the messages that scripts write, and each once.
func TestWhatIsRemembered(t *testing.T) {
	s := tokenSite(t)
	secret := s.create("sensor")
	list, _ := s.d.Tokens(t.Context(), 1)
	payloads := func() int {
		s.t.Helper()
		s.get(tab + "/" + list[0].ID + "/template").want(200)
		n := 0
		for _, d := range s.All("details") {
			if strings.Contains(d.Attrs["class"], "card") {
				n++
			}
		}
		return n
	}
	s.payload(secret, `{"message":"hello","title":"x"}`)
	s.payload(secret, `hello`, "Content-Type", "text/plain")
	if n := payloads(); n != 0 {
		t.Errorf("%d payloads after messages of ours", n)
	}
	s.payload(secret, `{"message":"hello","level":"bad"}`)
	s.payload(secret, `{"x":1}`, "Content-Type", "text/plain")
	s.payload(secret, `{"x":1}`, "Content-Type", "application/x-www-form-urlencoded")
	if n := payloads(); n != 3 {
		t.Errorf("%d payloads, want 3", n)
	}
	s.post(tab+"/"+list[0].ID+"/template", "template_text", "{{.nothing}}").want(200)
	s.payload(secret, `{"y":1}`) // does not fit: read a second time, remembered once
	if n := payloads(); n != 4 {
		t.Errorf("%d payloads, want 4", n)
	}
}

// TestPayloadsGoWithTheirMessages: deleting a message deletes the payload that it was made of, and a purge all.
func TestPayloadsGoWithTheirMessages(t *testing.T) {
	s := tokenSite(t)
	secret := s.create("sensor")
	list, _ := s.d.Tokens(t.Context(), 1)
	page := tab + "/" + list[0].ID + "/template"
	left := func(want ...string) {
		t.Helper()
		s.get(page).want(200)
		text := strings.Join(s.Words(), " ")
		for _, room := range []string{"cellar", "attic", "hall"} {
			if strings.Contains(text, room) != slices.Contains(want, room) {
				t.Errorf("the page shows %s: %v, want %q", room, !slices.Contains(want, room), want)
			}
		}
	}
	first := s.payload(secret, `{"room":"cellar"}`)
	s.payload(secret, `{"room":"attic"}`)
	s.payload(secret, `{"room":"hall"}`)
	left("cellar", "attic", "hall")
	s.post("/topic/backups/messages/" + first.ID + "/delete").want(200)
	left("attic", "hall")
	s.post("/topic/backups/settings/purge", "confirm", "backups").want(200)
	left()
}
