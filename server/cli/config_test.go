package cli_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"notifer/server/cli"
	"notifer/server/config"
)

// run calls the command line and returns its exit code and outputs.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = cli.Main(args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExampleHoldsEveryKeyAtItsDefault(t *testing.T) {
	file, err := os.ReadFile("../../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	if string(file) != config.Example() {
		t.Error("config.example.toml is stale; run: go run . config example > config.example.toml")
	}
	meta, err := toml.Decode(string(file), &map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := config.Load("../../config.example.toml", noEnv, nil)
	if err != nil {
		t.Fatal(err)
	}
	defaults := config.Default().Settings()
	for i, s := range loaded.Settings() {
		if !meta.IsDefined(strings.Split(s.Key, ".")...) {
			t.Errorf("%s is not in the example", s.Key)
		}
		if s.TOML() != defaults[i].TOML() {
			t.Errorf("%s = %s in the example, default %s", s.Key, s.TOML(), defaults[i].TOML())
		}
	}
}

// What the help and the documentation say of flags: every setting is one but the secrets.
func TestOnlySecretsHaveNoFlag(t *testing.T) {
	file, err := os.ReadFile("../../web/docs/hosting.md")
	if err != nil {
		t.Fatal(err)
	}
	_, help, _ := run(t, "help")
	for _, text := range []string{string(file), help} {
		text := strings.ToLower(text)
		if every := strings.Index(text, "every setting"); every < 0 || !strings.Contains(text[every:], "secrets have no flag") {
			t.Errorf("it is not said that secrets have no flag:\n%s", text)
		}
	}
	for _, s := range config.Default().Settings() {
		code, _, errs := run(t, "config", "--"+s.Flag()+"="+s.String())
		if known := !strings.Contains(errs, "unknown flag"); known == s.Secret {
			t.Errorf("--%s: exit %d, %s", s.Flag(), code, errs)
		}
	}
}

func noEnv(string) (string, bool) { return "", false }

func env(pairs ...string) config.Environment {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestStrength(t *testing.T) {
	file := writeFile(t, "c.toml", "data_dir = \"/file\"\n[limits]\nstreams = 5\nconnections = 6\n")
	t.Setenv("NOTIFER_LIMITS_STREAMS", "7")
	t.Setenv("NOTIFER_LIMITS_CONNECTIONS", "8")
	code, out, errs := run(t, "config", "--config", file, "--limits-streams", "9")
	if code != 0 {
		t.Fatalf("config = %d: %s", code, errs)
	}
	for key, want := range map[string][2]string{
		"data_dir":             {`"/file"`, file + ":1"},
		"limits.streams":       {"9", "flag --limits-streams"},
		"limits.connections":   {"8", "environment NOTIFER_LIMITS_CONNECTIONS"},
		"limits.message_bytes": {"65536", "default"},
	} {
		if value, origin := configLine(t, out, key); value != want[0] || origin != want[1] {
			t.Errorf("%s = %s from %s, want %s from %s", key, value, origin, want[0], want[1])
		}
	}
}

// configLine finds one key in the output of `notifer config`.
func configLine(t *testing.T, out, key string) (value, origin string) {
	t.Helper()
	for line := range strings.Lines(out) {
		name, rest, _ := strings.Cut(line, " = ")
		if strings.TrimSpace(name) == key {
			value, origin, _ = strings.Cut(rest, " # ")
			return strings.TrimSpace(value), strings.TrimSpace(origin)
		}
	}
	t.Fatalf("%s is not in the output:\n%s", key, out)
	return "", ""
}

func TestUnknownKey(t *testing.T) {
	for text, want := range map[string]string{
		"\n\nlisen = \":1\"":         `:3: unknown key "lisen"; did you mean "listen"?`,
		"[limits]\nmesage_bytes = 3": `:2: unknown key "limits.mesage_bytes"; did you mean "limits.message_bytes"?`,
		"[[topic]]\nname=\"abc\"\nowner=\"ann\"\n[[topic.token]]\nnam=\"x\"": `:5: unknown key "topic.token.nam"; did you mean "topic.token.name"?`,
		"[admin]\npasword_file = \"x\"":                                      `did you mean "admin.password_file"?`,
	} {
		code, _, errs := run(t, "config", "check", "--config", writeFile(t, "c.toml", text))
		if code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %q, want 2 and %q", text, code, errs, want)
		}
	}
}

const topicAbc = "[[topic]]\nname = \"abc\"\nowner = \"ann\"\n"

// tokenOf declares a token of the topic before it.
func tokenOf(name string) string {
	return "\n[[topic.token]]\nname = \"" + name + "\"\npermissions = [\"publish\"]\ntoken_file = \"x\"\n"
}

func TestWrongValues(t *testing.T) {
	for text, want := range map[string]string{
		"listen = \"nonsense\"":                                          `invalid address "nonsense"`,
		"listen = \"127.0.0.1:99999\"":                                   `invalid address "127.0.0.1:99999"`,
		"data_dir = \"\"":                                                "must not be empty",
		"[acme]\ndomains=[\"https://x.y\"]":                              `"https://x.y" is not a host name`,
		"base_url = \"home\"":                                            "invalid base URL",
		"trusted_proxies = [\"proxy\"]":                                  "is not an address or a network",
		"[push]\nhosts = [\"https://push.example/x\"]":                   "is neither a host name nor http://host:port",
		"[push]\nhosts = [\"push.example:8443\"]":                        "is neither a host name nor http://host:port",
		"[push]\ncontact = \"ann\"":                                      "is neither an email nor an https URL",
		"[push]\ncontact = \"http://ann.example\"":                       "is neither an email nor an https URL",
		"log_level = \"loud\"":                                           "is none of debug",
		"[tls]\ncert = \"x\"":                                            "must be set together with tls.cert",
		"[stream]\nheartbeat = \"soon\"":                                 "invalid duration",
		"[retention]\nsize = \"many\"":                                   "invalid size",
		"[limits]\nstreams = 0":                                          "is not between",
		"[limits]\nstreams = \"x\"":                                      "line 2: limits.streams: expected a number, found text in quotes",
		"[auth]\nreauth_after = \"\"":                                    "auth.reauth_after", // no secret could be shown
		"[auth]\nsession_max = \"\"":                                     "auth.session_max",  // nobody could sign in
		"[tokens]\ndefault_expiry = \"90d\"\nmax_expiry = \"30d\"":       "90d is longer than tokens.max_expiry, 30d",
		"[stream]\nheartbeat = \"1ns\"":                                  "stream.heartbeat (",
		"[stream]\nwrite_timeout = \"1ms\"":                              "1ms is less than 100ms",
		"[backup]\nevery = \"1s\"":                                       "1s is less than 1m",
		"[backup]\nverify = \"1s\"":                                      "1s is less than 1m",
		"[auth]\naccess_ttl = \"1us\"":                                   "is less than 1s",
		"[tokens]\nmax_expiry = \"1ns\"":                                 "is less than 1s",
		"[retention]\nage = \"1us\"":                                     "is less than 1ms",
		"[retention]\nsize = 1":                                          "1 is less than 256KiB",
		"[limits]\nin_flight_bytes = \"\"":                               "limits.in_flight_bytes",
		"[limits]\nin_flight_bytes = \"2GiB\"":                           "2GiB is not between 1MiB and 1GiB",
		"listen = [\":8080\", \":8080\"]":                                ":8080 is listed twice",
		"listen = [\":8080\", \"127.0.0.1:8080\"]":                       ":8080 and 127.0.0.1:8080 overlap",
		"listen = [\"0.0.0.0:8080\", \"[::]:8080\"]":                     "0.0.0.0:8080 and [::]:8080 overlap",
		"listen = [\"localhost:80\", \"127.0.0.1:http\"]":                "overlap",
		"listen = [\"unix:/run/a\", \"unix:/run//a\"]":                   "overlap",
		"[metrics]\nlisten = \"127.0.0.1:8080\"":                         "metrics.listen (",
		"listen=\":80\"\n[tls]\ncert=\"a\"\nkey=\"b\"":                   "port 80 only redirects to https: add :443",
		"listen_mode = \"999\"":                                          "invalid file mode",
		"x = [":                                                          "line 1: write settings as name = \"text\"",
		"listen: \":8080\"":                                              "line 1: write settings as name = \"text\"",
		"listen = \":80\"\nlisten = \":81\"":                             "line 2: listen is set twice",
		"[[user]]\nemail = \"ann\"":                                      `[[user]] "ann": email must be one plain address`,
		"[[user]]\nemail = \"jo@home.example\"":                          "username must be 3 to 32 of",
		"[admin]\nemail = \"jo@home.example\"":                           "username must be 3 to 32 of",
		"[[topic]]\nname = \"A\"":                                        "name must be 3 to 64 of",
		"[[topic]]\nname = \"abc\"":                                      "owner is missing",
		topicAbc + "access_level = \"open\"":                             "access_level must be public, protected or private",
		topicAbc + "display_name = \"a\\nb\"":                            "display_name must be one line",
		topicAbc + "description = \"" + strings.Repeat("x", 2001) + "\"": "description must have at most 2000",
		topicAbc + "access_level = \"public\"" + tokenOf("cron"):         "tokens are for private topics only, and abc is public",
		topicAbc + tokenOf(strings.Repeat("x", 61)):                      "name must have 1 to 60 visible characters",
		"[acme]\ndomains=[\"a\"]\n[tls]\ncert=\"a\"\nkey=\"b\"":          "clear tls.cert or acme.domains",
	} {
		code, _, errs := run(t, "config", "check", "--config", writeFile(t, "c.toml", text))
		if code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %q, want 2 and %q", text, code, errs, want)
		}
	}
}

func TestSecretSources(t *testing.T) {
	secret := writeFile(t, "admin.password", "from a file\n")
	beside := writeFile(t, "c.toml", "[admin]\npassword_file = \"pw\"\n")
	if err := os.WriteFile(filepath.Join(filepath.Dir(beside), "pw"), []byte("beside\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := writeFile(t, "empty.toml", "")
	for _, row := range []struct {
		file string
		env  config.Environment
		want string
	}{
		{beside, noEnv, "beside"},
		{beside, env("NOTIFER_ADMIN_PASSWORD", "plain"), "plain"},
		{beside, env("NOTIFER_ADMIN_PASSWORD_FILE", secret), "from a file"},
		{empty, env("CREDENTIALS_DIRECTORY", filepath.Dir(secret)), "from a file"},
		{empty, env("CREDENTIALS_DIRECTORY", "/nowhere"), ""},
	} {
		c, err := config.Load(row.file, row.env, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.Admin.Password != row.want {
			t.Errorf("password = %q, want %q", c.Admin.Password, row.want)
		}
	}
	_, err := config.Load(empty, env("NOTIFER_ADMIN_PASSWORD", "a", "NOTIFER_ADMIN_PASSWORD_FILE", secret), nil)
	if err == nil || !strings.Contains(err.Error(), "both set") {
		t.Errorf("both sources: %v, want an error", err)
	}
}

// systemd passes files that only root can read in a directory that only the service has. The other commands read the same configuration.
func TestFilesOfTheServiceInTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"site.key", "admin"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("secret\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := writeFile(t, "c.toml", `
[tls]
cert = "/etc/ssl/site.pem"
key = "$CREDENTIALS_DIRECTORY/site.key"
[admin]
email = "ann@example.org"
password_file = "$CREDENTIALS_DIRECTORY/admin"
`)
	inside, err := config.Load(file, env("CREDENTIALS_DIRECTORY", dir), nil)
	if err != nil {
		t.Fatal("in the service:", err)
	}
	if inside.TLS.Key != filepath.Join(dir, "site.key") || inside.TLS.Cert != "/etc/ssl/site.pem" || inside.Admin.Password != "secret" {
		t.Errorf("in the service: key %q, cert %q, password %q", inside.TLS.Key, inside.TLS.Cert, inside.Admin.Password)
	}
	outside, err := config.Load(file, noEnv, nil)
	if err != nil {
		t.Fatal("in another command:", err)
	}
	if outside.TLS.Key != "$CREDENTIALS_DIRECTORY/site.key" || outside.Admin.Password != "" {
		t.Errorf("in another command: key %q, password %q", outside.TLS.Key, outside.Admin.Password)
	}
	if _, err := outside.SecretFile("$CREDENTIALS_DIRECTORY/admin", noEnv); err == nil || !strings.Contains(err.Error(), "sudo CREDENTIALS_DIRECTORY=/etc/notifer") {
		t.Errorf("a declared secret in another command: %v", err)
	}
}

// TestConfigCheckSaysWhatItDidNotCheck: outside the service, what systemd passes to it cannot be read. Where root's files are named, they are.
func TestConfigCheckSaysWhatItDidNotCheck(t *testing.T) {
	dir := t.TempDir()
	file := writeFile(t, "c.toml", `
data_dir = "`+dir+`"
[tls]
cert = "/etc/ssl/site.pem"
key = "$CREDENTIALS_DIRECTORY/site.key"
[admin]
email = "ann@example.org"
password_file = "$CREDENTIALS_DIRECTORY/admin"
[[user]]
email = "bob@example.org"
password_file = "$CREDENTIALS_DIRECTORY/bob"
[[topic]]
name = "abc"
owner = "bob"
[[topic.token]]
name = "cron"
permissions = ["publish"]
token_file = "$CREDENTIALS_DIRECTORY/cron"
`)
	names := []string{"tls.key: $C", "admin.password_file: $C", "[[user]] bob@example.org: $C", `[[topic]] abc: [[topic.token]] "cron": $C`}
	code, out, errs := run(t, "config", "check", "--config", file)
	for _, name := range names {
		if code != 0 || !strings.HasPrefix(out, "ok: ") || !strings.Contains(errs, "not checked: "+name) {
			t.Errorf("exit %d, %s%s; want it to say that it did not check %s", code, out, errs, name)
		}
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	if code, out, errs := run(t, "config", "check", "--config", file); code != 2 || strings.Contains(out+errs, "not checked") || !strings.Contains(errs, "admin") {
		t.Errorf("with the directory of credentials: exit %d, %s%s", code, out, errs)
	}
}

// TestBrokenSecretsAreNotRepeated: an error about a line does not hold what stands in it, which may be a password without its quotes.
func TestBrokenSecretsAreNotRepeated(t *testing.T) {
	for _, value := range []string{"hunter2secret", "\"hunter2secret", "\"hunter2secret\\xzz\"", "\"hunter2\" secret", "20_hunter", "2026_10__01secret", "3.hunter", "[\"hunter2secret\"", "'hunter'secret"} {
		file := writeFile(t, "c.toml", "[admin]\nemail = \"ann@example.org\"\npassword = "+value+"\n")
		code, out, errs := run(t, "config", "check", "--config", file)
		if code == 0 || !strings.Contains(errs, "line 3") || strings.Contains(out+errs, "hunter") || strings.Contains(out+errs, "2026") {
			t.Errorf("password = %s: exit %d, %s%s", value, code, out, errs)
		}
	}
}

func TestSecretsAreMasked(t *testing.T) {
	t.Setenv("NOTIFER_ADMIN_PASSWORD", "hunter2hunter2")
	for _, args := range [][]string{{"config"}, {"config", "--json"}} {
		_, out, errs := run(t, args...)
		if strings.Contains(out+errs, "hunter2") || !strings.Contains(out, "not shown") {
			t.Errorf("%v shows the secret or no mask:\n%s", args, out)
		}
	}
}

func TestValues(t *testing.T) {
	c, err := config.Load(writeFile(t, "c.toml", `
listen = [":80", "unix:/run/x"]
[retention]
age = "30d"
size = "2GiB"
`), env("NOTIFER_TRUSTED_PROXIES", "10.0.0.0/8, ::1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c.Listen, config.List{":80", "unix:/run/x"}) || !reflect.DeepEqual(c.TrustedProxies, config.List{"10.0.0.0/8", "::1"}) {
		t.Errorf("lists = %v %v", c.Listen, c.TrustedProxies)
	}
	if c.Retention.Age.String() != "30d" || c.Retention.Size != 2<<30 {
		t.Errorf("age %v, size %d; want 30d, 2 GiB", c.Retention.Age, c.Retention.Size)
	}
}

func TestServeWithoutAnAddressIsWrongUsage(t *testing.T) {
	code, _, errs := run(t, "serve", "--listen", "", "--data-dir", t.TempDir())
	if code != 78 || !strings.Contains(errs, "no address") {
		t.Errorf("exit %d, %q, want 78 and what is missing", code, errs)
	}
}

// TestServeEndsWithWhatTheServiceManagerActsOn: 2, with which Go ends a crash, is none of them.
func TestServeEndsWithWhatTheServiceManagerActsOn(t *testing.T) {
	owned := writeFile(t, "notifer.toml", "[[topic]]\nname = \"door\"\nowner = \"ann\"\n")
	for _, row := range []struct {
		code int
		want string
		args []string
	}{
		{78, "unknown flag", []string{"--lisen", ":0"}},
		{78, "--retention-age", []string{"--retention-age", "nonsense"}},
		{78, "unknown key", []string{"--config", writeFile(t, "notifer.toml", "lisen = 1\n")}},
		{1, "read the configuration", []string{"--config", filepath.Join(t.TempDir(), "notifer.toml")}}, // its disk may come
		{1, `no account "ann"`, []string{"--config", owned}},                                            // the store's disk may come
	} {
		code, _, errs := run(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir()}, row.args...)...)
		if code != row.code || !strings.Contains(errs, row.want) || !strings.Contains(errs, "Try: ") {
			t.Errorf("%q: exit %d, %q, want %d and %q", row.args, code, errs, row.code, row.want)
		}
	}
}

// TestCheckOfAReload finds what a running server would refuse, and nothing that it can do without.
func TestCheckOfAReload(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	file := writeFile(t, "notifer.toml", "data_dir = \"/proc/notifer\"\n[backup]\ndir = \"/proc/usb\"\n[metrics]\nlisten = \":8080\"\n"+
		"[[user]]\nemail = \"ann@home.example\"\npassword_file = \""+missing+"\"\n")
	if code, _, errs := run(t, "config", "check", "--reload", "--config", file); code != 0 {
		t.Errorf("exit %d, %q, want 0", code, errs)
	}
	if code, _, _ := run(t, "config", "check", "--config", file); code != 2 {
		t.Errorf("without --reload: exit %d, want 2", code)
	}
	for want, text := range map[string]string{
		"tls.cert":  "[tls]\ncert = \"" + missing + "\"\nkey = \"" + missing + "\"\n",
		"log_level": "log_level = \"loud\"\n",
	} {
		if code, _, errs := run(t, "config", "check", "--reload", "--config", writeFile(t, "notifer.toml", text)); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %q, want 2 and %q", text, code, errs, want)
		}
	}
}

// TestAddressesSideBySide: what can be listened on at once is accepted.
func TestAddressesSideBySide(t *testing.T) {
	for _, text := range []string{
		"listen = [\"127.0.0.1:8080\", \"[::1]:8080\", \"192.0.2.1:8080\", \":8081\"]",
		"listen = [\"127.0.0.1:0\", \"127.0.0.1:0\"]\n[metrics]\nlisten = \":0\"",
		"listen = [\"unix:/run/a\", \"unix:/run/b\", \":8080\"]",
		"listen = [\":80\", \":443\"]\n[acme]\ndomains = \"home.example\"",
		"[metrics]\nlisten = \":9090\"",
	} {
		if code, _, errs := run(t, "config", "--config", writeFile(t, "c.toml", text)); code != 0 {
			t.Errorf("%q: exit %d, %s", text, code, errs)
		}
	}
}

// TestHarmlessValuesAreAccepted: a server starts with what others have written for "never" or "not at all". Only a value that does harm is
// refused, and the description of the setting states the bound.
func TestHarmlessValuesAreAccepted(t *testing.T) {
	for _, s := range config.Default().Settings() {
		var least, most string
		switch s.Value().(type) {
		case config.Duration:
			least, most = "1ns", "100000d"
		case config.Size, config.Space:
			least, most = "1B", "8000000TiB"
		default:
			continue
		}
		if code, _, errs := run(t, "config", "--"+s.Flag(), most); s.Key != "limits.in_flight_bytes" && code != 0 {
			t.Errorf("%s = %s: exit %d, %s", s.Key, most, code, errs)
		}
		harmless := slices.Contains([]string{"limits.anonymous_bytes_per_day", "limits.token_bytes_per_day", "tokens.keep_ended"}, s.Key)
		code, _, errs := run(t, "config", "--"+s.Flag(), least)
		if bound := strings.Contains(s.Help, "; at least ") || strings.Contains(s.Help, "; from "); bound == harmless || harmless != (code == 0) {
			t.Errorf("%s = %s: exit %d, %s; its description: %s", s.Key, least, code, errs, s.Help)
		}
	}
}

// A number of days that is none, or too large, is not a duration.
func TestASpanIsANumber(t *testing.T) {
	for _, text := range []string{"NaNd", "Infw", "106751.991167300917d", "-1d"} {
		if d := new(config.Duration); d.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q is the duration %s, want an error", text, d)
		}
	}
}

// What a start would stumble over is found before it.
func TestConfigCheckReadsWhatServeReads(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	link := filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Symlink("nowhere", link)); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"[tls]\ncert = \"/nowhere.pem\"\nkey = \"/nowhere.key\"":          "tls.cert: open /nowhere.pem: no such file or directory",
		"[backup]\ndir = \"" + file + "/copies\"":                         "backup.dir: ",
		"[backup]\ndir = \"/proc/notifer\"":                               "backup.dir: ", // where root passes every check of permissions
		"[[user]]\nemail = \"ann@example.org\"\npassword_file = \"nope\"": "[[user]] ann@example.org: cannot read the secret file: open ",
		"[backup]\ndir = \"" + link + "/copies\"":                         "backup.dir: " + link + " is a link to nowhere, which does not exist",
		topicAbc + tokenOf("cron") + tokenOf("Cron"):                      `[[topic]] abc: [[topic.token]] "Cron": two tokens have this name`,
		topicAbc + topicAbc:                                               `[[topic]] abc is declared twice`,
		"[[user]]\nemail = \"ann@example.org\"\npassword_file = \"x\"\n[[user]]\nemail = \"Ann@example.org\"\npassword_file = \"x\"": `[[user]] Ann@example.org is declared twice`,
		topicAbc + tokenOf("cron"):                      `[[topic]] abc: [[topic.token]] "cron": cannot read the secret file`,
		"[[topic]]\nname = \"abc\"\nowner = \"nobody\"": `its owner "nobody" is not declared`,
		"data_dir = \"" + file + "/data\"":              "data_dir: ",
	} {
		code, _, errs := run(t, "config", "check", "--config", writeFile(t, "c.toml", text))
		if code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %q, want 2 and %q", text, code, errs, want)
		}
	}
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := run(t, "config", "check", "--trusted-proxies", "0.0.0.0/0", "--data-dir", dir)
	if after, err := os.ReadDir(dir); err != nil || len(after) != len(before) {
		t.Errorf("the check has left something: %v, %v", after, err)
	}
	if code != 0 || !strings.HasPrefix(out, "ok") || !strings.Contains(errs, "anyone can forge") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

// Editors on Windows put a byte order mark in front, which nobody can type.
func TestSecretsWithAByteOrderMark(t *testing.T) {
	for text, want := range map[string]string{"\uFEFFsecret\r\n": "secret", "secret": "secret", " secret \n": " secret "} {
		if got, err := config.ReadSecret(writeFile(t, "pw", text)); got != want || err != nil {
			t.Errorf("ReadSecret(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
}
