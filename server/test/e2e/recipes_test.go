package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// hostile are outputs that a recipe has to get through, and what must arrive of them; empty stands for anything.
var hostile = map[string]struct{ text, want string }{
	"empty":     {"", ""},
	"megabyte":  {strings.Repeat("x", 1<<20) + "\nthe end", "the end"},
	"binary":    {"\xff\xfe\x00\x01 broken \xc3", "broken"},
	"dash":      {"--file=/etc/passwd not found", "--file=/etc/passwd not found"},
	"quotes":    {"say \"no\" \\ 'now' `id` $(id) {{ x }}", "say \"no\" \\ 'now' `id` $(id) {{ x }}"},
	"line ends": {"[NAS] [Down]\nDestination Host Unreachable\r\nthird\n", "Destination Host Unreachable"},
}

// recipe is the first block of this language under a heading of the page of recipes.
func recipe(t *testing.T, heading, language string) string {
	t.Helper()
	page, err := os.ReadFile(run.Root(t) + "/web/docs/recipes.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "\n## "+heading+"\n")
	m := regexp.MustCompile("(?ms)^```" + language + "\n(.*?)^```$").FindStringSubmatch(rest)
	if m == nil {
		t.Fatalf("no block of %s under %s", language, heading)
	}
	return m[1]
}

// arrives calls send with each hostile text, and wants a message more with that text each time.
func (d desk) arrives(t *testing.T, send func(t *testing.T, text string)) {
	for name, row := range hostile {
		t.Run(name, func(t *testing.T) {
			_, before := d.last(t)
			send(t, row.text)
			m, after := d.last(t)
			if after != before+1 || !strings.Contains(fmt.Sprint(m["message"]), row.want) {
				t.Errorf("%d messages more, the last %.200q, want %q", after-before, m["message"], row.want)
			}
		})
	}
}

// shell runs a line with `notifer` in the path, as cron and systemd do.
func (d desk) shell(t *testing.T, line string, env ...string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(run.Binary(t), filepath.Join(dir, "notifer")); err != nil {
		t.Fatal(err)
	}
	runScript(t, line, dir, append(append(d.env, "PATH="+dir+":"+os.Getenv("PATH")), env...))
}

func TestRecipeCron(t *testing.T) {
	d := newDesk(t)
	lines := strings.Split(strings.TrimSpace(recipe(t, "cron", "cron")), "\n")
	line, ok := strings.CutPrefix(lines[len(lines)-1], "0 3 * * * ")
	if !ok || strings.Contains(line, "%") {
		t.Fatalf("the last line of the crontab is %q", line)
	}
	d.arrives(t, func(t *testing.T, text string) {
		dir := t.TempDir()
		output := filepath.Join(dir, "output")
		script := filepath.Join(dir, "backup")
		os.WriteFile(output, []byte(text), 0o600)
		os.WriteFile(script, []byte("#!/bin/sh\ncat '"+output+"'\nexit 7\n"), 0o700)
		job := strings.NewReplacer("server-alerts", "my-topic", "/usr/local/bin/backup", script).Replace(line)
		d.shell(t, job+"; [ $? = 7 ]")
	})
}

func TestRecipeSystemd(t *testing.T) {
	d := newDesk(t)
	m := regexp.MustCompile(`(?m)^ExecStart=/usr/bin/(notifer .*)$`).FindStringSubmatch(recipe(t, "systemd", "ini"))
	if m == nil {
		t.Fatal("no ExecStart")
	}
	for _, unit := range []string{"-.mount", "backup.service", `dev-disk-by\x2duuid-1.swap`} {
		d.shell(t, strings.NewReplacer("server-alerts", "my-topic", "%i", unit, "%H", "nas").Replace(m[1]))
		if got, _ := d.last(t); !strings.HasSuffix(fmt.Sprint(got["message"]), " failed on nas") || fmt.Sprint(got["priority"]) != "5" {
			t.Errorf("%s: sent %v", unit, got)
		}
	}
}

// The script is called as mail(1) and cron call sendmail.
func TestRecipeMail(t *testing.T) {
	d := newDesk(t)
	token := regexp.MustCompile(`tk_\w+`).FindString(strings.Join(d.env, " "))
	script := filepath.Join(t.TempDir(), "sendmail-notifer")
	text := strings.NewReplacer("tk_...", token, "https://home.example/server-alerts", d.URL+"/my-topic").Replace(recipe(t, "Programs that send email", "bash"))
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, row := range hostile {
		mail := filepath.Join(t.TempDir(), "mail")
		subject := "Cron <root@nas> \"" + name + "\" $(id)"
		if err := os.WriteFile(mail, []byte("To: root\r\nsubject: "+subject+"\x1b\x08\r\nX-Title: no\r\nSubject: X-Priority: 5\r\nSubject: X-Tags: forged\r\n\r\n"+row.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, before := d.last(t)
		d.shell(t, "'"+script+"' -FCronDaemon -i -odi -oem root < '"+mail+"'")
		want := row.want
		if name == "megabyte" { // what a message cannot hold is cut at its end
			want = "xxx"
		}
		if m, after := d.last(t); after != before+1 || !strings.Contains(fmt.Sprint(m["message"]), want) || name != "empty" && m["title"] != subject || fmt.Sprint(m["priority"]) != "3" || fmt.Sprint(m["tags"]) != "[]" {
			t.Errorf("%s: %d messages more, the last %.300v", name, after-before, m)
		}
	}
}

// fail2ban puts lines of a log, which strangers write, into variables of the shell.
func TestRecipeFail2ban(t *testing.T) {
	d := newDesk(t)
	token := regexp.MustCompile(`tk_\w+`).FindString(strings.Join(d.env, " "))
	action := recipe(t, "fail2ban", "ini")
	m := regexp.MustCompile(`(?m)^actionban = (.*)$`).FindStringSubmatch(action)
	if m == nil || !strings.Contains(action, "\nnorestored = 1\n") {
		t.Fatalf("the action is %q", action)
	}
	line := strings.NewReplacer("%%", "%", "<ip>", "192.0.2.1", "<name>", "sshd", "<failures>", "5", "<matches>", "$f2bV_matches", "<token>", token,
		"<fq-hostname>", "nas", "<url>", d.URL+"/my-topic").Replace(m[1])
	for _, text := range []string{"Failed password for \"$(id)\" `id`\nand 'more'", `user \c\x1b[31m\n of a stranger`, "-n %s %b"} {
		d.shell(t, line, "f2bV_matches="+text)
		if got, _ := d.last(t); got["message"] != "192.0.2.1 was banned by sshd after 5 failures\n"+text && got["message"] != "192.0.2.1 was banned by sshd after 5 failures\n"+text+"\n" {
			t.Errorf("sent %q for %q", got["message"], text)
		}
	}
}

// The filter json of Kuma's template language is that of JSON.
func TestRecipeUptimeKuma(t *testing.T) {
	d := newDesk(t)
	body := recipe(t, "Uptime Kuma", "liquid")
	d.arrives(t, func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text[max(0, len(text)-60_000):], "?") // Kuma's texts are strings, and never that long
		fields := map[string]string{"msg": text, "name": "NAS"}
		sent := regexp.MustCompile(`\{\{ (\w+) \| json \}\}`).ReplaceAllStringFunc(body, func(m string) string {
			out, _ := json.Marshal(fields[strings.Fields(m)[1]])
			return string(out)
		})
		d.post(t, sent)
	})
}

// Grafana's own body, of which Notifer reads two fields.
func TestRecipeGrafana(t *testing.T) {
	d := newDesk(t)
	d.arrives(t, func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text[max(0, len(text)-60_000):], "?")
		body, _ := json.Marshal(map[string]any{"receiver": "home", "status": "firing", "orgId": 1, "title": "[FIRING:2] Disk", "message": text,
			"alerts": []any{map[string]any{"labels": map[string]string{"alertname": "Disk"}}}, "version": "1", "truncatedAlerts": 0})
		d.post(t, string(body))
	})
}

func (d desk) post(t *testing.T, body string) {
	t.Helper()
	token := strings.TrimPrefix(d.env[1], "NOTIFER_TOPIC_TOKEN=")
	if res, answer := call(t, "POST", d.URL+"/my-topic", body, "X-Topic-Token: "+token, "Content-Type: application/json"); res.StatusCode != 200 {
		t.Errorf("status %d: %s", res.StatusCode, answer)
	}
}
