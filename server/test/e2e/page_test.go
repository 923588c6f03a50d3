package e2e_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"notifer/server/test/run"
)

// The blocks of the specification page are kept as they stand there, one file each below testdata/page. They run with
// the host, the credentials and the ids of the page replaced by real ones, and nothing else.

// page is a server on which the page's topics exist, and the values that stand for the page's placeholders.
type page struct {
	*run.Server
	jwt    string
	values map[string]string
	env    []string
}

func newPage(t *testing.T, topics ...string) *page {
	t.Helper()
	need(t, "curl")
	need(t, "bash")
	s := run.Start(t)
	p := &page{Server: s, jwt: s.AddUser(t, "ann")}
	for _, topic := range topics {
		s.AddTopic(t, p.jwt, topic, "private")
	}
	p.values = map[string]string{
		"https://app.notifer.io": s.URL,
		"YOUR_JWT_TOKEN":         p.jwt,
		"YOUR_JWT":               p.jwt,
	}
	return p
}

// useToken puts a token in every place where the page shows one.
func (p *page) useToken(token string) {
	for _, shown := range []string{"tk_FjZTOcx14k4_Kg6RtUCikAPYc2KNjXIMkWQUvDSREFc", "${{ secrets.NOTIFER_TOPIC_TOKEN }}", "tk_your_token_here", "tk_..."} {
		p.values[shown] = token
	}
}

// text is a block of the page with the placeholders replaced; longer placeholders win over their own beginnings.
func (p *page) text(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "page", name))
	if err != nil {
		t.Fatal(err)
	}
	pairs := []string{"YOUR_JWT_TOKEN", p.values["YOUR_JWT_TOKEN"]}
	for placeholder, value := range p.values {
		pairs = append(pairs, placeholder, value)
	}
	return strings.NewReplacer(pairs...).Replace(string(raw))
}

// shell runs a block with bash and returns the status and body of the one curl in it; 0 when no curl ran.
// A .curlrc makes curl print the status, so that the command lines stay as they are.
func (p *page) shell(t *testing.T, script string) (status int, body string) {
	t.Helper()
	dir := t.TempDir()
	rc := "silent\nshow-error\nwrite-out = \"\\n%{http_code}\"\n"
	if err := os.WriteFile(filepath.Join(dir, ".curlrc"), []byte(rc), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "CURL_HOME="+dir), p.env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, errs.String(), script)
	}
	body, code, found := cutLast(strings.TrimSpace(out.String()), "\n")
	if !found {
		body, code = "", out.String()
	}
	status, _ = strconv.Atoi(strings.TrimSpace(code))
	return status, body
}

// block runs one file of the page.
func (p *page) block(t *testing.T, name string) (status int, body string) {
	t.Helper()
	return p.shell(t, p.text(t, name))
}

// stub puts a program of this name and script first on the path of later blocks.
func (p *page) stub(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "PATH="+dir+":"+os.Getenv("PATH"))
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
