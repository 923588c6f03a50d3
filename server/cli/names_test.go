package cli_test

import (
	"strings"
	"testing"
)

// The command line takes the names that the pages and the API take.
func TestNamesThatCannotBeSeenAreRefused(t *testing.T) {
	at := stocked(t)
	for _, name := range []string{"", " ", "a\x1b[2Jb", strings.Repeat("x", 61)} {
		for _, words := range [][]string{{"key", "create", "ann", name}, {"token", "create", "disks", name}} {
			if code, out, errs := run(t, append(words, at)...); code != 2 || out != "" || !strings.Contains(errs, "name must have 1 to 60 visible characters") {
				t.Errorf("notifer %q = %d, %q, %q; want 2 and the rule", words, code, out, errs)
			}
		}
	}
}

// What the API refuses of a new token, key or topic, the command line refuses too, and says what to give.
func TestFieldsThatMeanNothingAreRefused(t *testing.T) {
	at := stocked(t)
	for _, words := range [][]string{
		{"token", "create", "disks", "x", "--permissions", ""},
		{"token", "create", "disks", "x", "--note", strings.Repeat("x", 201)},
		{"token", "create", "disks", "x", "--note", "a\nb"},
		{"key", "create", "ann", "x", "--scopes", ""},
		{"topic", "create", "east", "--description", strings.Repeat("x", 2001)},
	} {
		if code, out, errs := run(t, append(words, at)...); code != 2 || out != "" || !strings.Contains(errs, "Try: ") {
			t.Errorf("notifer %.60q = %d, %q, %q; want 2 and what to give", words, code, out, errs)
		}
	}
}

// The command line keeps the rules of the configuration about the life of tokens.
func TestLifeOfTokensIsConfigured(t *testing.T) {
	at := stocked(t)
	file := writeFile(t, "notifer.toml", "[tokens]\ndefault_expiry = \"30d\"\nmax_expiry = \"90d\"\n")
	for life, want := range map[string]int{"": 0, "90d": 0, "91d": 2} {
		words := []string{"token", "create", "disks", "for " + life, "--json", "--config", file, at}
		if life != "" {
			words = append(words, "--expires-in", life)
		}
		code, out, errs := run(t, words...)
		if code != want || code == 0 && strings.Contains(out, `"expires_at": null`) || code != 0 && !strings.Contains(errs, "max_expiry") {
			t.Errorf("a life of %q: exit %d, %s %s, want %d and an end", life, code, out, errs, want)
		}
	}
}

// The first segment of the base URL is no topic's name, for the command as for the API: behind a proxy that takes it off
// nobody could publish to it.
func TestTheBaseURLReservesItsPath(t *testing.T) {
	at := stocked(t)
	file := writeFile(t, "notifer.toml", "base_url = \"https://home.example/notify\"\n")
	for name, want := range map[string]int{"notify": 2, "notify2": 0} {
		if code, _, errs := run(t, "topic", "create", name, "--config", file, at); code != want {
			t.Errorf("topic create %s: exit %d, %s, want %d", name, code, errs, want)
		}
	}
}
