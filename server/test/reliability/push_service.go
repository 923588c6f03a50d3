package reliability

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Phone is a browser as the push service and its screen see it.
type Phone struct {
	Path string

	key    *ecdh.PrivateKey
	secret []byte

	mu      sync.Mutex
	shown   map[string]string // by tag: a push with the tag of one that is shown takes its place
	taken   int               // pushes answered 201
	asked   int               // requests
	spoiled []string          // what no screen may see
	last    time.Time
}

// PushService answers as push services do on good and bad days, and shows what it takes on the screens of its phones.
type PushService struct {
	*httptest.Server
	// Rates are how many of a thousand requests get each answer; the rest get 201. Hang holds the connection.
	Rates  map[string]int
	Hang   time.Duration
	Delay  func() // before each answer
	phones sync.Map

	mu    sync.Mutex
	count map[string]int // answers by kind
	n     atomic.Int64
}

// NewPushService starts one on the loopback address.
func NewPushService(t testing.TB) *PushService {
	s := &PushService{count: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s
}

// Phone makes a phone; an answer that its path names is what it always gets, as /404, /410 or /hang.
func (s *PushService) Phone(t testing.TB, path string) *Phone {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Phone{Path: path, key: key, secret: make([]byte, 16), shown: map[string]string{}}
	rand.Read(p.secret)
	s.phones.Store(path, p)
	return p
}

// Subscription is what the phone sends the server.
func (s *PushService) Subscription(p *Phone) url.Values {
	b64 := base64.RawURLEncoding.EncodeToString
	return url.Values{"endpoint": {s.URL + p.Path}, "p256dh": {b64(p.key.PublicKey().Bytes())}, "auth": {b64(p.secret)}, "name": {p.Path}}
}

// Answers counts the answers by kind.
func (s *PushService) Answers() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]int{}
	for k, n := range s.count {
		out[k] = n
	}
	return out
}

func (s *PushService) answered(kind string) {
	s.mu.Lock()
	s.count[kind]++
	s.mu.Unlock()
}

func (s *PushService) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	found, ok := s.phones.Load(r.URL.Path)
	if err != nil || !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	p := found.(*Phone)
	if s.Delay != nil {
		s.Delay()
	}
	kind := s.choose(p, r.Header.Get("Topic"), len(body))
	s.answered(kind)
	switch kind {
	case "reset":
		reset(w)
	case "hang":
		select {
		case <-time.After(s.Hang):
		case <-r.Context().Done():
		}
		reset(w)
	case "429":
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	case "201":
		p.take(r.Header.Get("Topic"), body)
		w.WriteHeader(http.StatusCreated)
	default:
		status, _ := strconv.Atoi(kind)
		w.WriteHeader(status)
	}
}

// choose picks an answer. 413 is given by the message and its length, the others by chance, as seldom as Rates says.
func (s *PushService) choose(p *Phone, topic string, size int) string {
	p.mu.Lock()
	p.asked++
	p.mu.Unlock()
	if p.Path == "/404" || p.Path == "/410" {
		return p.Path[1:]
	}
	if p.Path == "/hang" {
		return "hang"
	}
	h := fnv.New32a()
	h.Write([]byte(topic))
	if int(h.Sum32()%1000) < s.Rates["413"] && size > 1500 {
		return "413"
	}
	h.Write([]byte(p.Path + strconv.FormatInt(s.n.Add(1), 10)))
	at := int(h.Sum32() >> 8 % 100_000)
	for _, kind := range [...]string{"429", "500", "reset", "hang"} {
		if at -= s.Rates[kind] * 100; at < 0 {
			return kind
		}
	}
	return "201"
}

// reset closes a connection with an RST.
func reset(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}

// take opens a push and puts it on the screen.
func (p *Phone) take(topic string, body []byte) {
	text, err := p.open(body)
	var push struct {
		Notification struct{ Body, Tag string } `json:"notification"`
	}
	if err == nil {
		err = json.Unmarshal(text, &push)
	}
	n := push.Notification
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken++
	p.last = time.Now()
	before, there := p.shown[n.Tag]
	switch {
	case err != nil:
		p.spoiled = append(p.spoiled, err.Error())
	case n.Tag == "" || topic != n.Tag && n.Tag != "test":
		p.spoiled = append(p.spoiled, fmt.Sprintf("tag %q and Topic %q", n.Tag, topic))
	case there && before[:min(len(before), 20)] != n.Body[:min(len(n.Body), 20)]:
		p.spoiled = append(p.spoiled, fmt.Sprintf("%s was %q and is %q", n.Tag, before, n.Body))
	}
	p.shown[n.Tag] = n.Body
}

// Screen is what the phone shows, by tag, how many pushes it took for that, how many requests came, and what was wrong.
func (p *Phone) Screen() (shown map[string]string, taken, asked int, spoiled []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	shown = map[string]string{}
	for tag, text := range p.shown {
		shown[tag] = text
	}
	return shown, p.taken, p.asked, p.spoiled
}

// Shows counts the notifications on the screen.
func (p *Phone) Shows() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.shown)
}

// Last is when the last push was taken.
func (p *Phone) Last() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// open decrypts a push, RFC 8291, independently of the product.
func (p *Phone) open(body []byte) ([]byte, error) {
	if len(body) < 21 || len(body) < 21+int(body[20]) {
		return nil, errors.New("the push has no header")
	}
	salt, sender, sealed := body[:16], body[21:21+int(body[20])], body[21+int(body[20]):]
	if binary.BigEndian.Uint32(body[16:20]) < uint32(len(sealed)) {
		return nil, errors.New("the record is longer than it says")
	}
	public, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, err
	}
	shared, err := p.key.ECDH(public)
	if err != nil {
		return nil, err
	}
	material, err := hkdf.Key(sha256.New, shared, p.secret, "WebPush: info\x00"+string(p.key.PublicKey().Bytes())+string(sender), 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	text, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil || len(text) == 0 || text[len(text)-1] != 2 {
		return nil, fmt.Errorf("the record does not open: %w", err)
	}
	return text[:len(text)-1], nil
}
