package examples_test

import (
	"os/exec"
	"strings"
	"testing"

	"notifer/web/examples"
)

const madeUp = "tk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa3soNPX"

// TestSnippetsForServices reads those snippets that no tool on this machine runs, and proves that files which are kept
// with others hold no secret.
func TestSnippetsForServices(t *testing.T) {
	seen := map[string]examples.Example{}
	for _, x := range examples.ForToken(examples.Use{Topic: "https://notify.home.example/sub/backups", Publish: true, Subscribe: true}, madeUp) {
		seen[x.ID] = x
		for _, step := range x.Steps {
			if strings.Contains(step.Code, "URL") || strings.Contains(step.Code, "SECRET") {
				t.Errorf("%s is not filled in: %s", x.Name, step.Code)
			}
		}
	}
	for _, id := range []string{"github", "gitlab", "docker", "systemd", "home", "env"} {
		x := seen[id]
		if len(x.Steps) != 2 || !strings.Contains(x.Steps[0].Code, madeUp) || strings.Contains(x.Steps[1].Code, madeUp) {
			t.Errorf("%s: want the secret in the first step only: %+v", id, x.Steps)
			continue
		}
		if !strings.Contains(x.Steps[1].Code, "https://notify.home.example/sub/backups") {
			t.Errorf("%s does not name the topic's address", id)
		}
	}
	if code := seen["powershell"].Steps[0].Code; strings.Count(code, `"`)%2 != 0 || strings.Count(code, "{") != strings.Count(code, "}") {
		t.Errorf("the PowerShell snippet is not balanced: %s", code)
	}
	// websocat 1 takes what follows -H for more headers, so the address has to come first.
	if code := seen["read-websocat"].Steps[0].Code; !strings.HasPrefix(code, "websocat wss://notify.home.example/sub/backups/ws -H ") {
		t.Errorf("the websocat snippet is %s", code)
	}
	for _, id := range []string{"github", "gitlab", "docker", "home"} {
		parseYAML(t, id, seen[id].Steps[1].Code)
	}
}

// TestSnippetsWithoutSecret are those of the page of a token: they name a variable instead.
func TestSnippetsWithoutSecret(t *testing.T) {
	for _, x := range examples.ForToken(examples.Use{Topic: "https://notify.home.example/backups", Publish: true, Subscribe: true}, "") {
		for _, step := range x.Steps {
			if !strings.Contains(step.Code, "NOTIFER_TOPIC_TOKEN") && !strings.Contains(step.Code, "tk_...") && !strings.Contains(strings.ToLower(step.Code), "topic_token") {
				t.Errorf("%s names no variable: %s", x.Name, step.Code)
			}
		}
	}
}

// parseYAML reads a text by Python's parser, where it is on the machine; an unknown tag such as !secret is a string.
func parseYAML(t *testing.T, name, text string) {
	t.Helper()
	if exec.Command("python3", "-c", "import yaml").Run() != nil {
		t.Skip("no YAML parser on this machine")
	}
	cmd := exec.Command("python3", "-c", `
import sys, yaml
yaml.SafeLoader.add_multi_constructor("!", lambda loader, tag, node: loader.construct_scalar(node))
read = yaml.safe_load(sys.stdin)
assert read, "nothing in it"`)
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s is no YAML: %v\n%s\n%s", name, err, out, text)
	}
}
