package bench

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

// bareKey signs the reference server's tokens.
var bareKey = []byte("a fixed key of the reference server")

// bareToken is a token the reference server accepts.
func bareToken() string {
	const name = "tk_0123456789abcdefghij"
	mac := hmac.New(sha256.New, bareKey)
	mac.Write([]byte(name))
	return name + hex.EncodeToString(mac.Sum(nil))[:20]
}

// bare is the least a server can do: the ceiling for publishing (POST /bench) and for fan-out (POST /loop).
type bare struct {
	count atomic.Int64

	mu          sync.Mutex // held while a frame goes out, so that all subscribers see one order
	subscribers []net.Conn

	store *bareStore // of POST /commit, used under mu
}

// serveBare prints its address and serves until it is killed.
func serveBare() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var b bare
	if path := os.Getenv(storeVariable); path != "" {
		if _, b.store, err = openBareStore(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /commit", b.commit)
	mux.HandleFunc("POST /bench", b.publish)
	mux.HandleFunc("POST /loop", b.loop)
	mux.HandleFunc("GET /loop/sse", b.subscribe)
	fmt.Println(l.Addr())
	http.Serve(l, mux)
}

// commit does what publish does, and before it answers commits the message on the driver: the least that a server which
// keeps messages can do for one publisher.
func (b *bare) commit(w http.ResponseWriter, r *http.Request) {
	body, ok := b.accept(w, r)
	if !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.store.add(string(body)); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, b.store.next, len(body))
}

// publish checks the token by HMAC, reads the body and answers one line of JSON.
func (b *bare) publish(w http.ResponseWriter, r *http.Request) {
	if body, ok := b.accept(w, r); ok {
		answer(w, b.count.Add(1), len(body))
	}
}

// loop does what publish does, and before it answers writes the frame to every subscriber, one after the other.
func (b *bare) loop(w http.ResponseWriter, r *http.Request) {
	body, ok := b.accept(w, r)
	if !ok {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.count.Add(1)
	frame := fmt.Appendf(nil, "id: %012d\nevent: message\ndata: {\"id\":\"%012d\",\"topic\":\"bench\",\"title\":null,\"message\":%q,"+
		"\"priority\":3,\"tags\":[],\"timestamp\":\"2026-03-04T05:06:07.123Z\"}\n\n", n, n, body)
	frame = fmt.Appendf(nil, "%x\r\n%s\r\n", len(frame), frame)
	live := b.subscribers[:0]
	for _, c := range b.subscribers {
		if _, err := c.Write(frame); err == nil {
			live = append(live, c)
		}
	}
	b.subscribers = live
	answer(w, n, len(body))
}

// subscribe keeps the connection and leaves the handler; the stream begins with a chunk of its own.
func (b *bare) subscribe(w http.ResponseWriter, r *http.Request) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n: hi\n\r\n")
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subscribers = append(b.subscribers, c)
}

func (b *bare) accept(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	token := r.Header.Get("X-Topic-Token")
	if !bareTokenValid(token) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"detail":"the token is not valid for this topic"}`+"\n")
		return nil, false
	}
	body, err := io.ReadAll(r.Body)
	return body, err == nil
}

func bareTokenValid(token string) bool {
	const nameLength, macLength = 23, 20
	if len(token) != nameLength+macLength {
		return false
	}
	mac := hmac.New(sha256.New, bareKey)
	mac.Write([]byte(token[:nameLength]))
	return hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))[:macLength]), []byte(token[nameLength:]))
}

func answer(w http.ResponseWriter, n int64, length int) {
	line := fmt.Appendf(nil, "{\"id\":\"%012d\",\"length\":%d}\n", n, length)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(line)))
	w.Write(line)
}
