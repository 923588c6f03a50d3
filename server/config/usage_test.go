package config_test

import (
	"os/exec"
	"testing"

	"notifer/server/config"
)

// TestShellWord has a real shell read each word back.
func TestShellWord(t *testing.T) {
	for _, text := range []string{
		"", "/var/lib/notifer", "./data", "/mnt/my disk/data", "it's", `a"b`, "$HOME", "`id`", "a;b", "a\nb", "*", "~", "~/data", "#x", `back\slash`, "(x)", "müll", "a=b", "!x", "a&b",
	} {
		out, err := exec.Command("sh", "-c", "printf %s "+config.ShellWord(text)).Output()
		if err != nil || string(out) != text {
			t.Errorf("ShellWord(%q) = %s, which a shell reads as %q (%v)", text, config.ShellWord(text), out, err)
		}
	}
	for _, plain := range []string{"/var/lib/notifer", "./data", "server-alerts", "ann@home.example"} {
		if got := config.ShellWord(plain); got != plain {
			t.Errorf("ShellWord(%q) = %s, want it as it is", plain, got)
		}
	}
}

// TestHTTPSBase: the scheme of a URL may have capital letters.
func TestHTTPSBase(t *testing.T) {
	for text, want := range map[string]bool{"": false, "http://home.example": false, "https://home.example": true, "HTTPS://home.example/notify": true} {
		c := config.Default()
		if c.BaseURL = text; c.HTTPSBase() != want {
			t.Errorf("HTTPSBase of %q = %v, want %v", text, !want, want)
		}
	}
}
