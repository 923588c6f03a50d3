package shape_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"notifer/server/shape"
)

// TestShapes reads the recorded or documented payloads beside each shape and compares the messages with those expected.
func TestShapes(t *testing.T) {
	t.Parallel()
	for _, s := range shape.All() {
		t.Run(s.ID, func(t *testing.T) {
			t.Parallel()
			e, err := s.Examples()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(e.Source, "https://") || len(e.Cases) == 0 {
				t.Fatalf("%s has no example with a source", s.ID)
			}
			for _, c := range e.Cases {
				p, err := c.Payload()
				if err != nil {
					t.Fatalf("%s: %v", c.Name, err)
				}
				got, err := s.Apply(p)
				if err != nil {
					t.Errorf("%s: %v", c.Name, err)
					continue
				}
				want := c.Messages()
				for i := range max(len(got), len(want)) {
					if i >= len(got) || i >= len(want) {
						t.Errorf("%s: %d messages, want %d", c.Name, len(got), len(want))
						break
					}
					if !reflect.DeepEqual(got[i], want[i]) {
						t.Errorf("%s, message %d:\n got %#v\nwant %#v", c.Name, i, got[i], want[i])
					}
				}
			}
		})
	}
}

// TestRecognise sends every example without a chosen shape: it is recognised as its own or as none, never as that of another.
func TestRecognise(t *testing.T) {
	t.Parallel()
	recognised := map[string]bool{}
	for _, s := range shape.All() {
		e, err := s.Examples()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range e.Cases {
			p, err := c.Payload()
			if err != nil {
				t.Fatal(err)
			}
			got := shape.RecogniseText(c.Body, p.Header) // of a form the headers: whatever curl -d sends says that it is one
			if got != nil && got != s && !(s.ID == "unraid" && got.ID == "discord" || s.ID == "truenas" && got.ID == "slack" || s.ID == shape.Generic) {
				t.Errorf("%s, %s is taken for %s", s.ID, c.Name, got.ID)
			}
			recognised[s.ID] = recognised[s.ID] || got == s
			object, _ := p.Value.(map[string]any)
			if _, isMessage := object["message"]; isMessage && !strings.HasSuffix(c.Type, "urlencoded") && got != nil && !shape.Marked([]byte(c.Body)) {
				t.Errorf("%s, %s has a field message and none of the markers", s.ID, c.Name)
			}
		}
	}
	for _, id := range []string{"alertmanager", "grafana", "github", "gitea", "gitlab", "uptime-kuma", "netdata", "servarr", "jellyfin", "frigate", "slack", "discord", "standard-webhooks", "zabbix", "proxmox", "healthchecks",
		"apprise", "argocd", "crowdsec", "diun", "docker-hub", "duplicati", "komodo", "plex", "scrutiny", "seerr", "unifi",
		"aws-sns", "chat-robots", "cloudevents", "flux", "google-chat", "octoprint", "opsgenie", "pagerduty", "sentry", "tailscale", "teams", "uptimerobot", "wazuh"} {
		if !recognised[id] {
			t.Errorf("no example of %s is recognised", id)
		}
	}
}

// TestEveryTool names the programs that there must be a shape for.
func TestEveryTool(t *testing.T) {
	t.Parallel()
	for _, id := range strings.Fields("generic form alertmanager grafana github gitea gitlab uptime-kuma healthchecks proxmox truenas synology unraid home-assistant zabbix icinga netdata servarr jellyfin frigate watchtower slack discord standard-webhooks " +
		"apprise argocd crowdsec diun docker-hub duplicati komodo monit nut plex scrutiny seerr unifi " +
		"aws-sns chat-robots cloudevents flux google-chat octoprint opsgenie pagerduty sentry tailscale teams uptimerobot wazuh") {
		s := shape.ByID(id)
		if s == nil {
			t.Errorf("no shape %s", id)
			continue
		}
		if s.Name == "" || s.Icon == "" || s.About == "" || !strings.HasPrefix(s.Docs, "https://") || s.Setup.Where == "" || s.Setup.Field == "" || len(s.Setup.Steps) == 0 {
			t.Errorf("%s lacks name, icon, about, docs or setup", id)
		}
	}
	if entries, err := os.ReadDir("shapes"); err != nil || len(entries) != 2*len(shape.All())+1 {
		t.Errorf("%d files for %d shapes, want two for each (%v)", len(entries), len(shape.All()), err)
	}
}

// TestNagiosMacros: Nagios takes no quotes out of the comment and the author of a notification, and gives them to a shell.
func TestNagiosMacros(t *testing.T) {
	t.Parallel()
	for _, step := range shape.ByID("icinga").Setup.Steps {
		for _, macro := range []string{"$NOTIFICATIONCOMMENT$", "$NOTIFICATIONAUTHOR"} {
			if strings.Contains(step.Code, macro) {
				t.Errorf("a command of Nagios holds %s", macro)
			}
		}
	}
}

// TestLongData: all that Home Assistant sends as data counts, also where it is long.
func TestLongData(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(map[string]any{"priority": 4, "tag": "washer", "url": "http://ha:8123/", "more": strings.Repeat("x", 15_000)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := shape.ByID("home-assistant").Apply(shape.Payload{Value: map[string]any{"message": "done", "data": string(data)}})
	want := []shape.Message{{Text: "done", Priority: "4", Key: "washer", Link: "http://ha:8123/"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// TestNothingIsLost: a payload of another program fits no shape, unless what the shape makes of it still has all of it.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"unrelated":"needle"}`, `{"unrelated":"needle","version":3,"id":"7"}`, `[{"unrelated":"needle"}]`, `"needle"`} {
		v, err := shape.ReadJSON([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range shape.All() {
			if got, err := s.Apply(shape.Payload{Value: v}); err == nil && !strings.Contains(fmt.Sprint(got), "needle") {
				t.Errorf("%s makes %+v of %s", s.ID, got, body)
			}
		}
	}
	set, err := shape.Templates{Title: "Ping"}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := set.Apply(shape.Payload{Value: map[string]any{"x": "y"}}); err != nil || got[0].Title != "Ping" {
		t.Errorf("a template of one's own may be a constant: %v, %v", got, err)
	}
}
