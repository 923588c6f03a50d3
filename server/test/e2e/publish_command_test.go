package e2e_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// desk is a server with a topic and the environment of a script that uses it.
type desk struct {
	*run.Server
	env []string
}

func newDesk(t *testing.T) desk {
	t.Helper()
	s := run.Start(t)
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "my-topic", "private")
	_, token := s.AddToken(t, jwt, "my-topic", "script", "publish", "subscribe")
	return desk{s, []string{"NOTIFER_URL=" + s.URL, "NOTIFER_TOPIC_TOKEN=" + token}}
}

func (d desk) run(t *testing.T, stdin string, args ...string) run.Result {
	t.Helper()
	return run.Command(t, d.env, stdin, args...)
}

func (d desk) ok(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	r := d.run(t, stdin, args...)
	if r.Code != 0 {
		t.Fatalf("notifer %q: exit code %d\n%s", args, r.Code, r.Stderr)
	}
	return r.Stdout
}

func TestPublishCommand(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	m := object(t, d.ok(t, "", "publish", "my-topic", "two", "words", "--title", "T", "--priority", "urgent", "--tags", "a,b",
		"--markdown", "--url", "https://example.org", "--url-title", "Go", "--action", "view, Open, https://example.org/x",
		"--action", "view, Write, mailto:ann@example.org?subject=Disk", "--action", "http, Ack, https://example.org/y?a=b, method=POST", "--json"))
	for field, want := range map[string]string{"message": "two words", "title": "T", "priority": "5", "tags": "[a b]",
		"markdown": "true", "url": "https://example.org", "url_title": "Go"} {
		if got := fmt.Sprint(m[field]); got != want {
			t.Errorf("%s = %s, want %s", field, got, want)
		}
	}
	got := fmt.Sprint(m["actions"])
	for _, want := range []string{"url:https://example.org/x]", "url:mailto:ann@example.org?subject=Disk]", "options:map[method:POST] type:http url:https://example.org/y?a=b]"} {
		if !strings.Contains(got, want) {
			t.Errorf("actions = %s, want %s in it", got, want)
		}
	}
	for _, args := range [][]string{{"publish", "my-topic"}, {"publish", "my-topic", "--file", "-"}} {
		if m := object(t, d.ok(t, "piped\ntext\n", append(args, "--json")...)); m["message"] != "piped\ntext" {
			t.Errorf("%v sent %q", args, m["message"])
		}
	}
	if got := d.ok(t, "", "publish", d.URL+"/my-topic", "by address", "--server", "http://unused.invalid"); len(strings.TrimSpace(got)) != 12 {
		t.Errorf("publish prints %q, want the id", got)
	}
}

func TestCommandExitCodes(t *testing.T) {
	d := newDesk(t)
	for _, row := range []struct {
		args []string
		env  string
		want int
		text string
	}{
		{[]string{"publish", "my-topic", "x"}, "NOTIFER_TOPIC_TOKEN=garbage", 2, "those begin with tk_ and noti_"},
		{[]string{"publish", "my-topic", "x"}, "NOTIFER_TOPIC_TOKEN=tk_wrong", 3, "Try: export NOTIFER_TOPIC_TOKEN="},
		{[]string{"publish", "no-topic", "x"}, "", 3, "401"},
		{[]string{"publish", "my-topic", ""}, "", 1, "422"},
		{[]string{"publish", "my-topic", "x", "--priority", "9", "--strict"}, "", 2, "Try: --priority high"},
		{[]string{"publish", "my-topic", "x", "--action", "view, Open, https://example.org, twice", "--strict"}, "", 2, "written key=value"},
		{[]string{"publish"}, "", 2, "TOPIC is missing"},
		{[]string{"publish", "my-topic", "x", "--retry", "0"}, "NOTIFER_URL=http://127.0.0.1:1", 4, "no answer"},
		{[]string{"subscribe", "my-topic", "--poll"}, "NOTIFER_URL=http://127.0.0.1:1", 4, "no answer"},
		{[]string{"subscribe", "my-topic"}, "NOTIFER_TOPIC_TOKEN=tk_wrong", 3, "401"},
		{[]string{"subscribe", "my-topic", "--state", "x", "other-topic", "--poll"}, "", 2, "one topic"},
	} {
		r := run.Command(t, append(d.env, row.env), "", row.args...)
		if r.Code != row.want || !strings.Contains(r.Stderr, row.text) {
			t.Errorf("%q with %q: exit code %d, %q; want %d and %q", row.args, row.env, r.Code, r.Stderr, row.want, row.text)
		}
	}
}

// What a script puts into a flag may come from another program: a flaw of it costs no message.
func TestPublishCommandCorrectsFlaws(t *testing.T) {
	d := newDesk(t)
	for _, row := range []struct{ flag, value, field, want, warning string }{
		{"--priority", "9", "priority", "5", "priority 9 became 5"},
		{"--priority", "critical", "priority", "3", `priority "critical" is not a priority: the default was used`},
		{"--priority", "HIGH", "priority", "4", ""},
		{"--priority", "max", "priority", "5", ""},
		{"--title", "caf\xe9", "title", "café", "windows-1252"},
		{"--action", "view, Open, https://example.org, twice", "actions", "<nil>", "was left out"},
	} {
		r := d.run(t, "", "publish", "my-topic", row.flag, row.value, "--json", "caf\xe9 is full")
		if r.Code != 0 || !strings.Contains(r.Stderr, row.warning) {
			t.Errorf("%s %q: exit code %d, %q; want %q", row.flag, row.value, r.Code, r.Stderr, row.warning)
			continue
		}
		if m := object(t, r.Stdout); m["message"] != "café is full" || fmt.Sprint(m[row.field]) != row.want {
			t.Errorf("%s %q: %v, want %s", row.flag, row.value, m, row.want)
		}
		if r := d.run(t, "", "publish", "my-topic", row.flag, row.value, "--strict", "x"); row.warning != "" && r.Code != 2 {
			t.Errorf("%s %q with --strict: exit code %d, want 2", row.flag, row.value, r.Code)
		}
	}
}

func TestSubscribeCommandRunsAProgram(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ok(t, "", "publish", "my-topic", `$(rm -rf /) "quoted"`, "--title", "T", "--tags", "a,b", "--priority", "4")
	out := d.ok(t, "", "subscribe", "my-topic", "--since", "all", "--count", "1",
		"--exec", `echo "$NOTIFER_TOPIC|$NOTIFER_TITLE|$NOTIFER_MESSAGE|$NOTIFER_PRIORITY|$NOTIFER_TAGS|$(cat)"`)
	if want := `my-topic|T|$(rm -rf /) "quoted"|4|a,b|$(rm -rf /) "quoted"` + "\n"; out != want {
		t.Errorf("the program saw %q, want %q", out, want)
	}
}

// What a message says must not drive the terminal it is shown on: the server keeps a lone bell, and an escape before a letter.
func TestSubscribeCommandShowsControlCharactersHarmlessly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ok(t, "\x1b]0;title\x07\x1b[2J\x1b[\x9b2J\u202e\u009btxt\x07\x1bc", "publish", "my-topic", "--file", "-")
	out := d.ok(t, "", "subscribe", "my-topic", "--poll")
	if strings.ContainsAny(out, "\x1b\x07\u202e") || !strings.Contains(out, "?txt") {
		t.Errorf("shown: %q", out)
	}
}

func TestSubscribeCommandRemembers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	state := filepath.Join(t.TempDir(), "last")
	poll := func() int {
		return strings.Count(d.ok(t, "", "subscribe", "my-topic", "--poll", "--json", "--state", state), "\n")
	}
	for round, n := range []int{2, 0, 3} {
		for range n {
			d.ok(t, "", "publish", "my-topic", "x")
		}
		if got := poll(); got != n {
			t.Errorf("round %d: %d messages, want %d", round, got, n)
		}
	}
}

func TestSubscribeCommandFilters(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, args := range [][]string{{"low", "--priority", "2"}, {"high", "--priority", "4", "--tags", "Disk"}, {"urgent", "--priority", "5"}} {
		d.ok(t, "", append([]string{"publish", "my-topic"}, args...)...)
	}
	for want, args := range map[string][]string{"high urgent": {"--priority", "high"}, "high": {"--tags", "Disk,net"}} {
		out := d.ok(t, "", append([]string{"subscribe", "my-topic", "--poll", "--exec", `echo "$NOTIFER_MESSAGE"`}, args...)...)
		if got := strings.Join(strings.Fields(out), " "); got != want {
			t.Errorf("%v: %q, want %q", args, got, want)
		}
	}
}

// The command outlives restarts and kills of the server and prints each message once.
func TestSubscribeCommandOutlivesTheServer(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const rounds = 4
	cmd := exec.Command(run.Binary(t), "subscribe", "my-topic", "--since", "all", "--exec", `echo "$NOTIFER_MESSAGE"`, "--count", fmt.Sprint(rounds*2))
	cmd.Env = append(os.Environ(), d.env...)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	lines := bufio.NewScanner(pipe)
	for round := range rounds {
		d.ok(t, "", "publish", "my-topic", fmt.Sprint(round*2))
		if round%2 == 0 {
			d.Kill()
		} else {
			d.Stop(t)
		}
		d.Restart(t)
		d.ok(t, "", "publish", "my-topic", fmt.Sprint(round*2+1))
	}
	for want := range rounds * 2 {
		if !lines.Scan() || lines.Text() != fmt.Sprint(want) {
			t.Fatalf("line %d is %q", want, lines.Text())
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("subscribe ended with %v", err)
	}
}
