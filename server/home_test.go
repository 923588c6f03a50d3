package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/test/inprocess"
	"notifer/server/test/run"
)

// home is a server with one account, driven over a real listener.
type home struct {
	t   *testing.T
	d   *db.DB
	s   *server.Server
	url string
	jwt string
}

func newHome(t *testing.T, c server.Config) *home {
	t.Helper()
	return newHomeOn(t, dbtest.New(t), c)
}

func newHomeOn(t *testing.T, d *db.DB, c server.Config) *home {
	t.Helper()
	s := inprocess.Start(t, d, c)
	h := &home{t: t, d: d, s: s.Server, url: s.URL}
	h.jwt = h.admin("ann").AccessToken
	return h
}

// restart puts another server over the same store in the place of the one that was asked until then.
func (h *home) restart() {
	h.t.Helper()
	s := inprocess.Start(h.t, h.d, server.Config{})
	h.s, h.url = s.Server, s.URL
}

// user makes an account and signs it in.
func (h *home) user(name string) api.Login {
	h.t.Helper()
	inprocess.AddUser(h.t, h.d, h.s, name, pagePassword)
	return h.login(name)
}

// admin is user for an account that is an admin.
func (h *home) admin(name string) api.Login {
	h.t.Helper()
	inprocess.AddAdmin(h.t, h.d, h.s, name, pagePassword)
	return h.login(name)
}

func (h *home) login(name string) api.Login {
	h.t.Helper()
	var login api.Login
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: name + "@home.example", Password: pagePassword}, 200, &login)
	return login
}

// topic makes a topic of the account.
func (h *home) topic(name, access string) api.Topic {
	h.t.Helper()
	var out api.Topic
	h.call("POST", "/api/topics", h.jwt, api.TopicRequest{Name: &name, AccessLevel: &access}, 201, &out)
	return out
}

// token makes a token of a topic.
func (h *home) token(topic, name string, permissions ...string) api.Token {
	h.t.Helper()
	var out api.Token
	h.call("POST", "/api/topics/"+topic+"/access-tokens", h.jwt, api.TokenRequest{Name: &name, Permissions: permissions}, 201, &out)
	return out
}

// call sends a JSON body, or a text as it is, with a bearer credential, and demands a status. It decodes the reply into out.
func (h *home) call(method, path, bearer string, in any, status int, out any) http.Header {
	h.t.Helper()
	var body io.Reader
	contentType := "text/plain"
	switch v := in.(type) {
	case nil:
	case string:
		body = strings.NewReader(v)
	default:
		b, err := json.Marshal(v)
		if err != nil {
			h.t.Fatal(err)
		}
		body, contentType = bytes.NewReader(b), "application/json"
	}
	req, err := http.NewRequest(method, h.url+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if res.StatusCode != status {
		h.t.Fatalf("%s %s = %d %s, want %d", method, path, res.StatusCode, text, status)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			h.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return res.Header
}

// publish sends a text and returns the stored message.
func (h *home) publish(topic, text string) api.Message {
	h.t.Helper()
	var m api.Message
	h.call("POST", "/"+topic, h.jwt, text, 200, &m)
	return m
}

// late reports whether more than a second has passed since a right ended, or what a slow machine makes of it.
func (h *home) late(began time.Time) bool {
	took := time.Since(began)
	return took > time.Second && took > time.Second+run.Scale(h.t, 3*time.Second)
}

// streaming has connections of its own. A stream's connection ends with the stream, a moment after its last byte: a request that is sent on
// it in that moment fails, and net/http repeats no POST.
var streaming = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}

// stream opens an event stream and returns a reader of its lines and the response. It ends with the test.
func (h *home) stream(path, lastID string) (*bufio.Reader, *http.Response) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), run.Patience)
	h.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", h.url+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.jwt)
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	res, err := streaming.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 {
		h.t.Fatalf("GET %s = %d", path, res.StatusCode)
	}
	return bufio.NewReader(res.Body), res
}

// next reads events until one carries a message, and returns it.
func (h *home) next(r *bufio.Reader) api.Message {
	h.t.Helper()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			h.t.Fatalf("the stream ended: %v", err)
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			var m api.Message
			if err := json.Unmarshal([]byte(data), &m); err != nil {
				h.t.Fatalf("%v in %s", err, data)
			}
			return m
		}
	}
}
