package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/shape"
)

// TestOpenAlerts asks the API for what is open.
func TestOpenAlerts(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.shaped("ops-east", "uptime-kuma", nil).Token
	e, err := shape.ByID("uptime-kuma").Examples()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 0} {
		h.posted("ops-east", token, e.Cases[i])
		var got api.Alerts
		h.call("GET", "/api/topics/ops-east/alerts", h.jwt, nil, http.StatusOK, &got)
		if got.Total != want || len(got.Alerts) != want || want == 1 && (got.Alerts[0].Key != "monitor 1 nas" || got.Alerts[0].Priority != 5) {
			t.Errorf("after %s: %+v", e.Cases[i].Name, got)
		}
	}
	var got api.Alerts
	h.call("GET", "/api/topics/ops-east/alerts?status=all", h.jwt, nil, http.StatusOK, &got)
	if got.Total != 1 || got.Alerts[0].Status != "resolved" || got.Alerts[0].ResolvedAt == nil || got.Alerts[0].Count != 2 {
		t.Errorf("all: %+v", got)
	}
}

// TestRepeatsOfAGroup: Alertmanager sends its whole group when one alert of it changes. Only what has changed is stored, in its state
// or in its words; a reminder in which nothing has is stored whole, and so is what was last heard of an hour ago.
func TestRepeatsOfAGroup(t *testing.T) {
	h, clock := newHomeAhead(t, 0, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.shaped("ops-east", "alertmanager", nil).Token
	seen := map[string]bool{}
	left := 0 // alerts that max_alerts leaves out
	group := func(alerts ...string) (titles []string) {
		t.Helper()
		var list []string
		for _, a := range alerts {
			name, status, _ := strings.Cut(a, " ")
			status, summary, _ := strings.Cut(status, " ")
			list = append(list, fmt.Sprintf(`{"status":%q,"labels":{"alertname":%q},"annotations":{"description":"%s"},"fingerprint":"f-%s"}`, status, name, summary, name))
		}
		body := `{"version":"4","groupKey":"{}","status":"firing","receiver":"n","externalURL":"http://am","truncatedAlerts":` + fmt.Sprint(left) + `,"alerts":[` + strings.Join(list, ",") + `]}`
		got, status := h.posted("ops-east", token, shape.Case{Body: body})
		if status != http.StatusOK {
			t.Fatalf("%d for %s", status, body)
		}
		var stored []api.Message
		h.call("GET", fmt.Sprintf("/ops-east/json?limit=%d", max(1, len(got.Messages))), h.jwt, nil, http.StatusOK, &stored)
		for _, m := range slices.Backward(stored) {
			if !seen[m.ID] {
				titles = append(titles, *m.Title)
			}
			seen[m.ID] = true
		}
		return titles
	}
	step := func(got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("stored %q, want %q", got, want)
		}
	}
	step(group("A firing", "B firing"), "A", "B")
	step(group("A firing", "B firing", "C firing"), "C")
	step(group("A resolved", "B firing", "C firing"), "Resolved: A")
	step(group("B firing", "C firing")) // at once: from the other Alertmanager of a pair, or sent once more
	clock.Set(time.Minute)
	step(group("B firing", "C firing"), "B", "C") // nothing new: a reminder
	step(group("C firing"))
	step(group("C resolved"), "Resolved: C")
	step(group("C firing"), "C") // again, in the words of before
	step(group("A firing", "B resolved", "C firing"), "A", "Resolved: B")
	step(group("A firing 91 % full", "C firing"), "A")
	step(group("A firing 97 % full", "C firing"), "A")
	clock.Set(time.Hour + time.Minute)
	step(group("A firing 97 % full", "C firing", "D firing"), "A", "C", "D")
	left = 2
	step(group("A firing", "E firing"), "A", "E")
	left = 3 // that is nothing new about those that are listed
	step(group("A firing", "E resolved"), "Resolved: E")
}

// TestGroupsAtOnce: many payloads about one alert at once are decided one after the other. What is stored last says what the alert is
// said to be, and none repeats the one before it.
func TestGroupsAtOnce(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.shaped("ops-east", "alertmanager", nil).Token
	var posts sync.WaitGroup
	for i := range 60 {
		status := []string{"firing", "firing", "resolved"}[i%3]
		body := fmt.Sprintf(`{"version":"4","groupKey":"{}","status":"firing","receiver":"n","externalURL":"http://am%d","alerts":[
			{"status":%q,"labels":{"alertname":"A"},"annotations":{"summary":"a"},"fingerprint":"f-a"},
			{"status":"firing","labels":{"alertname":"B"},"annotations":{"summary":"b"},"fingerprint":"f-b"}]}`, i%2, status)
		posts.Go(func() {
			if got, status := h.posted("ops-east", token, shape.Case{Body: body}); status != http.StatusOK || got.ID == "" {
				t.Errorf("%d %+v", status, got)
			}
		})
	}
	posts.Wait()
	var stored []api.Message
	h.call("GET", "/ops-east/json?limit=200", h.jwt, nil, http.StatusOK, &stored)
	last := map[string]string{}
	for _, m := range slices.Backward(stored) {
		if last[m.Key] == m.Status {
			t.Errorf("%s is %s twice", m.Key, m.Status)
		}
		last[m.Key] = m.Status
	}
	var open api.Alerts
	h.call("GET", "/api/topics/ops-east/alerts", h.jwt, nil, http.StatusOK, &open)
	want := 1
	if last["f-a"] == "open" {
		want = 2
	}
	if len(last) != 2 || open.Total != want {
		t.Errorf("%d are open, the last messages say %v", open.Total, last)
	}
}
