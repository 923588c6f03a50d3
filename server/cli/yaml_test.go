package cli_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

var pythonReadsYAML = sync.OnceValue(func() bool { return exec.Command("python3", "-c", "import yaml").Run() == nil })

// readYAML reads a file with Python's parser, an independent one.
func readYAML(t *testing.T, text string, out any) {
	t.Helper()
	if !pythonReadsYAML() {
		t.Skip("python3-yaml is not installed")
	}
	cmd := exec.Command("python3", "-c", "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)")
	cmd.Stdin = strings.NewReader(text)
	out2, err := cmd.Output()
	if err != nil {
		t.Fatalf("not YAML: %v\n%s", err, text)
	}
	if err := json.Unmarshal(out2, out); err != nil {
		t.Fatal(err)
	}
}

// TestReplicaStaysOneValue: whatever place is accepted for the replica is that value in the file of Litestream.
func TestReplicaStaysOneValue(t *testing.T) {
	for _, place := range []string{"/mnt/usb:", "/mnt/a:b", "s3://bucket/x:", "s3://bucket/a%20b", "sftp://u:p@nas.example/d:", "sftp://u@nas.example/[d]"} {
		var file struct {
			DBs []struct {
				Replica map[string]any `json:"replica"`
			} `json:"dbs"`
		}
		readYAML(t, printed(t, "litestream", "--replica", place), &file)
		if r := file.DBs[0].Replica; r["path"] != place && r["url"] != place {
			t.Errorf("--replica %q became %v", place, r)
		}
	}
	for _, place := range []string{"s3://bucket/a\u2028b", "s3://bucket/a\x00b", "sftp://u@nas.example/a|b", "s3://bucket/ä", "s3://bucket/a&b"} {
		if code, _, errs := run(t, "init", "litestream", "--replica", place); code != 2 {
			t.Errorf("--replica %q: exit %d, %q; want 2", place, code, errs)
		}
	}
}

func TestComposeFile(t *testing.T) {
	var file struct {
		Services map[string]struct {
			Image       string
			Ports       []string
			Volumes     []string
			Environment map[string]string
			Secrets     []string
			ReadOnly    bool     `json:"read_only"`
			CapDrop     []string `json:"cap_drop"`
		}
		Volumes map[string]any
		Secrets map[string]struct{ File string }
	}
	readYAML(t, printed(t, "compose", "--url", "https://home.example/notify"), &file)
	s := file.Services["notifer"]
	if s.Image == "" || len(s.Ports) != 1 || s.Ports[0] != "8080:8080" || !s.ReadOnly || len(s.CapDrop) != 1 || s.CapDrop[0] != "ALL" {
		t.Errorf("service = %+v", s)
	}
	name := strings.TrimPrefix(s.Environment["NOTIFER_ADMIN_PASSWORD_FILE"], "/run/secrets/")
	if file.Secrets[name].File == "" || s.Environment["NOTIFER_BASE_URL"] != "https://home.example/notify" {
		t.Errorf("environment %v does not match the secrets %v", s.Environment, file.Secrets)
	}
	if _, ok := file.Volumes[strings.Split(s.Volumes[0], ":")[0]]; !ok {
		t.Errorf("volume %v is not declared in %v", s.Volumes, file.Volumes)
	}
	if text := printed(t, "compose"); strings.Contains(text, "BASE_URL") || !strings.Contains(text, "NOTIFER_ADMIN_EMAIL") {
		t.Errorf("without --url the compose file has an address that refuses the sign-in:\n%s", text)
	}
	for name := range s.Environment {
		if !knownVariable(t, name) {
			t.Errorf("nothing reads %s", name)
		}
	}
}

// knownVariable says whether setting the variable is without a warning of config check.
func knownVariable(t *testing.T, name string) bool {
	t.Helper()
	if strings.HasSuffix(name, "_FILE") {
		t.Setenv(name, "/dev/null")
	} else {
		t.Setenv(name, "http://home.example")
	}
	_, _, errs := run(t, "config", "check")
	return !strings.Contains(errs, "unknown variable "+name)
}

func TestTraefikFile(t *testing.T) {
	var file struct {
		HTTP struct {
			Routers map[string]struct {
				Rule    string
				Service string
			}
			Services map[string]struct {
				LoadBalancer struct{ Servers []struct{ URL string } }
			}
		}
	}
	readYAML(t, printed(t, "traefik", "--url", "https://home.example", "--backend", "10.0.0.2:8080"), &file)
	r := file.HTTP.Routers["notifer"]
	if r.Rule != "Host(`home.example`) && PathPrefix(`/`)" {
		t.Errorf("rule = %s", r.Rule)
	}
	if s := file.HTTP.Services[r.Service].LoadBalancer.Servers; len(s) != 1 || s[0].URL != "http://10.0.0.2:8080" {
		t.Errorf("servers = %+v", s)
	}
}
