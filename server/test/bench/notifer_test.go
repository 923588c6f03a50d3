package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"notifer/server/test/run"
)

// notifer is a running server with one account, signed in.
type notifer struct {
	*process
	server *run.Server
	bearer string

	email, password string
}

// newNotifer makes a store with one admin; serve starts it.
func newNotifer(t *testing.T) *notifer {
	t.Helper()
	return newProgram(t, program(t))
}

func newProgram(t *testing.T, bin string) *notifer {
	t.Helper()
	n := &notifer{server: run.New(t, run.Using(bin), run.In(t.TempDir()), run.Output(outputFile(t)))}
	n.server.Args = []string{"--config", configuration(t)}
	n.email, n.password = run.AddAdmin(t, n.server.Bin, n.server.Dir, "bench")
	return n
}

// startNotifer makes a store with one admin and serves it.
func startNotifer(t *testing.T) *notifer {
	t.Helper()
	return startProgram(t, program(t))
}

func startProgram(t *testing.T, bin string) *notifer {
	t.Helper()
	n := newProgram(t, bin)
	n.serve(t)
	n.signIn(t)
	return n
}

// program is the release build, or the one named by -notifer; a run without -long, which measures nothing, takes the plain build.
func program(t *testing.T) string {
	t.Helper()
	switch {
	case *ready != "":
		path, err := filepath.Abs(*ready)
		if err != nil {
			t.Fatal(err)
		}
		return path
	case *long:
		return run.Release.Path(t)
	}
	return run.Binary(t)
}

// serve starts the server on the store and waits until it is healthy.
func (n *notifer) serve(t *testing.T) {
	t.Helper()
	n.server.Restart(t)
	n.process = &process{pid: n.server.Pid(), addr: n.server.Addr, stop: func() { n.server.Stop(t) }}
}

// configuration raises the limits that protect a real server from one address with thousands of streams.
func configuration(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(benchConfiguration), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const benchConfiguration = `
[limits]
streams = 20000
streams_per_address = 20000
streams_per_credential = 20000
connections = 0
connections_per_address = 0
`

// outputFile is where the server prints: nowhere, or into the directory of -profile.
func outputFile(t *testing.T) *os.File {
	t.Helper()
	name := os.DevNull
	if *profile != "" {
		name = filepath.Join(*profile, filepath.Base(t.Name())+".log")
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func (n *notifer) signIn(t testing.TB) {
	t.Helper()
	var reply struct {
		AccessToken string `json:"access_token"`
	}
	n.call(t, "POST", "/auth/login", map[string]any{"email": n.email, "password": n.password}, &reply)
	n.bearer = reply.AccessToken
}

// call sends JSON and reads JSON; any status but a 2xx ends the test.
func (n *notifer) call(t testing.TB, method, path string, body, reply any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(method, "http://"+n.addr+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if n.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+n.bearer)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode/100 != 2 {
		t.Fatalf("%s %s = %d %s %v", method, path, res.StatusCode, got, err)
	}
	if err := json.Unmarshal(got, reply); err != nil {
		t.Fatalf("%s %s answered %q: %v", method, path, got, err)
	}
}

// topic makes a private topic and a token for it that may publish and subscribe.
func (n *notifer) topic(t testing.TB, name string) target {
	t.Helper()
	n.emptyTopic(t, name)
	var token struct {
		Token string `json:"token"`
	}
	n.call(t, "POST", "/api/topics/"+name+"/access-tokens",
		map[string]any{"name": "bench", "permissions": []string{"publish", "subscribe"}}, &token)
	return target{server: n.process, path: "/" + name, token: token.Token}
}

// emptyTopic makes a private topic that its owner publishes to.
func (n *notifer) emptyTopic(t testing.TB, name string) target {
	t.Helper()
	var topic struct {
		ID string `json:"id"`
	}
	n.call(t, "POST", "/api/topics", map[string]any{"name": name, "access_level": "private"}, &topic)
	return target{server: n.process, path: "/" + name, header: "Authorization: Bearer " + n.bearer}
}

// topics makes many topics, each published to by its owner: a token each would cost one password hash each.
func (n *notifer) topics(t testing.TB, count int) []target {
	t.Helper()
	made := make([]target, count)
	for i := range made {
		made[i] = n.emptyTopic(t, fmt.Sprintf("many-%05d", i))
	}
	return made
}
