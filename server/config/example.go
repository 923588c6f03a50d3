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
