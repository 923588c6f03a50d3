package e2e_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// The page's nginx block stands in front of the server, and the page's curl lines go through it.
func TestPageNginx(t *testing.T) {
	t.Parallel()
	need(t, "nginx")
	p := newPage(t, "my-topic", "deployments").withToken(t, "my-topic")
	p.values["backend:8000"] = p.Addr
	front := startNginx(t, p.text(t, "nginx.conf"))
	p.values["https://app.notifer.io"] = front
	for _, block := range []string{"header.sh", "query.sh"} {
		if status, body := p.block(t, block); status != 200 {
			t.Fatalf("%s through nginx = %d %s, want 200", block, status, body)
		}
	}
	_, token := p.AddToken(t, p.jwt, "deployments", "CI", "publish")
	p.useToken(token)
	if status, body := p.block(t, "deploy-success.sh"); status != 200 {
		t.Fatalf("deploy-success.sh through nginx = %d %s, want 200", status, body)
	}
	p.expect(t, "deployments", "Deployment to production succeeded ✅", "Deploy Success", 3, "ci", "deploy", "success")
	if res, body := call(t, "POST", front+"/my-topic", "by JWT", "Authorization: Bearer "+p.jwt); res.StatusCode != 200 {
		t.Errorf("JWT through nginx = %d %s, want 200", res.StatusCode, body)
	}
	if res, body := call(t, "POST", front+"/my-topic", "x", "X-Topic-Token: "+token); res.StatusCode != 401 {
		t.Errorf("wrong topic through nginx = %d %s, want 401", res.StatusCode, body)
	}
}

// startNginx runs nginx with one location block and returns its URL.
func startNginx(t *testing.T, location string) string {
	t.Helper()
	dir, addr := t.TempDir(), run.FreeAddr(t)
	conf := ""
	if os.Geteuid() == 0 {
		conf = "user root;\n" // the default user could not enter the test's directory
	}
	conf += "daemon off; pid " + dir + "/pid; error_log stderr;\nevents {}\nhttp {\naccess_log off;\n"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		conf += kind + "_temp_path " + dir + "/" + kind + ";\n"
	}
	conf += "server {\nlisten " + addr + ";\n" + location + "\n}\n}\n"
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("nginx", "-e", "stderr", "-p", dir, "-c", path)
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if t.Failed() {
			t.Logf("nginx: %s", log.String())
		}
	})
	run.Until(t, "nginx listening", func() bool {
		res, err := http.Get("http://" + addr + "/")
		if err == nil {
			res.Body.Close()
		}
		return err == nil
	})
	return "http://" + addr
}
