package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const scannedToken = "tk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa3soNPX"

func TestScanFindsSoundSecretsOnly(t *testing.T) {
	dir := filepath.Dir(writeFile(t, "notes.txt", "a\n"+strings.Repeat("x", 3<<20)+" "+scannedToken+"\n"+scannedToken[:45]+"Z\n"))
	code, out, _ := run(t, "scan", dir)
	if code != 3 || !strings.Contains(out, "notes.txt:2: token tk_0123…oNPX") || strings.Count(out, "\n") != 1 {
		t.Errorf("scan: exit %d, %q; want 3 and the one sound token", code, out)
	}
	if strings.Contains(out, scannedToken) {
		t.Error("scan prints the secret")
	}
	code, out, errs := run(t, "scan", filepath.Join(dir, "missing"), dir)
	if code != 3 || !strings.Contains(out, "notes.txt:2") || !strings.Contains(errs, "missing: no such file") {
		t.Errorf("scan of a missing file and another: exit %d, %q, %q; want 3, what was found and what could not be read", code, out, errs)
	}
	if code, _, errs := run(t, "scan", filepath.Join(dir, "missing")); code != 1 || !strings.Contains(errs, "missing: no such file") {
		t.Errorf("scan of a missing file: exit %d, %q; want 1 and why", code, errs)
	}
	clean := writeFile(t, "a", "tk_ noti_ nothing here")
	if code, out, _ := run(t, "scan", "--json", clean); code != 0 || strings.TrimSpace(out) != "[]" {
		t.Errorf("scan of a clean directory: exit %d, %q; want 0 and []", code, out)
	}
}

// A link that is named is followed, one that is met is listed: a search that looks at nothing must not say that all is well.
func TestScanFollowsItsArguments(t *testing.T) {
	file := writeFile(t, "notes.txt", scannedToken)
	other := t.TempDir()
	for link, to := range map[string]string{"dir": filepath.Dir(file), "file": file} {
		if err := os.Symlink(to, filepath.Join(other, link)); err != nil {
			t.Fatal(err)
		}
		if code, out, errs := run(t, "scan", filepath.Join(other, link)); code != 3 || !strings.HasPrefix(out, filepath.Join(other, link)) {
			t.Errorf("scan of a link to a %s: exit %d, %q, %q", link, code, out, errs)
		}
	}
	code, _, errs := run(t, "scan", other)
	if code != 0 || !strings.Contains(errs, "skipped "+filepath.Join(other, "dir")) || !strings.Contains(errs, "skipped "+filepath.Join(other, "file")) {
		t.Errorf("scan of links: exit %d, %q, want both listed", code, errs)
	}
}

// JSON is read by programs, and shown by people.
func TestJSONHoldsNoControlCharacters(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a\u009b\x1b\u202e\x7f")
	os.WriteFile(name, []byte(scannedToken), 0o600)
	_, out, _ := run(t, "scan", dir, "--json")
	var found []struct{ Path string }
	if err := json.Unmarshal([]byte(out), &found); err != nil || len(found) != 1 || found[0].Path != name || strings.ContainsAny(out, "\u009b\x1b\u202e\x7f") {
		t.Errorf("%q, %v", out, err)
	}
}
