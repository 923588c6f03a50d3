package qr_test

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"notifer/server/qr"
)

// texts are those that we make codes of, and their bounds.
var texts = map[string]string{
	"one byte":  "a",
	"secret":    "otpauth://totp/Notifer%20(ops.example.org):maria?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Notifer",
	"link":      "https://ops.example.org/pair?code=" + strings.Repeat("Ab3-", 16),
	"not ASCII": "żółw ✓",
	"long":      strings.Repeat("0123456789abcdef", 64),
}

// TestPathIsRead draws the path of a page and has another program read it.
func TestPathIsRead(t *testing.T) {
	t.Parallel()
	zbarimg := reader(t)
	for name, text := range texts {
		c, err := qr.Encode(text)
		if err != nil {
			t.Fatalf("Encode(%s) = %v", name, err)
		}
		if got := read(t, zbarimg, draw(c.Size(), c.Size(), fromPath(t, c))); got != text {
			t.Errorf("the code of %s reads %q, want %q", name, got, text)
		}
	}
}

// TestLinesAreRead draws the characters as a terminal does and has another program read them.
func TestLinesAreRead(t *testing.T) {
	t.Parallel()
	zbarimg := reader(t)
	for name, text := range texts {
		c, err := qr.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		dark, lines := map[image.Point]bool{}, c.Lines()
		for i, line := range lines {
			for x, r := range []rune(line) {
				dark[image.Pt(x, 2*i)] = r == '▀' || r == '█'
				dark[image.Pt(x, 2*i+1)] = r == '▄' || r == '█'
			}
		}
		if got := read(t, zbarimg, draw(c.Size(), 2*len(lines), dark)); got != text {
			t.Errorf("the characters of %s read %q, want %q", name, got, text)
		}
	}
}

func TestTooLong(t *testing.T) {
	t.Parallel()
	if _, err := qr.Encode(strings.Repeat("a", 4000)); err == nil {
		t.Error("Encode of 4000 bytes succeeds")
	}
}

func reader(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbarimg (Debian's zbar-tools) is not installed")
	}
	return path
}

// fromPath fills the rectangles of a path.
func fromPath(t *testing.T, c qr.Code) map[image.Point]bool {
	t.Helper()
	dark := map[image.Point]bool{}
	for _, part := range strings.Split(strings.TrimPrefix(c.Path(), "M"), "M") {
		var x, y, w, back int
		if _, err := fmt.Sscanf(part, "%d %dh%dv1h-%dz", &x, &y, &w, &back); err != nil || w != back {
			t.Fatalf("a part of the path is %q: %v", part, err)
		}
		for i := range w {
			dark[image.Pt(x+i, y)] = true
		}
	}
	return dark
}

// draw is a picture with four pixels a module.
func draw(width, height int, dark map[image.Point]bool) image.Image {
	const scale = 4
	img := image.NewGray(image.Rect(0, 0, scale*width, scale*height))
	for y := range scale * height {
		for x := range scale * width {
			img.SetGray(x, y, color.Gray{0xff})
			if dark[image.Pt(x/scale, y/scale)] {
				img.SetGray(x, y, color.Gray{0})
			}
		}
	}
	return img
}

func read(t *testing.T, zbarimg string, img image.Image) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "code.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), zbarimg, "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", path).Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	return strings.TrimSuffix(string(out), "\n")
}
