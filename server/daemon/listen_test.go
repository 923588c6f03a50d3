package daemon

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/server/config"
	"notifer/server/daemon/connections"
)

func TestUnixSocketHasItsModeAndReplacesAStaleOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	first, err := openOne("unix:"+path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openOne("unix:"+path, 0o600); err == nil {
		t.Error("a served socket was replaced")
	}
	first.(*net.UnixListener).SetUnlinkOnClose(false)
	first.Close()
	second, err := openOne("unix:"+path, 0o660)
	if err != nil {
		t.Fatalf("a stale socket: %v", err)
	}
	defer second.Close()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("mode = %v, %v, want 0660", info.Mode(), err)
	}
}

func TestListenRefusesAFileThatIsNoSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "precious")
	os.WriteFile(path, []byte("x"), 0o600)
	if _, err := openOne("unix:"+path, 0o600); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("openOne = %v, want a refusal", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file is gone: %v", err)
	}
}

func TestTakenAddressSaysWhatToType(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := config.Default()
	c.Listen = config.List{"127.0.0.1:0", l.Addr().String()}
	var usage *config.UsageError
	if _, err := openSockets(c); !errors.As(err, &usage) || !strings.Contains(err.Error(), "is taken") {
		t.Errorf("openSockets = %v, want a usage error", err)
	}
}

func TestLogForm(t *testing.T) {
	for _, row := range []struct {
		format  string
		journal bool
		want    string
		without string
	}{
		{"auto", false, `{"time":`, "time="},
		{"json", true, `{"level":"INFO","msg":"hi"}`, "time"},
		{"text", false, `level=INFO msg=hi`, "{"},
	} {
		c := config.Default()
		c.LogFormat = row.format
		var out bytes.Buffer
		log, level := newLogger(c, &out, false, func(name string) (string, bool) { return "", row.journal && name == "JOURNAL_STREAM" })
		log.Debug("hidden")
		log.Info("hi")
		if !strings.Contains(out.String(), row.want) || strings.Contains(out.String(), row.without) || strings.Contains(out.String(), "hidden") {
			t.Errorf("%s: %s", row.format, out.String())
		}
		level.Set(logLevel("debug"))
		log.Debug("shown")
		if !strings.Contains(out.String(), "shown") {
			t.Errorf("%s: the level does not change", row.format)
		}
	}
}

// writeCertificate makes a self-signed certificate for name.
func writeCertificate(t *testing.T, cert, key, name string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCertifiedURL: without a public URL the server is asked for by a name that its certificate is for.
func TestCertifiedURL(t *testing.T) {
	cert, key, own := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem"), filepath.Join(t.TempDir(), "own.pem")
	writeCertificate(t, cert, key, "home.example")
	writeCertificate(t, own, key, "localhost")
	for _, row := range []struct {
		c           config.Config
		local, want string
	}{
		{config.Config{}, "http://127.0.0.1:8080", "http://127.0.0.1:8080"},
		{config.Config{TLS: config.TLS{Cert: cert}}, "https://127.0.0.1:8443", "https://home.example:8443"},
		{config.Config{TLS: config.TLS{Cert: own}}, "https://localhost:8443", "https://localhost:8443"},
		{config.Config{TLS: config.TLS{Cert: cert + ".absent"}}, "https://127.0.0.1:8443", "https://127.0.0.1:8443"},
		{config.Config{TLS: config.TLS{Cert: cert}}, "unix:/run/notifer.sock", "unix:/run/notifer.sock"},
		{config.Config{ACME: config.ACME{Domains: []string{"home.example"}}}, "https://127.0.0.1:8443", "https://home.example"},
	} {
		if got := CertifiedURL(&row.c, row.local); got != row.want {
			t.Errorf("CertifiedURL(%+v, %q) = %q, want %q", row.c.TLS, row.local, got, row.want)
		}
	}
}

func TestCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	c := config.Default()
	c.TLS = config.TLS{Cert: dir + "/cert.pem", Key: dir + "/key.pem"}
	writeCertificate(t, c.TLS.Cert, c.TLS.Key, "one.example")
	certs, err := newCertificates(c)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler()}
	go server.Serve(connections.TLS(l, certs.Config()))
	defer server.Close()
	expectName(t, l.Addr().String(), "one.example")
	writeCertificate(t, c.TLS.Cert, c.TLS.Key, "two.example")
	expectName(t, l.Addr().String(), "one.example")
	if err := certs.Reload(); err != nil {
		t.Fatal(err)
	}
	expectName(t, l.Addr().String(), "two.example")
	os.WriteFile(c.TLS.Key, []byte("broken"), 0o600)
	if err := certs.Reload(); err == nil {
		t.Error("a broken key is read")
	}
	expectName(t, l.Addr().String(), "two.example")
}

func expectName(t *testing.T, address, want string) {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	state := conn.ConnectionState()
	if got := state.PeerCertificates[0].DNSNames[0]; got != want || state.NegotiatedProtocol != "h2" {
		t.Errorf("certificate for %s over %q, want %s over h2", got, state.NegotiatedProtocol, want)
	}
}

func TestPlainPortNeverRedirectsPublishing(t *testing.T) {
	plain := (&certificates{}).Plain()
	for method, want := range map[string]int{"GET": http.StatusFound, "POST": http.StatusBadRequest, "PUT": http.StatusBadRequest} {
		w := httptest.NewRecorder()
		plain.ServeHTTP(w, httptest.NewRequest(method, "http://home.example:80/a?x=1", nil))
		if w.Code != want {
			t.Errorf("%s = %d, want %d", method, w.Code, want)
		}
		if loc := w.Header().Get("Location"); method == "GET" && loc != "https://home.example/a?x=1" {
			t.Errorf("Location = %s", loc)
		}
	}
}

func TestPlainPortRedirectsToAnAddress(t *testing.T) {
	plain := (&certificates{}).Plain()
	for host, want := range map[string]string{
		"192.0.2.1:80": "https://192.0.2.1/a", "[2001:db8::1]:80": "https://[2001:db8::1]/a", "[2001:db8::1]": "https://[2001:db8::1]/a",
	} {
		w := httptest.NewRecorder()
		plain.ServeHTTP(w, httptest.NewRequest("GET", "http://"+host+"/a", nil))
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("Host %s: Location = %s, want %s", host, got, want)
		}
	}
}

// TestPlainPortNeverRedirectsAToken: it has been sent in the clear, and the answer must neither repeat it nor make that work.
func TestPlainPortNeverRedirectsAToken(t *testing.T) {
	plain := (&certificates{}).Plain()
	for _, query := range []string{"token=tk_secret", "since=all&token=tk_secret"} {
		w := httptest.NewRecorder()
		plain.ServeHTTP(w, httptest.NewRequest("GET", "http://home.example:80/ops/json?"+query, nil))
		if w.Code != http.StatusBadRequest || strings.Contains(w.Header().Get("Location")+w.Body.String(), "secret") {
			t.Errorf("?%s = %d, Location %q: %s", query, w.Code, w.Header().Get("Location"), w.Body)
		}
	}
}

// TestAnswersOfPackageHTTPSayWhatToChange: what cannot be parsed is answered before it reaches a handler, in our form all the same, also over
// the server's own TLS.
func TestAnswersOfPackageHTTPSayWhatToChange(t *testing.T) {
	const start = "POST /a HTTP/1.1\r\nHost: x\r\n"
	address, over := certified(t, http.NotFoundHandler())
	for name, c := range map[string]struct{ request, status, detail string }{
		"line end in a header": {start + "X-Title: a\nb\r\n\r\n", "400 Bad Request", "a line end"},
		"control character":    {start + "X-Title: a\x01b\r\n\r\n", "400 Bad Request", "a control character"},
		"length with a sign":   {start + "Content-Length: +5\r\n\r\nhello", "400 Bad Request", "Content-Length is not a number"},
		"space in a name":      {start + "My Title: a\r\n\r\n", "400 Bad Request", "the name of a header"},
		"no host":              {"POST /a HTTP/1.1\r\n\r\n", "400 Bad Request", "no Host header"},
		"host with a path":     {"POST /a HTTP/1.1\r\nHost: a b\r\n\r\n", "400 Bad Request", "not the name of a server"},
		"large header":         {start + "X-Title: " + strings.Repeat("x", 40<<10) + "\r\n\r\n", "431 Request Header Fields Too Large", "put long text into the body"},
		"compressed transfer":  {start + "Transfer-Encoding: gzip\r\n\r\n", "501 Not Implemented", "can only be chunked"},
		"unknown version":      {"POST /a HTTP/3.0\r\nHost: x\r\n\r\n", "505 HTTP Version Not Supported", "HTTP/1.1"},
	} {
		for by, dial := range over {
			conn, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(conn, c.request) // what is too large is refused before all of it is read
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatalf("%s %s: %v", name, by, err)
			}
			var said struct{ Detail string }
			err = json.NewDecoder(res.Body).Decode(&said)
			if res.Status != c.status || err != nil || !strings.Contains(said.Detail, c.detail) || res.Header.Get("Content-Type") != "application/json; charset=utf-8" {
				t.Errorf("%s %s = %s, %q, %v; want %s and %q", name, by, res.Status, said.Detail, err, c.status, c.detail)
			}
			conn.Close()
		}
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, start+"\r\n")
	if text, _ := io.ReadAll(conn); !strings.Contains(string(text), "an HTTP request to an HTTPS server") {
		t.Errorf("plain HTTP to the port of TLS was answered %q", text)
	}
}

// certified serves a handler with and without TLS. It returns the address of the former, and how to connect to either.
func certified(t *testing.T, h http.Handler) (address string, over map[string]func() (net.Conn, error)) {
	t.Helper()
	dir := t.TempDir()
	c := config.Default()
	c.TLS = config.TLS{Cert: dir + "/cert.pem", Key: dir + "/key.pem"}
	writeCertificate(t, c.TLS.Cert, c.TLS.Key, "one.example")
	certs, err := newCertificates(c)
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for _, s := range []*service{{c: c, places: connections.NewPlaces(c)}, {c: c, places: connections.NewPlaces(c), certificates: certs}} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, l.Addr().String())
		l, h := s.secureListener(l, h)
		server := &http.Server{Handler: h, MaxHeaderBytes: connections.HeaderBytes, ReadHeaderTimeout: connections.HeaderTimeout}
		go server.Serve(l)
		t.Cleanup(func() { server.Close() })
	}
	return addresses[1], map[string]func() (net.Conn, error){
		"over plain HTTP": func() (net.Conn, error) { return net.Dial("tcp", addresses[0]) },
		"over TLS": func() (net.Conn, error) {
			return tls.Dial("tcp", addresses[1], &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
		},
	}
}

// TestHandshakesHoldUpNobody: a client that connects and says nothing delays no other, and a request over TLS is known as one,
// over HTTP/1.1 and HTTP/2.
func TestHandshakesHoldUpNobody(t *testing.T) {
	address, _ := certified(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	silent, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for major, http2 := range map[int]bool{1: false, 2: true} {
		transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: http2}
		if !http2 {
			transport.TLSClientConfig.NextProtos = []string{"http/1.1"}
		}
		res, err := (&http.Client{Transport: transport}).Get("https://" + address + "/a")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		transport.CloseIdleConnections()
		if res.StatusCode != http.StatusOK || res.ProtoMajor != major {
			t.Errorf("GET over HTTP/%d = %s over %s", major, res.Status, res.Proto)
		}
	}
}
