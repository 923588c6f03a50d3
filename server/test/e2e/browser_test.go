package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"notifer/server/test/run"
)

// tab is a page of a real Chromium, driven by the DevTools protocol.
type tab struct {
	t    *testing.T
	conn *websocket.Conn
	last int
}

// openTab starts Chromium, in which every name of hosts leads to an address.
func openTab(t *testing.T, hosts map[string]string) *tab {
	t.Helper()
	need(t, "chromium")
	var rules []string
	for name, address := range hosts {
		rules = append(rules, "MAP "+name+" "+address)
	}
	dir := t.TempDir()
	cmd := exec.Command("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
		"--remote-debugging-port=0", "--user-data-dir="+dir, "--host-resolver-rules="+strings.Join(rules, ","), "about:blank")
	launch(t, cmd)
	var port string
	run.Until(t, "chromium listens", func() bool {
		text, err := os.ReadFile(filepath.Join(dir, "DevToolsActivePort"))
		port, _, _ = strings.Cut(string(text), "\n")
		return err == nil && port != ""
	})
	var list []struct {
		Type string
		URL  string `json:"webSocketDebuggerUrl"`
	}
	run.Until(t, "chromium has a tab", func() bool {
		res, err := http.Get("http://127.0.0.1:" + port + "/json/list")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return json.NewDecoder(res.Body).Decode(&list) == nil && len(list) > 0 && list[0].Type == "page"
	})
	conn, _, err := websocket.Dial(t.Context(), list[0].URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(16 << 20)
	t.Cleanup(func() { conn.CloseNow() })
	return &tab{t: t, conn: conn}
}

// call sends one command and returns its result.
func (b *tab) call(method string, params any) json.RawMessage {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), run.Patience)
	defer cancel()
	b.last++
	text, err := json.Marshal(map[string]any{"id": b.last, "method": method, "params": params})
	if err == nil {
		err = b.conn.Write(ctx, websocket.MessageText, text)
	}
	for err == nil {
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if _, text, err = b.conn.Read(ctx); err != nil || json.Unmarshal(text, &answer) != nil || answer.ID != b.last {
			continue
		}
		if answer.Error != nil {
			b.t.Fatalf("%s: %s", method, answer.Error.Message)
		}
		return answer.Result
	}
	b.t.Fatalf("%s: %v", method, err)
	return nil
}

// text evaluates an expression of the page; empty where it fails, as it does between two pages.
func (b *tab) text(expression string) string {
	b.t.Helper()
	var answer struct{ Result struct{ Value any } }
	_ = json.Unmarshal(b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}), &answer)
	if answer.Result.Value == nil {
		return ""
	}
	return fmt.Sprint(answer.Result.Value)
}

// open goes to a URL and waits until its page says something.
func (b *tab) open(url, says string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]string{"url": url})
	b.says(says)
}

func (b *tab) says(text string) {
	b.t.Helper()
	defer func() {
		if b.t.Failed() {
			b.t.Logf("at %s the page says %q", b.text("location.href"), b.text("document.body.innerText"))
		}
	}()
	run.Until(b.t, "the page says "+text, func() bool { return strings.Contains(b.text("document.body.innerText"), text) })
}

// signIn fills in the form of the sign-in page and sends it.
func (b *tab) signIn(user, password string) {
	b.t.Helper()
	b.text(fmt.Sprintf(`for (const [name, value] of [["email", %q], ["password", %q]]) document.querySelector("input[name=" + name + "]").value = value;
		document.querySelector("form[action$='/login']").requestSubmit()`, user, password))
}
