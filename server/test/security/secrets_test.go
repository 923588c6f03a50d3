package security_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"notifer/server/auth/secrets"
	"notifer/server/test/run"
)

// TestSecretsStayOut uses every kind of credential, rightly and wrongly and in every place, at the noisiest level, with a
// backup and a crash, and then looks for each of them in the log, the files, the commands' output and the answers.
func TestSecretsStayOut(t *testing.T) {
	h := newHost(t, run.Args("--log-level", "debug"))
	var login struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
	}
	h.JSON(t, "POST", "/auth/login", "", map[string]string{"email": "ada@example.org", "password": run.Password}, &login)
	var key struct{ Key string }
	h.JSON(t, "POST", "/api/keys", h.jwt, map[string]any{"name": "script", "scopes": []string{"*"}}, &key)
	cookie := signIn(t, h)
	secrets := map[string]string{"password": run.Password, "JWT": login.AccessToken, "refresh token": login.RefreshToken, "API key": key.Key,
		"topic token": h.token, "cookie": cookie, "wrong token": secrets.NewToken(), "wrong key": secrets.NewKey(), "wrong password": "staple battery horse", "mistyped token": h.token[:45]}
	secrets["pairing code"] = pairingCode(t, h, cookie)
	secrets["signing secret"] = "signs-what-github-sends"
	answers := append(useAll(t, h, secrets), useSigned(t, h, cookie, secrets["signing secret"])...)
	if !strings.Contains(h.Log(), "a device was paired") {
		t.Error("no device was paired")
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	output := h.Admin(t, "backup", backup) + h.Admin(t, "token", "list", "my-topic") + h.Admin(t, "user", "list")
	h.Kill() // the write-ahead log stays beside the store
	places := map[string][]byte{"the log": []byte(h.Log()), "the answers": answers, "the commands' output": []byte(output)}
	var store []string
	for _, dir := range []string{h.Dir, filepath.Dir(backup)} {
		for path, text := range files(t, dir) {
			places[path] = text
			store = append(store, path)
		}
	}
	if len(places) < 5 {
		t.Fatalf("only %d places: no write-ahead log, no backup?", len(places))
	}
	searched := 0
	for place, text := range places {
		for name, secret := range secrets {
			if len(secret) < 8 {
				t.Fatalf("no %s", name)
			}
			if name == "signing secret" && slices.Contains(store, place) {
				continue // a signature is checked with the secret itself
			}
			if searched++; bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds the %s", place, name)
			}
		}
	}
	t.Logf("%d secrets looked for in %d places", len(secrets), len(places))
}

func signIn(t *testing.T, h *host) string {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Post(h.URL+"/login", "application/x-www-form-urlencoded", strings.NewReader("email=ada%40example.org&password=correct+horse+battery"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	for _, k := range res.Cookies() {
		if k.Name == "notifer" {
			return k.Value
		}
	}
	t.Fatalf("sign-in = %d and no cookie", res.StatusCode)
	return ""
}

// useAll presents every secret everywhere and returns all answers, heads and bodies.
func useAll(t *testing.T, h *host, secrets map[string]string) []byte {
	t.Helper()
	var all bytes.Buffer
	do := func(method, path, body string, header, value string) {
		r, err := http.NewRequest(method, h.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if header != "" {
			r.Header.Set(header, value)
		}
		if strings.HasPrefix(body, "{") {
			r.Header.Set("Content-Type", "application/json")
		}
		if strings.HasPrefix(body, "code=") {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		res, err := run.Requests.Transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		res.Header.Write(&all)
		if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
			all.ReadFrom(res.Body)
		}
	}
	for _, s := range secrets {
		for _, path := range []string{"/my-topic", "/no-such-topic"} {
			do("POST", path, "hello", "X-Topic-Token", s)
			do("POST", path, "hello", "X-API-Key", s)
			do("POST", path, "hello", "Authorization", "Bearer "+s)
			do("POST", path, "hello", "Authorization", s)
			do("POST", path+"?token="+strings.ReplaceAll(s, " ", "+"), "hello", "", "")
			do("GET", path+"/sse?token="+strings.ReplaceAll(s, " ", "+"), "", "", "")
			do("GET", path+"/ws?token="+strings.ReplaceAll(s, " ", "+"), "", "", "")
			do("GET", path+"?token="+strings.ReplaceAll(s, " ", "+"), "", "Accept", "text/html")
			do("GET", path+"/json", "", "Cookie", "notifer="+strings.ReplaceAll(s, " ", "_"))
		}
		do("GET", "/api/topics/my-topic/access-tokens", "", "Authorization", "Bearer "+s)
		do("GET", "/api/keys", "", "X-API-Key", s)
		do("POST", "/auth/login", `{"email":"ada@example.org","password":"wrong `+s+`"}`, "", "")
		do("POST", "/auth/refresh", `{"refresh_token":"`+s+`x"}`, "", "")
		do("GET", "/devices/join?code="+strings.ReplaceAll(s, " ", "+"), "", "", "")
		do("POST", "/devices/join", "code="+strings.ReplaceAll(s, " ", "+"), "", "")
		do("POST", "/setup", `{"code":"`+s+`"}`, "", "")
		do("POST", "/auth/login", `{"email":"`+s[:4]+`","password":["`+s+`"]}`, "", "")
	}
	return all.Bytes()
}

// byCookie makes a request of the dashboard and returns the answer, head and body.
func byCookie(t *testing.T, h *host, cookie, method, path string, form url.Values) []byte {
	t.Helper()
	r, err := http.NewRequest(method, h.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", "notifer="+cookie)
	res, err := run.Requests.Transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var all bytes.Buffer
	res.Header.Write(&all)
	if _, err := all.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return all.Bytes()
}

// pairingCode offers to pair a device and reads the code from the page that shows it once.
func pairingCode(t *testing.T, h *host, cookie string) string {
	t.Helper()
	at := regexp.MustCompile(`/devices/pair/\w+`).Find(byCookie(t, h, cookie, "POST", "/devices/pair", url.Values{"name": {"phone"}, "topics": {"my-*"}}))
	code := regexp.MustCompile(`([a-z2-7]{4} ){7}[a-z2-7]{4}`).Find(byCookie(t, h, cookie, "GET", string(at), nil))
	if code == nil {
		t.Fatalf("no code at %q", at)
	}
	return strings.ReplaceAll(string(code), " ", "")
}

// useSigned gives a token a signing secret, sends with it and without, and returns the answers of all that shows the token.
func useSigned(t *testing.T, h *host, cookie, secret string) []byte {
	t.Helper()
	var token struct{ ID, Token string }
	h.JSON(t, "POST", "/api/topics/my-topic/access-tokens", h.jwt, map[string]any{"name": "github", "permissions": []string{"publish"}, "signing_secret": secret}, &token)
	var all []byte
	for _, signature := range []string{"sha256=" + strings.Repeat("00", 32), secret, ""} {
		status, text, err := send(run.Requests, "POST", h.URL+"/my-topic", "{}", "X-Topic-Token: "+token.Token, "X-Hub-Signature-256: "+signature)
		if err != nil || status != 401 {
			t.Fatalf("a wrong signature answers %d %v", status, err)
		}
		all = append(all, text...)
	}
	for _, path := range []string{"/api/topics/my-topic/access-tokens", "/api/topics/my-topic/access-tokens/" + token.ID, "/api/events", "/api/topics/my-topic", "/my-topic/json"} {
		_, text, err := send(run.Requests, "GET", h.URL+path, "", "Authorization: Bearer "+h.jwt)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	settings := "/topic/my-topic/settings/"
	for _, path := range []string{"tokens", "tokens/" + token.ID, "tokens/" + token.ID + "/rotate", "activity", "export"} {
		all = append(all, byCookie(t, h, cookie, "GET", settings+path, nil)...)
	}
	all = append(all, h.Admin(t, "token", "list", "my-topic", "--json")...)
	return append(all, h.Admin(t, "token", "show", "my-topic", token.ID)...)
}

// files reads everything below a directory, and checks that nobody else may.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, info.Mode().Perm())
		}
		out[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
