package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"notifer/server/api"
	shapes "notifer/server/shape"
	"notifer/server/test/run"
)

// These tests let real programs send, set up as the page on webhooks says.

// receiver is a server with a topic and a token for one program.
type receiver struct {
	s     *run.Server
	shape *shapes.Shape
	token string
}

// receiverOf starts a server with a token for a program, whose executable must be installed.
func receiverOf(t *testing.T, id, program, debianPackage string) (receiver, string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("%s is not installed: apt-get install %s", program, debianPackage)
	}
	s := run.Start(t)
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "alerts-test", "private")
	var token struct{ Token string }
	if status := s.JSON(t, "POST", "/api/topics/alerts-test/access-tokens", jwt, map[string]any{"name": id, "permissions": []string{"publish", "subscribe"}, "shape": id}, &token); status != http.StatusCreated {
		t.Fatalf("creating the token answers %d", status)
	}
	return receiver{s, shapes.ByID(id), token.Token}, path
}

// step is what a step of the program's setup says to copy.
func (r receiver) step(i int) string {
	url := r.s.URL + "/alerts-test"
	return strings.NewReplacer("{URL}", url, "{URL_WITH_TOKEN}", url+"?token="+r.token, "{TOKEN}", r.token, "{APPRISE}",
		strings.Replace(url, "http", "json", 1)+"?+X-Topic-Token="+r.token).Replace(r.shape.Setup.Steps[i].Code)
}

// wait waits for a message with this title that is about an alert in this state, and returns it.
func (r receiver) wait(t *testing.T, title, status string) (found api.Message) {
	t.Helper()
	run.Until(t, fmt.Sprintf("a message %q, %s", title, status), func() bool {
		_, text := call(t, "GET", r.s.URL+"/alerts-test/json?limit=50", "", "X-Topic-Token: "+r.token)
		var list []api.Message
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatalf("%v in %.300s", err, text)
		}
		i := slices.IndexFunc(list, func(m api.Message) bool { return m.Title != nil && *m.Title == title && m.Status == status })
		if i >= 0 {
			found = list[i]
		}
		return i >= 0
	})
	return found
}

// wantPair checks that what opened an alert and what resolved it are about the same.
func wantPair(t *testing.T, open, resolved api.Message, priority int) {
	t.Helper()
	if open.Key == "" || open.Key != resolved.Key || open.Priority != priority || resolved.Priority != 2 || resolved.ID <= open.ID {
		t.Errorf("open %+v\nresolved %+v", open, resolved)
	}
}

// startProgram runs a program until the end of the test, and shows what it wrote when that failed.
func startProgram(t *testing.T, program string, args ...string) {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	stop := run.Child(t, cmd)
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("%s: %.4000s", program, log.String())
		}
	})
}

func writeFile(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMonit: a file is missing, then it is there.
func TestMonit(t *testing.T) {
	t.Parallel()
	r, monit := receiverOf(t, "monit", "monit", "monit")
	dir := t.TempDir()
	script := writeFile(t, filepath.Join(dir, "monit-notifer"), r.step(0), 0o700)
	flag := filepath.Join(dir, "flag")
	rc := writeFile(t, filepath.Join(dir, "monitrc"), fmt.Sprintf("set daemon 1\nset log %[1]s/log\nset pidfile %[1]s/pid\nset idfile %[1]s/id\nset statefile %[1]s/state\n"+
		"check system nas\ncheck file flag with path %[2]s\n  if not exist then exec %[3]q else if succeeded then exec %[3]q\n", dir, flag, script), 0o600)
	startProgram(t, monit, "-I", "-c", rc)
	open := r.wait(t, "nas: flag: does not exist", "open")
	writeFile(t, flag, "", 0o600)
	wantPair(t, open, r.wait(t, "nas: flag: exists", "resolved"), 5)
}

// TestIcinga: the checks of a host and its service fail, then they do not.
func TestIcinga(t *testing.T) {
	t.Parallel()
	r, icinga := receiverOf(t, "icinga", "icinga2", "icinga2-bin")
	dir := t.TempDir()
	check := writeFile(t, filepath.Join(dir, "check"), "echo 'DISK CRITICAL - 1 GiB free'; exit 2", 0o700)
	config := writeFile(t, filepath.Join(dir, "icinga2.conf"), `const NodeName = "nas"
include <itl>
object CheckerComponent "checker" { }
object NotificationComponent "notification" { enable_ha = false }
object User "ann" { }
object CheckCommand "script" { command = [ "/bin/sh", "`+check+`" ] }
`+r.step(0)+`
object Host "web1" {
  check_command = "script"
  check_interval = 1s
  max_check_attempts = 1
}
object Service "disk" {
  host_name = "web1"
  check_command = "script"
  check_interval = 1s
  retry_interval = 1s
  max_check_attempts = 1
}
object Notification "services" {
  host_name = "web1"
  service_name = "disk"
  command = "notifer-service"
  users = [ "ann" ]
}
object Notification "hosts" {
  host_name = "web1"
  command = "notifer-host"
  users = [ "ann" ]
}
`, 0o600)
	args := []string{"daemon", "-c", config, "-DRunAsUser=" + userName(t), "-DRunAsGroup=" + groupName(t)}
	for _, name := range []string{"DataDir", "LogDir", "CacheDir", "SpoolDir", "InitRunDir"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-D"+name+"="+filepath.Join(dir, name))
	}
	for _, name := range []string{"PidPath", "VarsPath", "StatePath", "ObjectsPath", "ModAttrPath"} {
		args = append(args, "-D"+name+"="+filepath.Join(dir, name))
	}
	startProgram(t, icinga, args...)
	open, down := r.wait(t, "disk on web1 is CRITICAL", "open"), r.wait(t, "web1 is DOWN", "open")
	if !strings.HasPrefix(down.Message, "DISK CRITICAL - 1 GiB free") {
		t.Errorf("of the host: %+v", down)
	}
	writeFile(t, check, "echo 'DISK OK'; exit 0", 0o700)
	wantPair(t, open, r.wait(t, "disk on web1 is OK", "resolved"), 5)
	wantPair(t, down, r.wait(t, "web1 is UP", "resolved"), 5)
}

// TestNagios does the same with Nagios.
func TestNagios(t *testing.T) {
	t.Parallel()
	r, nagios := receiverOf(t, "icinga", "nagios4", "nagios4-core")
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "results"), 0o700); err != nil {
		t.Fatal(err)
	}
	check := writeFile(t, filepath.Join(dir, "check"), "echo 'DISK CRITICAL - 1 GiB free'; exit 2", 0o700)
	common := "  max_check_attempts 1\n  check_period always\n  notification_period always\n  notification_interval 60\n  contacts ann\n}\n"
	objects := writeFile(t, filepath.Join(dir, "objects.cfg"), r.step(1)+"\ndefine command {\n  command_name script\n  command_line /bin/sh "+check+"\n}\n"+
		"define timeperiod {\n  timeperiod_name always\n  alias always\n"+always()+"}\n"+
		"define contact {\n  contact_name ann\n  service_notification_period always\n  host_notification_period always\n  service_notification_options c,r\n"+
		"  host_notification_options d,r\n  service_notification_commands notify-service-by-notifer\n  host_notification_commands notify-host-by-notifer\n}\n"+
		"define host {\n  host_name web1\n  alias web1\n"+common+
		"define service {\n  host_name web1\n  service_description disk\n  check_command script\n  check_interval 1\n  retry_interval 1\n"+common, 0o600)
	config := "interval_length=2\nnagios_user=" + userName(t) + "\nnagios_group=" + groupName(t) + "\nenable_notifications=1\ncfg_file=" + objects + "\ntemp_path=" + dir +
		"\ncheck_result_path=" + filepath.Join(dir, "results") + "\nillegal_macro_output_chars=`~$&|'\"<>\n"
	for _, name := range []string{"log_file", "object_cache_file", "status_file", "temp_file", "state_retention_file", "lock_file", "command_file", "query_socket"} {
		config += name + "=" + filepath.Join(dir, name) + "\n"
	}
	startProgram(t, nagios, writeFile(t, filepath.Join(dir, "nagios.cfg"), config, 0o600))
	open := r.wait(t, "disk on web1 is CRITICAL", "open")
	writeFile(t, check, "echo 'DISK OK'; exit 0", 0o700)
	wantPair(t, open, r.wait(t, "disk on web1 is OK", "resolved"), 5)
}

// always are the days of a time period of Nagios.
func always() (days string) {
	for day := range 7 {
		days += "  " + strings.ToLower(time.Weekday(day).String()) + " 00:00-24:00\n"
	}
	return days
}

func userName(t *testing.T) string  { return output(t, "id", "-un") }
func groupName(t *testing.T) string { return output(t, "id", "-gn") }

func output(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.Command(program, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestNetdata sends the test alarms of Netdata's own script.
func TestNetdata(t *testing.T) {
	t.Parallel()
	r, notify := receiverOf(t, "netdata", "/usr/lib/netdata/plugins.d/alarm-notify.sh", "netdata-plugins-bash")
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed")
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "health_alarm_notify.conf"), r.step(1), 0o600)
	cmd := exec.Command(notify, "test")
	cmd.Env = append(os.Environ(), "NETDATA_USER_CONFIG_DIR="+dir, "NETDATA_STOCK_CONFIG_DIR=/usr/lib/netdata/conf.d", "NETDATA_CACHE_DIR="+dir)
	if out, err := cmd.CombinedOutput(); err != nil || strings.Count(string(out), "# OK") != 3 {
		t.Fatalf("%v: %s", err, out)
	}
	host, _ := os.Hostname()
	host, _, _ = strings.Cut(host, ".")
	open := r.wait(t, host+": test_alarm critical", "open")
	wantPair(t, open, r.wait(t, host+": test_alarm clear", "resolved"), 5)
}

// TestApprise sends through Apprise's json:// and form://.
func TestApprise(t *testing.T) {
	t.Parallel()
	r, apprise := receiverOf(t, "apprise", "apprise", "apprise")
	url := r.step(0)
	for _, one := range []struct {
		scheme, kind string
		priority     int
	}{{"json", "failure", 5}, {"json", "info", 3}, {"form", "warning", 4}} {
		title := one.scheme + " " + one.kind
		if out, err := exec.Command(apprise, "-t", title, "-b", "3 files", "-n", one.kind, strings.Replace(url, "json", one.scheme, 1)).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if m := r.wait(t, title, ""); m.Message != "3 files" || m.Priority != one.priority {
			t.Errorf("%+v", m)
		}
	}
}

// TestPrometheus lets a target go away and come back, by way of Alertmanager.
func TestPrometheus(t *testing.T) {
	t.Parallel()
	alertmanager, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		t.Skip("prometheus-alertmanager is not installed: apt-get install prometheus-alertmanager")
	}
	r, prometheus := receiverOf(t, "alertmanager", "prometheus", "prometheus")
	dir := t.TempDir()
	config := strings.Replace(r.step(0), "receiver: notifer\n", "receiver: notifer\n  group_wait: 0s\n  group_interval: 1s\n", 1)
	am, prom, target := run.FreeAddr(t), run.FreeAddr(t), run.FreeAddr(t)
	startProgram(t, alertmanager, "--config.file="+writeFile(t, filepath.Join(dir, "am.yml"), config, 0o600), "--storage.path="+filepath.Join(dir, "am"), "--web.listen-address="+am, "--cluster.listen-address=")
	rules := writeFile(t, filepath.Join(dir, "rules.yml"), "groups:\n- name: lab\n  rules:\n  - alert: Down\n    expr: up == 0\n    labels: {severity: critical}\n    annotations: {summary: '{{ $labels.instance }} is down'}\n", 0o600)
	startProgram(t, prometheus, "--config.file="+writeFile(t, filepath.Join(dir, "prometheus.yml"), fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [%q]\n"+
		"alerting: {alertmanagers: [{static_configs: [{targets: [%q]}]}]}\nscrape_configs:\n- job_name: nas\n  static_configs: [{targets: [%q]}]\n", rules, am, target), 0o600),
		"--storage.tsdb.path="+filepath.Join(dir, "prom"), "--web.listen-address="+prom)
	open := r.wait(t, "Down on "+target, "open")
	if open.Message != target+" is down" || !strings.Contains(open.URL, "/graph?g0.expr=up") {
		t.Errorf("%+v", open)
	}
	metrics := &http.Server{Addr: target, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "cellar 1") })}
	go metrics.ListenAndServe()
	defer metrics.Close()
	wantPair(t, open, r.wait(t, "Resolved: Down on "+target, "resolved"), 5)
}
