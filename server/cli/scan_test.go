package cli_test

import (
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
