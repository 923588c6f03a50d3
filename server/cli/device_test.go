package cli_test

import (
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDeviceAdd: the command prints a code that a camera reads, whose secret stands behind #, and lists what was paired.
func TestDeviceAdd(t *testing.T) {
	at := stocked(t)
	const url = "https://notify.example.org"
	if code, _, errs := run(t, "device", "add", "--topics", "disks", at); code != 2 || !strings.Contains(errs, "--url") {
		t.Errorf("without a URL: %d %s", code, errs)
	}
	if code, _, errs := run(t, "device", "add", "--topics", "disks", "--url", "notify.example.org", at); code != 2 || !strings.Contains(errs, `invalid base URL: "notify.example.org": write https://`) {
		t.Errorf("with a URL without a scheme: %d %s", code, errs)
	}
	if code, out, errs := run(t, "device", "add", "--topics", "disks", "--url", "http://192.168.1.5:8080", at); code != 0 || !strings.Contains(errs, "use https if you can") || strings.Contains(out, "https") {
		t.Errorf("over http: %d %q %s", code, errs, out)
	}
	if code, _, errs := run(t, "device", "add", "--topics", "no such", "--url", url, at); code != 2 || !strings.Contains(errs, "Try: --topics") {
		t.Errorf("with a bad topic: %d %s", code, errs)
	}
	code, out, errs := run(t, "device", "add", "--topics", "disks,backup-*", "--name", "Kitchen", "--url", url, at)
	if code != 0 || errs != "" || !strings.Contains(out, url+"/devices/join") {
		t.Fatalf("notifer device add = %d %s", code, errs)
	}
	if read := scanned(t, out); !strings.HasPrefix(read, url+"/devices/join#") || len(read) != len(url)+len("/devices/join#")+32 || !strings.Contains(out, read[len(read)-32:]) {
		t.Errorf("the QR code says %q", read)
	}
	if code, out, _ := run(t, "device", "add", "--topics", "disks", "--url", url+"/"+strings.Repeat("p", 3000), at); code != 0 || !strings.Contains(out, "too long for a QR code") || strings.Contains(out, "█") {
		t.Errorf("with a long URL: %d %.200s", code, out)
	}
	code, out, errs = run(t, "device", "add", "--topics", "disks", "--url", url, "--json", at)
	var offer struct{ URL, Code string }
	if err := json.Unmarshal([]byte(out), &offer); code != 0 || err != nil || offer.URL != url+"/devices/join#"+offer.Code {
		t.Errorf("as JSON: %d %v %s %s", code, err, out, errs)
	}
	if code, out, _ = run(t, "device", "list", "ann", at); code != 0 || strings.Count(out, "\n") != 1 {
		t.Errorf("notifer device list before anything was paired = %d %q", code, out)
	}
}

// scanned draws the half blocks of a terminal and has zbarimg read them.
func scanned(t *testing.T, out string) string {
	t.Helper()
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("there is no zbarimg")
	}
	var lines [][]rune
	for _, l := range strings.Split(out, "\n") {
		if strings.HasPrefix(l, "Scan this") {
			break
		}
		lines = append(lines, []rune(l))
	}
	const scale = 4
	img := image.NewGray(image.Rect(0, 0, len(lines[0])*scale, 2*len(lines)*scale))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for y, line := range lines {
		for x, r := range line {
			for half, dark := range []bool{r == '▀' || r == '█', r == '▄' || r == '█'} {
				for i := 0; dark && i < scale*scale; i++ {
					img.SetGray(x*scale+i%scale, (2*y+half)*scale+i/scale, color.Gray{})
				}
			}
		}
	}
	path := filepath.Join(t.TempDir(), "code.png")
	f, err := os.Create(path)
	if err == nil {
		err = png.Encode(f, img)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(zbar, "-q", "--raw", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}
