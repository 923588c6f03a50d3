package reliability

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// Call is one request of a harness and the whole of its answer. It uses net/http alone, so that nothing of the product's own
// client can hide a fault.
type Call struct {
	Method, URL string
	Header      map[string]string
	Body        string
	Status      int
	Answer      []byte
	Replied     http.Header
}

// web is shared by all calls of the harness; the limit of idle connections lets 64 publishers keep theirs.
var web = &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 128, Proxy: nil, TLSClientConfig: anyCertificate()}}

// ServerGone ends the connections that are kept for further calls: those to a server that was killed are of no use.
func ServerGone() { web.CloseIdleConnections() }

// anyCertificate trusts whatever the server under test shows; a harness talks to the loopback address alone. A transport writes
// into its configuration, so each gets its own.
func anyCertificate() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

// Do sends the request and reads the answer in full.
func (c *Call) Do() error {
	req, err := http.NewRequest(c.Method, c.URL, bytes.NewReader([]byte(c.Body)))
	if err != nil {
		return err
	}
	for name, value := range c.Header {
		req.Header.Set(name, value)
	}
	res, err := web.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	c.Status, c.Replied = res.StatusCode, res.Header
	c.Answer, err = io.ReadAll(res.Body)
	return err
}

// Account is a signed-in user.
type Account struct {
	Base string // http://host:port
	JWT  string
}

// SignIn asks for a JSON web token.
func SignIn(t testing.TB, base, email, password string) *Account {
	t.Helper()
	a := &Account{Base: base}
	var reply struct {
		Token string `json:"access_token"`
	}
	a.Must(t, "POST", "/auth/login", map[string]string{"email": email, "password": password}, &reply)
	a.JWT = reply.Token
	return a
}

// Send makes one call of the JSON API and returns it with its status.
func (a *Account) Send(t testing.TB, method, path string, in any) *Call {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	c := &Call{Method: method, URL: a.Base + path, Body: string(body), Header: map[string]string{"Content-Type": "application/json"}}
	if in == nil {
		c.Body, c.Header = "", map[string]string{}
	}
	if a.JWT != "" {
		c.Header["Authorization"] = "Bearer " + a.JWT
	}
	if err := c.Do(); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return c
}

// Must is Send for a call that has to succeed; the answer is decoded into out unless that is nil.
func (a *Account) Must(t testing.TB, method, path string, in, out any) {
	t.Helper()
	c := a.Send(t, method, path, in)
	if c.Status/100 != 2 {
		t.Fatalf("%s %s = %d %s", method, path, c.Status, c.Answer)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(c.Answer, out); err != nil {
		t.Fatalf("%s %s answered %q: %v", method, path, c.Answer, err)
	}
}

// Topic makes a topic of the kind public, protected or private.
func (a *Account) Topic(t testing.TB, name, access string) {
	t.Helper()
	a.Must(t, "POST", "/api/topics", map[string]string{"name": name, "access_level": access}, nil)
}

// Token makes a topic access token and returns its id and secret.
func (a *Account) Token(t testing.TB, topic string, permissions ...string) (id, secret string) {
	t.Helper()
	var reply struct{ ID, Token string }
	in := map[string]any{"name": "harness " + rand.Text(), "permissions": permissions}
	a.Must(t, "POST", "/api/topics/"+topic+"/access-tokens", in, &reply)
	return reply.ID, reply.Token
}

// Log reads the whole history of a topic, oldest first.
func Log(t testing.TB, base, topic, token string) []Message {
	t.Helper()
	log, err := ReadLog(base, topic, token, All)
	if err != nil {
		t.Fatalf("history of %s: %v", topic, err)
	}
	return log
}

// ReadLog reads the history of a topic after a cursor, page by page.
func ReadLog(base, topic, token, after string) ([]Message, error) {
	var log []Message
	for {
		page, err := readPage(base, topic, token, after)
		if err != nil || len(page) == 0 {
			return log, err
		}
		log = append(log, page...)
		after = page[len(page)-1].ID
	}
}

func readPage(base, topic, token, after string) ([]Message, error) {
	c := &Call{Method: "GET", URL: base + "/" + topic + "/json?limit=100&after=" + url.QueryEscape(after)}
	c.Header = map[string]string{"X-Topic-Token": token}
	if err := c.Do(); err != nil {
		return nil, err
	}
	if c.Status != 200 {
		return nil, fmt.Errorf("GET /%s/json = %d %s", topic, c.Status, c.Answer)
	}
	return decodePage(c.Answer)
}

func decodePage(text []byte) ([]Message, error) {
	var rows []struct {
		ID, Message string
		Damaged     bool
	}
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, err
	}
	page := make([]Message, len(rows))
	for i, r := range rows {
		page[i] = Message{r.ID, r.Message, r.Damaged}
	}
	return page, nil
}
