package cli_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"notifer/server/cli"
)

// Nothing that a file, a server or a message says drives the terminal it is shown on.
func TestTerminalOutputIsHarmless(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "\x1b]0;pwned\x07\x1b[31mevil\u202e\u009b.txt"), []byte(scannedToken), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		w.Write([]byte("{\"detail\":\"nope \\u001b]0;pwned\\u0007 \u009b31m\"}"))
	}))
	defer server.Close()
	for _, args := range [][]string{{"scan", dir}, {"scan", dir, "--json"}, {"publish", server.URL + "/a-topic", "hi"}, {"run", server.URL + "/a-topic", "--", "false"}} {
		keyboard, screen := terminal(t)
		cli.Main(args, strings.NewReader(""), screen, screen)
		screen.WriteString("END")
		var shown []byte
		for buf := make([]byte, 4096); !strings.Contains(string(shown), "END"); {
			n, err := keyboard.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			shown = append(shown, buf[:n]...)
		}
		if strings.ContainsAny(string(shown), "\x1b\x07\u009b\u202e") || len(shown) < 20 {
			t.Errorf("notifer %q shows %q", args, shown)
		}
	}
}
