package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"notifer/server/test/run"
)

func (p *page) withToken(t *testing.T, topic string) *page {
	t.Helper()
	_, token := p.AddToken(t, p.jwt, topic, "CI", "publish")
	p.useToken(token)
	return p
}

// expect compares the newest message of topic with what the block was to send.
func (p *page) expect(t *testing.T, topic, text, title string, priority int, tags ...string) {
	t.Helper()
	m := newest(t, p.Server, p.jwt, topic)
	gotTitle := ""
	if m.Title != nil {
		gotTitle = *m.Title
	}
	if m.Message != text || gotTitle != title || m.Priority != priority || !slices.Equal(m.Tags, tags) || m.Topic != topic {
		t.Errorf("stored %+v with title %q, want %q, %q, %d, %q", m, gotTitle, text, title, priority, tags)
	}
}

func TestPageHeaderAndQuery(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	status, body := p.block(t, "header.sh")
	if status != 200 {
		t.Fatalf("header.sh = %d %s, want 200", status, body)
	}
	reply := object(t, body)
	for _, key := range []string{"id", "topic", "title", "message", "priority", "tags", "timestamp"} {
		if _, present := reply[key]; !present {
			t.Errorf("the reply to a publish has no %q: %s", key, body)
		}
	}
	p.expect(t, "my-topic", "Build completed successfully", "CI/CD", 3)
	if status, body := p.block(t, "query.sh"); status != 200 {
		t.Fatalf("query.sh = %d %s, want 200", status, body)
	}
	p.expect(t, "my-topic", "Build completed", "", 3)
}

func TestPagePython(t *testing.T) {
	t.Parallel()
	need(t, "python3")
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	// The requests library of the machine is used; where it is absent a stand-in sends the same bytes.
	prelude := "import sys; sys.path.append(" + pyQuote(absolute(t, "testdata/python")) + ")\n"
	script := prelude + p.text(t, "use.py") + "\nprint(response.status_code)\n"
	out, err := exec.CommandContext(t.Context(), "python3", "-c", script).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "200" {
		t.Fatalf("use.py: %v %s, want 200", err, out)
	}
	p.expect(t, "my-topic", "Build completed", "CI/CD", 3)
}

func TestPageJavaScript(t *testing.T) {
	t.Parallel()
	need(t, "node")
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	out, err := exec.CommandContext(t.Context(), "node", "-e", p.text(t, "use.js")).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Fatalf("use.js: %v %s", err, out)
	}
	p.expect(t, "my-topic", "Build completed", "CI/CD", 3)
}

// A browser on another site asks first whether it may send the page's headers.
func TestPageJavaScriptInBrowser(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	res, _ := call(t, "OPTIONS", p.URL+"/my-topic", "", "Origin: https://shop.example",
		"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type,x-title,x-topic-token")
	if res.StatusCode != 204 || res.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("preflight = %d, origin %q; want 204 and *", res.StatusCode, res.Header.Get("Access-Control-Allow-Origin"))
	}
	allowed := strings.ToLower(res.Header.Get("Access-Control-Allow-Headers"))
	for _, name := range []string{"content-type", "x-title", "x-topic-token", "x-priority", "x-tags", "x-api-key"} {
		if !strings.Contains(allowed, name) {
			t.Errorf("preflight allows %q, want %s in it", allowed, name)
		}
	}
	token := p.values["tk_..."]
	res, body := call(t, "POST", p.URL+"/my-topic", "Build completed", "Origin: https://shop.example",
		"X-Topic-Token: "+token, "X-Title: CI/CD", "Content-Type: text/plain", "Sec-Fetch-Mode: cors", "Sec-Fetch-Site: cross-site")
	if res.StatusCode != 200 || res.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("cross-site publish = %d %s, origin %q; want 200 and *", res.StatusCode, body, res.Header.Get("Access-Control-Allow-Origin"))
	}
}

func TestPageEnvironmentFile(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	file, script, found := strings.Cut(p.text(t, "env.sh"), "\n\n")
	if !found {
		t.Fatal("env.sh has no two parts")
	}
	status, body := p.shell(t, "cat > .env <<'END'\n"+file+"\nEND\n"+script)
	if status != 200 {
		t.Fatalf("env.sh = %d %s, want 200", status, body)
	}
	p.expect(t, "my-topic", "Message", "", 3)
}

func TestPageGitHubActions(t *testing.T) {
	t.Parallel()
	p := newPage(t, "deployments").withToken(t, "deployments")
	for _, c := range []struct {
		block, text, title string
		priority           int
		tags               []string
	}{
		{"deployment.sh", "Deploy completed", "Deployment", 3, nil},
		{"deploy-success.sh", "Deployment to production succeeded ✅", "Deploy Success", 3, []string{"ci", "deploy", "success"}},
		{"deploy-failure.sh", "Deployment to production failed ❌", "Deploy Failed", 5, []string{"ci", "deploy", "error"}},
	} {
		if status, body := p.block(t, c.block); status != 200 {
			t.Fatalf("%s = %d %s, want 200", c.block, status, body)
		}
		p.expect(t, "deployments", c.text, c.title, c.priority, c.tags...)
	}
}

// The page stores a secret with echo, so the file that docker mounts ends with a newline.
func TestPageDockerSecret(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic").withToken(t, "my-topic")
	secret := filepath.Join(t.TempDir(), "notifer_token")
	p.stub(t, "docker", `[ "$*" = "secret create notifer_token -" ] && cat > `+secret)
	p.block(t, "docker-secret.sh")
	if text, err := os.ReadFile(secret); err != nil || !strings.HasSuffix(string(text), "\n") {
		t.Fatalf("secret file: %v %q", err, text)
	}
	env := []string{"NOTIFER_URL=" + p.URL, "NOTIFER_TOKEN_FILE=" + secret}
	if r := run.Command(t, env, "", "publish", "my-topic", "from a container"); r.Code != 0 {
		t.Fatalf("publish = %d %s", r.Code, r.Stderr)
	}
	p.expect(t, "my-topic", "from a container", "", 3)
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	full, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return full
}

func pyQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }
