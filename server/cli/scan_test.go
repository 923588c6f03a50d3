package cli_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"notifer/server/cli"
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

// TestScanNamesFiles: the file that a line names can be opened from where the scan was run.
func TestScanNamesFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	name := filepath.Join("scripts", "backup.sh")
	if err := os.Mkdir("scripts", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(scannedToken), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{".", "./", "scripts", "scripts/", name, "./" + name} {
		if _, out, _ := run(t, "scan", path); !strings.HasPrefix(out, name+":1: ") {
			t.Errorf("scan %s: %q, want it to name %s", path, out, name)
		}
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

// TestScanListsWhatItCannotRead: a token in a compressed log is found, and what hides its content in another way is listed, so that
// silence means that everything was read.
func TestScanListsWhatItCannotRead(t *testing.T) {
	packed := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, text)
		z.Close()
		return b.String()
	}
	zipped := func(method uint16, text string) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.CreateHeader(&zip.FileHeader{Name: "backup/env", Method: method})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, text)
		z.Close()
		return b.String()
	}
	env := "TOKEN=" + scannedToken + "\n" + strings.Repeat("and more ", 50)
	found := packed("a\n" + scannedToken + "\n")
	wide := "\xff\xfe"
	for _, c := range scannedToken {
		wide += string(c) + "\x00"
	}
	for name, c := range map[string]struct {
		text          string
		code          int
		line, skipped string
	}{
		"app.log.2.gz": {found, 3, ":2: token tk_0123…oNPX", ""},
		"two.gz":       {packed("nothing\n") + found, 3, ":3: token", ""}, // as logrotate and pigz write
		"utf16.txt":    {wide, 3, ":1: token", ""},
		"core":         {"name\x00" + scannedToken + "\x00next", 3, ":1: token", ""}, // texts of C
		"cut.gz":       {found[:len(found)-9], 0, "", "damaged gzip, read in part"},
		"bad.gz":       {"\x1f\x8b\x00", 0, "", "damaged gzip"},
		"a.zip":        {zipped(zip.Store, env), 3, ": token tk_0123…oNPX", "a zip archive"},
		"bare.zip":     {zipped(zip.Store, scannedToken), 3, ": token tk_0123…oNPX", "a zip archive"}, // between the name of the member and PK
		"deflated.zip": {zipped(zip.Deflate, env), 0, "", "a zip archive"},
		"a.xz":         {"\xfd7zXZ\x00\x00", 0, "", "compressed by xz"},
		"a.zst":        {"\x28\xb5\x2f\xfd...", 0, "", "compressed by zstd"},
		"a.bz2":        {"BZh91AY", 0, "", "compressed by bzip2"},
		"a.pdf":        {"%PDF-1.7", 0, "", "a PDF"},
		"BZ":           {"BZ", 0, "", ""},
		"empty":        {"", 0, "", ""},
	} {
		file := writeFile(t, name, c.text)
		for _, how := range []string{file, "-"} {
			stdin := ""
			if how == "-" {
				stdin = c.text
			}
			var printed, complained bytes.Buffer
			code := cli.Main([]string{"scan", how}, strings.NewReader(stdin), &printed, &complained)
			out, errs := printed.String(), complained.String()
			if c.skipped == "damaged gzip, read in part" && code == 3 {
				code, out = 0, "" // the part held it
			}
			if code != c.code || !strings.Contains(out, c.line) || !strings.Contains(errs, c.skipped) || (c.skipped == "") != !strings.Contains(errs, "skipped") {
				t.Errorf("scan of %s as %s: exit %d, %q, %q", name, how, code, out, errs)
			}
		}
	}
}

// TestScanPrintsWhatItCannotCheck: what was found is printed when the server does not answer.
func TestScanPrintsWhatItCannotCheck(t *testing.T) {
	code, out, errs := run(t, "scan", "--check", "--server", "http://127.0.0.1:1", writeFile(t, "notes.txt", scannedToken))
	if code != 3 || !strings.Contains(out, "notes.txt:1: token tk_0123…oNPX\n") || !strings.Contains(errs, "127.0.0.1:1") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

// TestScanListsTheObjectsOfGit: whichever way a repository is named, its history is compressed, and silence would hide that.
func TestScanListsTheObjectsOfGit(t *testing.T) {
	work := t.TempDir()
	for _, repository := range []string{".git", ".git/modules/sub", "bare.git"} {
		if err := os.MkdirAll(filepath.Join(work, repository, "objects", "ab"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(work, repository, "HEAD"), []byte("ref: refs/heads/main\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(work)
	for path, want := range map[string]int{work: 3, ".": 3, ".git": 2, filepath.Join(".git", "objects"): 1, "bare.git": 1} {
		code, _, errs := run(t, "scan", path)
		if code != 0 || strings.Count(errs, "objects: the history of git is compressed: git log -p --all") != want {
			t.Errorf("scan of %s: exit %d, %q, want %d listed", path, code, errs, want)
		}
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
