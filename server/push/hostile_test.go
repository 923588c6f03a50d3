package push

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
)

// trap counts the connections to addresses of this machine.
type trap struct {
	connections atomic.Int64
	port        string // of the trap on any port
	has443      bool
}

func newTrap(t *testing.T) *trap {
	w := &trap{}
	listen := func(address string) (net.Listener, bool) {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, false
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				w.connections.Add(1)
				c.Close()
			}
		}()
		return l, true
	}
	l, ok := listen(":0") // all addresses, of both families
	if !ok {
		t.Fatal("no listener")
	}
	_, w.port, _ = net.SplitHostPort(l.Addr().String())
	_, w.has443 = listen(":443")
	return w
}

// nameServer answers each name with its addresses; one with two lists gives them in turn, as a name does that changes between
// the check and the connection.
func nameServer(t *testing.T, names map[string][]string) *net.Resolver {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	var mu sync.Mutex
	asked := map[string]int{}
	go func() {
		b := make([]byte, 512)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			q := b[12:n]
			var labels []string
			i := 0
			for q[i] != 0 {
				labels = append(labels, string(q[i+1:i+1+int(q[i])]))
				i += 1 + int(q[i])
			}
			kind := binary.BigEndian.Uint16(q[i+1:])
			question := append([]byte(nil), q[:i+5]...)
			name := strings.ToLower(strings.Join(labels, "."))
			mu.Lock()
			list := names[name]
			if len(list) > 0 && strings.HasPrefix(name, "turn") {
				list = []string{list[asked[name]/2%len(list)]} // a question for each family
			}
			asked[name]++
			mu.Unlock()
			var answers [][]byte
			for _, text := range list {
				a := netip.MustParseAddr(text)
				if (kind == 1) == a.Is4() {
					answers = append(answers, a.AsSlice())
				}
			}
			out := append([]byte(nil), b[0], b[1], 0x81, 0x80, 0, 1, 0, byte(len(answers)), 0, 0, 0, 0)
			out = append(out, question...)
			for _, a := range answers {
				out = append(out, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(len(a)))
				out = append(out, a...)
			}
			c.WriteTo(out, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", c.LocalAddr().String())
	}}
}

// TestHostileSubscriptions: 60 subscriptions that lead to this machine, into its networks or astray cause no connection, also when
// they are in the store already, where their name is that of a push service, and when it changes its addresses.
func TestHostileSubscriptions(t *testing.T) {
	w := newTrap(t)
	names := map[string][]string{}
	var endpoints []string
	astray := func(list ...string) {
		for _, e := range list {
			endpoints = append(endpoints, strings.ReplaceAll(e, "PORT", w.port))
		}
	}
	// No push service by its URL.
	astray("http://127.0.0.1:PORT/", "https://127.0.0.1:PORT/", "https://127.0.0.1/", "https://localhost:PORT/", "https://localhost/", "https://LOCALHOST./",
		"https://0.0.0.0/", "https://0/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://0x7f.1/", "https://127.0.0.1.nip.io/",
		"https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[fe80::1%25lo]/",
		"https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data", "https://[fd00::1]/", "https://100.64.0.1/",
		"http://fcm.googleapis.com/x", "https://fcm.googleapis.com:PORT/x", "https://fcm.googleapis.com:22/x", "https://user:pass@fcm.googleapis.com/x",
		"https://fcm.googleapis.com@127.0.0.1:PORT/x", "https://127.0.0.1:PORT#fcm.googleapis.com", "https://127.0.0.1:PORT?fcm.googleapis.com", "https://127.0.0.1:PORT/fcm.googleapis.com",
		"https://fcm.googleapis.com.evil.example/", "https://evilfcm.googleapis.com.evil.example/", "https://fcm.googleapis.com%2f@127.0.0.1:PORT/", "https://fcm.googleapis.com\\@127.0.0.1:PORT/",
		"//127.0.0.1:PORT/", "ftp://127.0.0.1:PORT/", "file:///etc/passwd", "unix:///run/docker.sock", "javascript:alert(1)")
	// A push service by its name, which leads into our networks.
	for i, a := range []string{"127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.31.255.1", "192.168.0.1", "169.254.169.254", "100.127.0.1", "224.0.0.1", "255.255.255.255",
		"::1", "::", "fe80::1", "fd12:3456::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"} {
		name := fmt.Sprintf("inside%d.push.services.mozilla.com", i)
		names[name] = []string{a}
		astray("https://" + name + "/wpush/v2/x")
	}
	names["both.fcm.googleapis.com"] = []string{"127.0.0.1", "10.0.0.1", "::1"}
	names["turn.fcm.googleapis.com"] = []string{"10.9.9.9", "127.0.0.1"}
	astray("https://both.fcm.googleapis.com/x", "https://turn.fcm.googleapis.com/x", "https://turn.fcm.googleapis.com/y", "https://turn.fcm.googleapis.com/z")
	if len(endpoints) < 60 {
		t.Fatalf("%d hostile subscriptions, want 60", len(endpoints))
	}

	p, key := hostilePusher(t, nameServer(t, names))
	refused := 0
	for _, e := range endpoints {
		byURL := p.Check(e) != nil
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		began := time.Now()
		o := p.send(ctx, db.Device{Endpoint: e, P256dh: key, Secret: make([]byte, 16)}, []byte("{}"), 3, "", nil)
		cancel()
		// A name that leads into our networks may be one that a local resolver blocks for a while: its messages wait.
		if o.err == nil || o.skip != byURL || time.Since(began) > sendTimeout {
			t.Errorf("%s: %+v within %s, want to be refused at once", e, o, time.Since(began))
		}
		if byURL {
			refused++
		}
	}
	if n := w.connections.Load(); n != 0 {
		t.Errorf("%d connections to hostile addresses, want 0", n)
	}
	// The trap works: without the guard the connections are made.
	c, err := net.Dial("tcp", "127.0.0.1:"+w.port)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	for end := time.Now().Add(time.Minute); w.connections.Load() == 0; {
		if time.Now().After(end) {
			t.Fatal("the trap counts nothing")
		}
		<-time.After(time.Millisecond)
	}
	t.Logf("%d hostile subscriptions, %d refused by their URL and the others by their addresses, 0 connections (port 443 watched: %v)", len(endpoints), refused, w.has443)
}

func hostilePusher(t *testing.T, names *net.Resolver, allowed ...string) (*Pusher, []byte) {
	p, err := New(t.Context(), dbtest.New(t), Options{Log: slog.New(slog.DiscardHandler), Hosts: allowed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	p.client = p.hosts.client(sendTimeout, names)
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return p, key.PublicKey().Bytes()
}

// TestHostileAnswers: a push service that redirects leads nowhere, and one that answers without an end is not listened to.
func TestHostileAnswers(t *testing.T) {
	w := newTrap(t)
	var written atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/30"):
			var status int
			fmt.Sscan(r.URL.Path[1:4], &status)
			out.Header().Set("Location", "http://127.0.0.1:"+w.port+"/")
			out.WriteHeader(status)
		case r.URL.Path == "/headers":
			for i := range 4000 {
				out.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 100))
			}
			out.WriteHeader(201)
		default:
			for chunk := make([]byte, 64<<10); r.Context().Err() == nil; {
				n, err := out.Write(chunk)
				if written.Add(int64(n)); err != nil || written.Load() > 1<<30 {
					return
				}
			}
		}
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	p, key := hostilePusher(t, net.DefaultResolver, s.URL)
	for _, path := range []string{"/301", "/302", "/303", "/307", "/308", "/headers", "/endless"} {
		began := time.Now()
		o := p.send(t.Context(), db.Device{Endpoint: s.URL + path, P256dh: key, Secret: make([]byte, 16)}, []byte("{}"), 3, "", nil)
		if strings.HasPrefix(path, "/30") && o.err == nil {
			t.Errorf("%s: a redirect counts as delivered", path)
		}
		if took := time.Since(began); took > sendTimeout {
			t.Errorf("%s took %s", path, took)
		}
	}
	if n := w.connections.Load(); n != 0 {
		t.Errorf("%d connections to where the redirects lead, want 0", n)
	}
	if n := written.Load(); n > 32<<20 {
		t.Errorf("the endless answer got rid of %d bytes", n)
	}
}
