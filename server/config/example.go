package config

import (
	"fmt"
	"strings"
)

const exampleHead = `# Notifer's configuration: every key at its default.
# Flags override NOTIFER_ environment variables, which override this file.
# "notifer config" prints all settings and where each one comes from.

`

const exampleDeclared = `
# Users, topics and tokens may be declared here; they are created or updated at
# startup, never deleted. "notifer config apply --dry-run" shows the difference.
# File names are relative to this file. A declared token never expires, whatever
# [tokens] says: it ends when it is revoked, or declared with another secret.
#
# [[user]]
# email = "ann@example.com"
# username = "ann"
# admin = true
# password_file = "ann.password"
#
# [[topic]]
# name = "server-alerts"
# owner = "ann"
# access_level = "private"
# description = "What breaks at home"
#
#   [[topic.token]]
#   name = "cron"
#   permissions = ["publish"]
#   token_file = "server-alerts-cron.token"
#   shape = "grafana"  # what sends with it; see /docs/webhooks
`

// Example is the text of config.example.toml.
func Example() string {
	var b strings.Builder
	b.WriteString(exampleHead)
	section := ""
	for _, s := range Default().Settings() {
		if s.Section() != section {
			section = s.Section()
			fmt.Fprintf(&b, "\n[%s]\n", section)
		}
		name := strings.TrimPrefix(s.Key, section+".")
		fmt.Fprintf(&b, "# %s\n", s.Help)
		if s.Secret {
			fmt.Fprintf(&b, "# (or %s_file, the name of a file that holds it)\n", name)
		}
		fmt.Fprintf(&b, "%s = %s\n", name, s.TOML())
	}
	b.WriteString(exampleDeclared)
	return b.String()
}

const referenceHead = `# Settings

Every setting can be a flag of ` + "`notifer serve`" + `, an environment variable, or a key of the configuration file. Flags override variables,
which override the file. [Running a server](hosting.md) explains the file; ` + "`notifer config`" + ` shows the value in force and its origin.
This page is generated: ` + "`notifer config example --markdown`" + ` prints it.

Durations are written as ` + "`90s`, `15m`, `24h`; sizes as `512MiB` or `2GiB`" + `. In the environment, the items of a list are separated by commas.
`

// sections say what each table of the file is for.
var sections = map[string]string{
	"": "General", "tls": "TLS with a certificate of your own", "acme": "TLS with a certificate from an authority", "auth": "Sign-in",
	"limits": "Limits", "tokens": "Topic access tokens", "retention": "Retention", "stream": "Streams", "push": "Web push",
	"backup": "Backup", "replica": "Replica", "metrics": "Metrics", "admin": "First admin",
}

// Reference is the page of the documentation that lists every setting.
func Reference() string {
	var b strings.Builder
	b.WriteString(referenceHead)
	section := "-"
	for _, s := range Default().Settings() {
		if s.Section() != section {
			section = s.Section()
			fmt.Fprintf(&b, "\n## %s\n\n| key | type | default | meaning |\n|---|---|---|---|\n", sections[section])
		}
		value := "`" + s.TOML() + "`"
		if s.TOML() == `""` {
			value = "empty"
		}
		help := s.Help
		if s.Secret {
			help += "; no flag, but `" + s.Key + "_file` for a file that holds it"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Key, s.Kind(), value, strings.ReplaceAll(help, "|", `\|`))
	}
	b.WriteString(`
The flag of ` + "`limits.message_bytes` is `--limits-message-bytes`, its variable `NOTIFER_LIMITS_MESSAGE_BYTES`" + `; the others follow the same
pattern. Users, topics and tokens can be declared in the file too: see [Running a server](hosting.md).
`)
	return b.String()
}
