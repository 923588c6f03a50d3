package run

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Password is the password of every account that AddUser makes.
const Password = "correct horse battery"

// Requests keeps connections of its own, and forgets them when a server is started. Those of http.DefaultClient may lead to a server that
// was started anew, or end with the stream that they carried, and net/http repeats no POST. Streams use other clients.
var Requests = &http.Client{Transport: &http.Transport{}}

// Result is what one run of a command gave.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// Command runs the plain program with these arguments and environment additions and waits for it.
func Command(t testing.TB, env []string, stdin string, args ...string) Result {
	t.Helper()
	return command(t, Binary(t), env, stdin, args...)
}

func command(t testing.TB, bin string, env []string, stdin string, args ...string) Result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = bytes.NewBufferString(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return Result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// Run runs one command of a program to its end and returns all of its output and the exit code.
func Run(t testing.TB, bin string, args ...string) (output string, code int) {
	t.Helper()
	r := command(t, bin, nil, "", args...)
	return r.Stdout + r.Stderr, r.Code
}

// Admin runs an admin command on the server's data directory and returns its output; the test fails when the command does.
func (s *Server) Admin(t testing.TB, args ...string) string {
	t.Helper()
	r := command(t, s.Bin, s.Env, "", append(args, "--data-dir", s.Dir)...)
	if r.Code != 0 {
		t.Fatalf("notifer %q: exit code %d\n%s%s", args, r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// AddUser makes NAME@example.org with Password by the command line, which works with and without a running server.
func AddUser(t testing.TB, bin, dir, name string) (email, password string) {
	t.Helper()
	return addAccount(t, bin, dir, name)
}

// AddAdmin is AddUser for an account that is an admin.
func AddAdmin(t testing.TB, bin, dir, name string) (email, password string) {
	t.Helper()
	return addAccount(t, bin, dir, name, "--admin")
}

func addAccount(t testing.TB, bin, dir, name string, flags ...string) (email, password string) {
	t.Helper()
	email = name + "@example.org"
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"user", "add", email, "--username", name, "--password-file", file, "--data-dir", dir}
	if out, code := Run(t, bin, append(args, flags...)...); code != 0 {
		t.Fatalf("notifer user add: exit %d\n%s", code, out)
	}
	return email, Password
}

// AddUser makes an account as the function does, and returns the JWT of a login.
func (s *Server) AddUser(t testing.TB, name string) string {
	t.Helper()
	email, password := AddUser(t, s.Bin, s.Dir, name)
	return s.logIn(t, email, password)
}

// AddAdmin is AddUser for an account that is an admin.
func (s *Server) AddAdmin(t testing.TB, name string) string {
	t.Helper()
	email, password := AddAdmin(t, s.Bin, s.Dir, name)
	return s.logIn(t, email, password)
}

// logIn returns the JWT of a login, as soon as the server knows the account.
func (s *Server) logIn(t testing.TB, email, password string) string {
	t.Helper()
	var jwt string
	Until(t, "login of "+email, func() bool {
		var reply struct {
			AccessToken string `json:"access_token"`
		}
		code := s.JSON(t, "POST", "/auth/login", "", map[string]string{"email": email, "password": password}, &reply)
		jwt = reply.AccessToken
		return code == http.StatusOK
	})
	return jwt
}

// JSON sends body (nil for none) as JSON with the JWT (if any), decodes a reply into into (if not nil) and returns the status.
func (s *Server) JSON(t testing.TB, method, path, jwt string, body, into any) int {
	t.Helper()
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, sent)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if jwt != "" {
		req.Header.Set("Authorization", "Bearer "+jwt)
	}
	res, err := Requests.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil && len(text) > 0 {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s %s: %v in %q", method, path, err, text)
		}
	}
	return res.StatusCode
}

// AddTopic creates a topic of this access level.
func (s *Server) AddTopic(t testing.TB, jwt, name, accessLevel string) {
	t.Helper()
	body := map[string]any{"name": name, "access_level": accessLevel}
	if code := s.JSON(t, "POST", "/api/topics", jwt, body, nil); code != http.StatusCreated {
		t.Fatalf("create topic %s = %d, want 201", name, code)
	}
}

// AddToken creates a token with these permissions and returns its id and text.
func (s *Server) AddToken(t testing.TB, jwt, topic, name string, permissions ...string) (id, token string) {
	t.Helper()
	var reply struct{ ID, Token string }
	body := map[string]any{"name": name, "permissions": permissions}
	if code := s.JSON(t, "POST", "/api/topics/"+topic+"/access-tokens", jwt, body, &reply); code != http.StatusCreated {
		t.Fatalf("create token %s on %s = %d, want 201", name, topic, code)
	}
	return reply.ID, reply.Token
}

// Publish sends a text with a token and returns the status and the answer.
func (s *Server) Publish(t testing.TB, topic, token, text string) (code int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/"+topic, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Topic-Token", token)
	res, err := Requests.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
