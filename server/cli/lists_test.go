package cli_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// rows are the lines of a list, one space between columns, with ids, secrets and times replaced by words.
func rows(out string) []string {
	for pattern, word := range map[string]string{
		`\b(token|key|user|topic)_[a-z2-7]{16}\b`: "ID", `\b(tk|noti)_\w{4}…\w{4}`: "HINT", `\b20\d\d-\d\d-\d\d \d\d:\d\d\b`: "TIME",
	} {
		out = regexp.MustCompile(pattern).ReplaceAllString(out, word)
	}
	var list []string
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		list = append(list, strings.Join(strings.Fields(line), " "))
	}
	return list
}

// TestListsForPeople: the tables say of each thing what it is and in which state.
func TestListsForPeople(t *testing.T) {
	at := stocked(t)
	password := writeFile(t, "password", "correct horse battery\n")
	for _, words := range []string{
		"user add ben@example.org --admin --password-file " + password, "user add cleo@example.org --password-file " + password,
		"user passwd ben --password-file " + password, "user disable cleo",
		"topic create garden --owner ann --access public", "token create disks display --permissions subscribe --note hall --shape grafana",
		"key create ann laptop --scopes publish,topics:read --topics door,backup-*", "key create ann all",
	} {
		if code, _, errs := run(t, append(strings.Fields(words), at)...); code != 0 {
			t.Fatalf("%s: exit %d, %s", words, code, errs)
		}
	}
	for words, want := range map[string][]string{
		"user list": {"USERNAME EMAIL ROLE STATE SECOND FACTOR LAST SIGN-IN", "ann ann@example.org user active - never",
			"ben ben@example.org admin new password due - never", "cleo cleo@example.org user disabled - never"},
		"topic list": {"NAME ACCESS OWNER MESSAGES LAST MESSAGE", "disks private ann 0 never", "garden public ann 0 never"},
		"token list disks": {"ID NAME HINT PERMISSIONS STATE REQUESTS LAST USED EXPIRES CREATED BY", "ID display HINT subscribe unused 0 never never ann",
			"ID NAS HINT publish unused 0 never never ann"},
		"key list ann": {"ID NAME HINT SCOPES TOPICS REQUESTS LAST USED EXPIRES REVOKED", "ID all HINT * all 0 never never never",
			"ID laptop HINT publish,topics:read backup-*,door 0 never never never"},
		"token show disks display": {"ID ID", "Name display", "Note hall", "Topic disks", "Hint HINT", "Permissions subscribe", "State unused", "Created TIME by ann",
			"Expires never", "Last used never", "Requests 0, 0 refused"},
	} {
		code, out, errs := run(t, append(strings.Fields(words), at)...)
		if got := rows(out); code != 0 || strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s: exit %d, %s\n%s\nwant\n%s", words, code, errs, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	for words, want := range map[string]int{"user list": 3, "topic list": 2, "token list disks": 2, "key list ann": 2} {
		var list []map[string]any
		_, out, errs := run(t, append(strings.Fields(words), "--json", at)...)
		if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != want {
			t.Errorf("%s --json: %d entries, %v, %s; want %d", words, len(list), err, errs, want)
		}
	}
}

// TestShapeOfAToken: the command sets and removes it, and lists those there are.
func TestShapeOfAToken(t *testing.T) {
	at := stocked(t)
	for _, row := range []struct {
		words string
		code  int
		want  string
	}{
		{"token shape disks NAS grafana", 0, `"NAS" has the shape grafana.`},
		{"token show disks NAS --json", 0, `"shape": "grafana"`},
		{"token shape disks NAS none", 0, `"NAS" has the shape none.`},
		{"token show disks NAS --json", 0, `"shape": ""`},
		{"token shape", 0, "grafana"},
		{"token shape disks NAS nope", 2, `unknown shape "nope"`},
		{"token shape disks", 2, "TOKEN is missing"},
	} {
		code, out, errs := run(t, append(strings.Fields(row.words), at)...)
		if code != row.code || !strings.Contains(out+errs, row.want) {
			t.Errorf("%s: exit %d, %s%s, want %d and %q", row.words, code, out, errs, row.code, row.want)
		}
	}
}

// TestRotatedTokenPrintsItsNewSecret: a text for people, or the token with it as JSON.
func TestRotatedTokenPrintsItsNewSecret(t *testing.T) {
	at := stocked(t)
	if code, out, errs := run(t, "token", "rotate", "disks", "NAS", at); code != 0 || !strings.HasPrefix(out, "tk_") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	var token struct {
		Token  string
		Status string
	}
	_, out, errs := run(t, "token", "rotate", "disks", "NAS", "--grace", "0", "--json", at)
	if err := json.Unmarshal([]byte(out), &token); err != nil || !strings.HasPrefix(token.Token, "tk_") || token.Status == "rotating" {
		t.Errorf("%s%s: %v", out, errs, err)
	}
	for _, grace := range []string{"8d", "200h"} {
		if code, _, errs := run(t, "token", "rotate", "disks", "NAS", "--grace", grace, at); code != 2 || !strings.Contains(errs, "(7 days)\nTry: --grace 24h") {
			t.Errorf("--grace %s: exit %d, %q", grace, code, errs)
		}
	}
}
