package e2e_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"notifer/server/test/run"
)

var alertmanagerFor = flag.Duration("alertmanager", 12*time.Second, "how long the real Alertmanager fires and resolves alerts")

const alertmanagerAlerts = 200

// TestAlertmanager lets the real Alertmanager fire and resolve 200 alerts in groups. At every sample, as soon as nothing has changed for
// two seconds, what is open here by the keys of the messages is what its own API says is active.
func TestAlertmanager(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		t.Skip("prometheus-alertmanager is not installed: apt-get install prometheus-alertmanager")
	}
	s := run.Start(t)
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "monitoring", "private")
	var token struct{ Token string }
	if status := s.JSON(t, "POST", "/api/topics/monitoring/access-tokens", jwt, map[string]any{"name": "am", "permissions": []string{"publish", "subscribe"}, "shape": "alertmanager"}, &token); status != http.StatusCreated {
		t.Fatalf("creating the token answers %d", status)
	}
	am := startAlertmanager(t, program, s.URL+"/monitoring?token="+token.Token)
	r := rand.New(rand.NewPCG(5, 6))
	firing := map[int]bool{}
	var waited []time.Duration
	for began := time.Now(); time.Since(began) < *alertmanagerFor || len(waited) == 0; {
		var post []map[string]any
		for range 1 + r.IntN(60) {
			i, fires := r.IntN(alertmanagerAlerts), r.IntN(3) > 0
			if fires || firing[i] { // only what fires is resolved
				post = append(post, amAlert(i, fires))
			}
			firing[i] = fires
		}
		am.post(t, post)
		posted := time.Now()
		run.Until(t, "the open alerts are those of Alertmanager", func() bool {
			ours := openAlerts(t, s.URL, token.Token)
			theirs := am.active(t)
			return slices.Equal(ours, theirs)
		})
		waited = append(waited, time.Since(posted))
	}
	slices.Sort(waited)
	usual, longest := waited[len(waited)/2], waited[len(waited)-1]
	t.Logf("%d samples of %d alerts, %d open at the end, %v until they agreed, at most %v", len(waited), alertmanagerAlerts, len(openAlerts(t, s.URL, token.Token)), usual, longest)
	if stored, repeats := repeatedStates(t, s.URL, token.Token); repeats > stored/20 {
		t.Errorf("%d of %d messages say again what the one before them of the same alert said", repeats, stored)
	} else {
		t.Logf("%d messages, %d of them say again what the one before them of the same alert said", stored, repeats)
	}
	if usual > run.Scale(t, 2*time.Second) { // the longest is that of a moment in which the machine did something else
		t.Errorf("it took %v until what is open here and there agreed", usual)
	}
}

func amAlert(i int, fires bool) map[string]any {
	now := time.Now()
	a := map[string]any{"labels": map[string]string{"alertname": fmt.Sprintf("Alert%d", i%17), "instance": fmt.Sprintf("host%d", i), "severity": []string{"critical", "warning", "info"}[i%3]},
		"annotations": map[string]string{"summary": fmt.Sprintf("alert %d", i)}, "startsAt": now.Add(-time.Minute), "endsAt": now.Add(time.Hour)}
	if !fires {
		a["endsAt"] = now.Add(-time.Millisecond)
	}
	return a
}

type alertmanager struct{ url string }

func startAlertmanager(t *testing.T, program, receiver string) alertmanager {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "alertmanager.yml")
	text := fmt.Sprintf("route:\n  receiver: notifer\n  group_by: [alertname]\n  group_wait: 100ms\n  group_interval: 300ms\n  repeat_interval: 1h\nreceivers:\n- name: notifer\n  webhook_configs:\n  - url: '%s'\n", receiver)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	cmd := exec.CommandContext(t.Context(), program, "--config.file="+config, "--storage.path="+dir, "--web.listen-address="+address, "--cluster.listen-address=")
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("alertmanager: %.3000s", log.String())
		}
	})
	am := alertmanager{"http://" + address}
	run.Until(t, "alertmanager answers", func() bool {
		res, err := http.Get(am.url + "/-/ready")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return am
}

func (a alertmanager) post(t *testing.T, alerts []map[string]any) {
	t.Helper()
	body, err := json.Marshal(alerts)
	if err != nil {
		t.Fatal(err)
	}
	call(t, "POST", a.url+"/api/v2/alerts", string(body), "Content-Type: application/json")
}

// active are the fingerprints of what fires.
func (a alertmanager) active(t *testing.T) []string {
	t.Helper()
	_, text := call(t, "GET", a.url+"/api/v2/alerts?active=true", "")
	var list []struct{ Fingerprint string }
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
	out := []string{}
	for _, x := range list {
		out = append(out, x.Fingerprint)
	}
	slices.Sort(out)
	return out
}

// repeatedStates counts the messages, and those of them that say of an alert what the one before has said.
func repeatedStates(t *testing.T, url, token string) (stored, repeats int) {
	t.Helper()
	last := map[string]string{}
	for after := "000000000000"; ; {
		_, text := call(t, "GET", url+"/monitoring/json?limit=100&after="+after, "", "X-Topic-Token: "+token)
		var page []struct {
			ID     string
			Key    string `json:"alert_key"`
			Status string `json:"alert_status"`
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			t.Fatalf("%v in %.300s", err, text)
		}
		for _, m := range page {
			if stored++; last[m.Key] == m.Status {
				repeats++
			}
			last[m.Key], after = m.Status, m.ID
		}
		if len(page) < 100 {
			return stored, repeats
		}
	}
}

// openAlerts are the keys of what is open here.
func openAlerts(t *testing.T, url, token string) []string {
	t.Helper()
	out := []string{}
	for offset := 0; ; offset += 100 {
		_, text := call(t, "GET", fmt.Sprintf("%s/api/topics/monitoring/alerts?limit=100&offset=%d", url, offset), "", "X-Topic-Token: "+token)
		var page struct {
			Alerts []struct {
				Key string `json:"alert_key"`
			}
			Total int
		}
		if err := json.NewDecoder(strings.NewReader(text)).Decode(&page); err != nil {
			t.Fatalf("%v in %.300s", err, text)
		}
		for _, a := range page.Alerts {
			out = append(out, a.Key)
		}
		if len(page.Alerts) < 100 {
			break
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
