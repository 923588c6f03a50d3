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
			if code, out, errs := run(t, append(words, at)...); code != 2 || out != "" || !strings.Contains(errs, "name must have 1 to 60 characters") {
				t.Errorf("notifer %q = %d, %q, %q; want 2 and the rule", words, code, out, errs)
			}
		}
	}
}
