package cli_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"notifer/db"
)

// An end that lies behind is a mistake; without the flag there is no end.
func TestALifeIsLongerThanNothing(t *testing.T) {
	at := stocked(t)
	for _, words := range []string{"token create disks x", "key create ann x"} {
		for _, life := range []string{"-1h", "0", "0s"} {
			code, out, errs := run(t, append(strings.Fields(words), "--expires-in", life, at)...)
			if code != 2 || out != "" || !strings.Contains(errs, "--expires-in") || !strings.Contains(errs, "Try: ") {
				t.Errorf("%s --expires-in %s: exit %d, %q, %q, want 2 and what to give", words, life, code, out, errs)
			}
		}
		if code, out, errs := run(t, append(strings.Fields(words+"-30"), "--expires-in", "30d", at)...); code != 0 {
			t.Errorf("%s --expires-in 30d: exit %d, %q, %q", words, code, out, errs)
		}
		if code, out, errs := run(t, append(strings.Fields(words), at, "--json")...); code != 0 || !strings.Contains(out, `"expires_at": null`) {
			t.Errorf("%s: exit %d, %q, %q, want no end", words, code, out, errs)
		}
	}
}

// Spaces around a permission are no part of it, as in the API.
func TestPermissionsWithSpaces(t *testing.T) {
	at := stocked(t)
	code, out, errs := run(t, "token", "create", "disks", "both", "--permissions", "publish, subscribe ", "--json", at)
	if code != 0 || !strings.Contains(out, `"can_read": true`) || !strings.Contains(out, `"can_write": true`) {
		t.Errorf("both: exit %d, %s%s", code, out, errs)
	}
	if code, _, errs := run(t, "token", "create", "disks", "none", "--permissions", "publish, ,subscribe", at); code != 2 {
		t.Errorf("an empty one: exit %d, %s", code, errs)
	}
}

// The list leaves out what ended too long ago, as the API and the dashboard do.
func TestListKeepsEndedTokensForAWhile(t *testing.T) {
	at := stocked(t)
	if code, _, errs := run(t, "token", "revoke", "disks", "nas", at); code != 0 {
		t.Fatal(errs)
	}
	raw, err := sql.Open("sqlite", filepath.Join(strings.TrimPrefix(at, "--data-dir="), db.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if done, err := raw.Exec("update token set revoked_at = revoked_at - 7200000 where revoked_at is not null"); err != nil {
		t.Fatal(err)
	} else if n, _ := done.RowsAffected(); n != 1 {
		t.Fatalf("%d tokens are revoked, want 1", n)
	}
	for keep, want := range map[string]bool{"3h": true, "1h": false} {
		file := writeFile(t, "notifer.toml", "[tokens]\nkeep_ended = \""+keep+"\"\n")
		code, out, errs := run(t, "token", "list", "disks", "--config", file, at)
		if code != 0 || strings.Contains(out, "token_") != want {
			t.Errorf("keep_ended %s: exit %d, %s%s", keep, code, out, errs)
		}
	}
}

func TestRevokeTakesTheNameToo(t *testing.T) {
	at := stocked(t)
	if code, out, errs := run(t, "token", "revoke", "disks", "nas", at); code != 0 || !strings.HasPrefix(out, `"NAS" is revoked`) {
		t.Fatalf("revoke by name: exit %d, %q, %q", code, out, errs)
	}
	_, list, _ := run(t, "token", "list", "disks", at)
	fields := strings.Fields(list[strings.Index(list, "token_"):])
	for _, which := range []string{"nas", fields[0]} {
		if code, _, errs := run(t, "token", "revoke", "disks", which, at); code != 2 || !strings.Contains(errs, "token list disks") {
			t.Errorf("revoke of the ended %s: exit %d, %q, want 2", which, code, errs)
		}
	}
	if code, _, errs := run(t, "token", "create", "disks", "NAS", at); code != 0 {
		t.Errorf("the name is not free: %s", errs)
	}
}

// TestRevokeTakesTheIDFirst: another token that has the id of this one as its name is not revoked in its place.
func TestRevokeTakesTheIDFirst(t *testing.T) {
	at := stocked(t)
	_, list, _ := run(t, "token", "list", "disks", at)
	id := strings.Fields(list[strings.Index(list, "token_"):])[0]
	if code, _, errs := run(t, "token", "create", "disks", id, at); code != 0 {
		t.Fatal(errs)
	}
	if code, out, errs := run(t, "token", "revoke", "disks", id, at); code != 0 || !strings.HasPrefix(out, `"NAS" is revoked`) {
		t.Errorf("exit %d, %q, %q, want NAS revoked", code, out, errs)
	}
}
