package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"notifer/server/cli/command"
)

// printed returns what init prints, with all names filled in.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := run(t, append([]string{"init"}, args...)...)
	if code != 0 {
		t.Fatalf("init %v = %d: %s", args, code, errs)
	}
	if strings.Contains(out, "{{") && args[0] != "grafana" {
		t.Errorf("init %v leaves a name unfilled:\n%s", args, out)
	}
	return out
}

// tool runs a program that may be missing, and returns its output.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func save(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// The help says where each file belongs, or that its first line does.
func TestFilesSayWhereTheyBelong(t *testing.T) {
	_, help, _ := run(t, "init", "--help")
	listed := regexp.MustCompile(`(?m)^  ([\w-]+) +Print `).FindAllStringSubmatch(help, -1)
	if len(listed) < 7 {
		t.Fatalf("files %v in:\n%s", listed, help)
	}
	for _, m := range listed {
		if m[1] == "home-assistant" || m[1] == "helm" {
			continue // several files; see platforms_test.go
		}
		text := strings.TrimPrefix(strings.TrimPrefix(printed(t, m[1]), "#!/sbin/openrc-run\n"), "<?xml version=\"1.0\"?>\n<!-")
		first, _, _ := strings.Cut(text, "\n")
		if (strings.HasPrefix(first, "# Install: ") || strings.HasPrefix(first, "- Install: ")) == (m[1] == "grafana") {
			t.Errorf("init %s begins with %q", m[1], first)
		}
	}
	if !strings.Contains(help, "the Grafana dashboard has none") {
		t.Errorf("the help does not say what Grafana's file lacks:\n%s", help)
	}
}

// A call that a unit forbids fails, and does not kill: Litestream sets the owner of its files, which nothing has to.
func TestUnitsForbidWithAnError(t *testing.T) {
	for _, unit := range []string{printed(t, "systemd"), printed(t, "litestream-unit", "--replica", "/mnt/usb/notifer")} {
		if strings.Contains(unit, "\nSystemCallFilter=~") && !strings.Contains(unit, "\nSystemCallErrorNumber=EPERM\n") {
			t.Errorf("a forbidden call kills:\n%s", unit)
		}
	}
}

// systemd does not start a service whose directory is not there: Notifer has to run while the disk of its backups is away.
func TestUnitNeedsNoDiskOfBackups(t *testing.T) {
	for _, m := range regexp.MustCompile(`ReadWritePaths=(\S+)`).FindAllStringSubmatch(printed(t, "systemd"), -1) {
		if !strings.HasPrefix(m[1], "-") {
			t.Errorf("without %s the service does not start", m[1])
		}
	}
}

func TestSystemdUnit(t *testing.T) {
	unit := save(t, "notifer.service", printed(t, "systemd", "--binary", "/bin/true"))
	tool(t, "systemd-analyze", "verify", unit)
	if never := fmt.Sprint("\nRestartPreventExitStatus=", command.ExitConfig, "\n"); !strings.Contains(printed(t, "systemd"), never) {
		t.Errorf("no line %q: the service starts again and again with a wrong configuration", never)
	}
	out := tool(t, "systemd-analyze", "security", "--offline=true", unit)
	m := regexp.MustCompile(`exposure level for notifer.service: ([0-9.]+)`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no score in:\n%s", out)
	}
	if score, _ := strconv.ParseFloat(m[1], 64); score > 1.5 {
		t.Errorf("score = %v, want at most 1.5", score)
	}
}

// The unit keeps its data where the other commands do not look by themselves, and says how they are told.
func TestSystemdUnitSaysWhereItsDataIs(t *testing.T) {
	unit := printed(t, "systemd")
	m := regexp.MustCompile(`(?m)^# .*echo '(.*)' \| sudo tee /etc/notifer/notifer\.toml$`).FindStringSubmatch(unit)
	if m == nil {
		t.Fatalf("no line makes /etc/notifer/notifer.toml:\n%s", unit)
	}
	_, out, _ := run(t, "config", "--config", writeFile(t, "notifer.toml", m[1]+"\n"))
	value, _ := configLine(t, out, "data_dir")
	if dir := strings.Trim(value, `"`); dir != "/var/lib/notifer" || !strings.Contains(unit, "\nStateDirectory="+filepath.Base(dir)+"\n") {
		t.Errorf("the commands look in %s", dir)
	}
}

func TestSystemdSocket(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"notifer.socket": printed(t, "socket"), "notifer.service": printed(t, "systemd", "--binary", "/bin/true"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tool(t, "systemd-analyze", "verify", filepath.Join(dir, "notifer.socket"))
}

func TestNginxFileIsValid(t *testing.T) {
	for _, url := range []string{"http://home.example", "https://home.example/notify"} {
		dir := t.TempDir()
		site := strings.ReplaceAll(printed(t, "nginx", "--url", url, "--listen", "127.0.0.1:8099"), "/var/log/nginx", dir)
		conf := save(t, "nginx.conf", "pid "+dir+"/pid;\nerror_log "+dir+"/error.log;\nevents {}\nhttp {\n"+site+"}\n")
		tool(t, "nginx", "-t", "-c", conf)
		if all := printed(t, "nginx", "--url", url); !strings.Contains(all, "listen 80;\n    listen [::]:80;\n") {
			t.Errorf("for %s nginx does not listen on IPv6:\n%s", url, all)
		}
	}
}

// The last section of the specification names the headers a proxy must pass.
func TestNginxFilePassesTheNamedHeaders(t *testing.T) {
	site := printed(t, "nginx")
	for _, line := range []string{
		"proxy_set_header X-Topic-Token $http_x_topic_token;",
		"proxy_set_header Authorization $http_authorization;",
		"proxy_set_header X-Title $http_x_title;",
		"proxy_set_header X-Priority $http_x_priority;",
		"proxy_set_header X-Tags $http_x_tags;",
	} {
		if !strings.Contains(site, line) {
			t.Errorf("the nginx file lacks %q", line)
		}
	}
}

func TestCaddyFileIsValid(t *testing.T) {
	for _, url := range []string{"http://home.example", "https://home.example/notify"} {
		path := save(t, "Caddyfile", printed(t, "caddy", "--url", url))
		tool(t, "caddy", "validate", "--adapter", "caddyfile", "--config", path)
		tool(t, "caddy", "fmt", "--diff", path)
	}
}

func TestInitRefusesABadAddress(t *testing.T) {
	code, _, errs := run(t, "init", "nginx", "--url", "home.example")
	if code != 2 || !strings.Contains(errs, "Try: notifer init nginx --url https://home.example") {
		t.Errorf("exit %d, %q", code, errs)
	}
}

// Litestream reads its file, whatever kind of place the replica is kept at, and systemd the unit beside it.
func TestLitestreamFiles(t *testing.T) {
	for _, replica := range []string{"/mnt/usb/notifer", "sftp://ann@nas.example:2222/notifer", "s3://bucket/notifer"} {
		t.Run(replica, func(t *testing.T) {
			text := printed(t, "litestream-unit", "--replica", replica)
			if mount := "RequiresMountsFor=" + replica + "\n"; strings.Contains(text, mount) != strings.HasPrefix(replica, "/") {
				t.Errorf("%q is in the unit: %v", mount, strings.Contains(text, mount))
			}
			unit := save(t, "notifer-replica.service", strings.Replace(text, "ExecStart=litestream", "ExecStart=/bin/true", 1))
			tool(t, "systemd-analyze", "verify", unit)
			config := save(t, "litestream.yml", printed(t, "litestream", "--replica", replica, "--data", t.TempDir()))
			t.Setenv("RUNTIME_DIRECTORY", t.TempDir())
			t.Setenv("CREDENTIALS_DIRECTORY", t.TempDir())
			t.Setenv("LITESTREAM_ACCESS_KEY_ID", "id")
			t.Setenv("LITESTREAM_SECRET_ACCESS_KEY", "secret")
			kind, _, found := strings.Cut(replica, "://")
			if !found {
				kind = "file"
			}
			if out := tool(t, "litestream", "databases", "-config", config); !strings.Contains(out, kind) {
				t.Errorf("litestream does not see a replica of kind %s:\n%s", kind, out)
			}
		})
	}
}

func TestInitRefusesABadReplica(t *testing.T) {
	for _, replica := range []string{"usb/notifer", "sftp://nas.example/notifer", "sftp://ann@nas.example", "sftp://ann@nas.example/", "ftp://nas.example/x", "/mnt/my disk", "s3://"} {
		if code, _, errs := run(t, "init", "litestream", "--replica", replica); code != 2 || !strings.Contains(errs, "Try: notifer init litestream --replica /mnt/backup/notifer") {
			t.Errorf("--replica %q: exit %d, %q", replica, code, errs)
		}
	}
}

// TestInitRefusesWhatBreaksAFile: one door for each value that stands in a file.
func TestInitRefusesWhatBreaksAFile(t *testing.T) {
	for _, row := range []struct{ file, flag, value, want string }{
		{"caddy", "--url", "https://home.example/a{b", "remove the '{'"},
		{"nginx", "--url", "https://home.example/a;b", "remove the ';'"},
		{"compose", "--url", `https://home.example/"`, `remove the '"'`},
		{"compose", "--image", "notifer\nprivileged: true", "is not the name of an image"},
		{"unraid", "--image", "a<b", "is not the name of an image"},
		{"compose", "--image", "Notifer", "is not the name of an image"},
		{"nginx", "--backend", "127.0.0.1:8080; deny all", "is not an address"},
		{"caddy", "--backend", "127.0.0.1", "is not an address"},
		{"traefik", "--backend", "unix:/run/n.sock", "is not an address"},
		{"nginx", "--listen", "80; deny all", "is neither a port nor host:port"},
		{"nginx", "--listen", ":80", "is neither a port nor host:port"},
		{"socket", "--listen", "/run/my sock", "contains ' '"},
		{"compose", "--listen", "99999", "is neither a port nor host:port"},
		{"systemd", "--binary", "/opt/my apps/notifer", "contains ' '"},
		{"systemd", "--binary", "/opt/50%off/notifer", "contains '%'"},
		{"systemd", "--binary", `/opt/"notifer"`, `contains '"'`},
		{"systemd", "--binary", "/opt/notifer\nUser=root", `contains '\n'`},
		{"systemd", "--binary", `/opt/notif\er`, `contains '\\'`},
		{"systemd", "--binary", "/home/ann/notifer", "the service cannot see"},
		{"systemd", "--binary", "/tmp/notifer", "the service cannot see"},
		{"openrc", "--binary", "/opt/$HOME/notifer", "contains '$'"},
		{"litestream", "--data", "data", "is not an absolute path"},
		{"litestream", "--data", "/var/lib/a #b", "contains ' '"},
		{"litestream", "--data", "/var/lib/notifer/", "as /var/lib/notifer"},
		{"litestream-unit", "--replica", "/mnt/50%off", "contains '%'"},
		{"litestream-unit", "--replica", `/mnt/a\x20b`, `contains '\\'`},
		{"litestream-unit", "--replica", "/mnt/../etc", "as /etc"},
	} {
		code, out, errs := run(t, "init", row.file, row.flag, row.value)
		if code != 2 || out != "" || !strings.Contains(errs, row.want) || !strings.Contains(errs, "Try: notifer init "+row.file+" "+row.flag+" ") {
			t.Errorf("init %s %s %q: exit %d, %s%s; want %q", row.file, row.flag, row.value, code, out, errs, row.want)
		}
	}
}

// TestUnusualNamesStayWhole: what is accepted is read back as it was given.
func TestUnusualNamesStayWhole(t *testing.T) {
	unit := save(t, "notifer.service", printed(t, "systemd", "--binary", "/bin/../bin/true"))
	tool(t, "systemd-analyze", "verify", unit)
	const disk = "/mnt/Müller-2+3,x@y:z=~1"
	text := printed(t, "litestream-unit", "--replica", disk)
	if !strings.Contains(text, "\nReadWritePaths="+disk+"\n") {
		t.Errorf("no line gives access to %s:\n%s", disk, text)
	}
	tool(t, "systemd-analyze", "verify", save(t, "notifer-replica.service", strings.Replace(text, "ExecStart=litestream", "ExecStart=/bin/true", 1)))
	if here, err := os.Getwd(); err != nil || !strings.Contains(printed(t, "openrc", "--binary", "./notifer"), `command="`+here+`/notifer"`) {
		t.Errorf("a relative path is not made absolute: %v", err)
	}
	site := printed(t, "nginx", "--url", "http://[2001:db8::1]:8080", "--backend", "unix:/run/notifer/notifer.sock")
	if !strings.Contains(site, "server_name [2001:db8::1];") || !strings.Contains(site, "proxy_pass http://unix:/run/notifer/notifer.sock;") {
		t.Errorf("nginx:\n%s", site)
	}
	site = printed(t, "caddy", "--url", "http://[2001:db8::1]:8080", "--backend", "unix:/run/notifer/notifer.sock")
	if !strings.Contains(site, "reverse_proxy unix//run/notifer/notifer.sock {") {
		t.Errorf("Caddy:\n%s", site)
	}
	tool(t, "caddy", "validate", "--adapter", "caddyfile", "--config", save(t, "Caddyfile", site))
	if text := printed(t, "socket", "--listen", "9000"); !strings.Contains(text, "ListenStream=9000\n") {
		t.Errorf("the socket:\n%s", text)
	}
	if text := printed(t, "compose", "--url", "http://[2001:db8::1]:8080"); !strings.Contains(text, "admin@notifer.example") {
		t.Errorf("the first admin's email is not one:\n%s", text)
	}
}

// TestCommandsRefuseABadServer: publish and subscribe hold the URL of a server to the same rule as base_url, and repeat no password.
func TestCommandsRefuseABadServer(t *testing.T) {
	for _, args := range [][]string{
		{"publish", "disks", "full", "--server", "https://home.example/#hunter2"},
		{"subscribe", "disks", "--server", "https://home.example/?hunter2"},
		{"doctor", "--url", "https://ann:hunter2@home.example", "--data-dir", t.TempDir()},
	} {
		code, _, errs := run(t, args...)
		if code != 2 || !strings.Contains(errs, "remove the ") || strings.Contains(errs, "hunter2") {
			t.Errorf("%v: exit %d, %s", args, code, errs)
		}
	}
	t.Setenv("NOTIFER_URL", "https://home.example/my site")
	if code, _, errs := run(t, "publish", "disks", "full"); code != 2 || !strings.Contains(errs, "invalid server URL: remove the ' '") {
		t.Errorf("NOTIFER_URL: exit %d, %s", code, errs)
	}
}
