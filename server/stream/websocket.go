package stream

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"notifer/server/hub"
	"notifer/server/request"
)

// wsReadLimit bounds what a subscriber may send in one frame: it has nothing to say but ping.
const wsReadLimit = 4 << 10

// ServeWebSocket connects a stream that OpenWebSocket has opened, over a WebSocket, RFC 6455.
func (s *Streams) ServeWebSocket(c *request.Call, o *Opening) error {
	hijacker := &wsWriter{ResponseWriter: c.W, format: o.format, timeout: s.timeout, silence: s.silence}
	// Who may connect is decided before, with the origin for cookies; a token may come from any page.
	ws, err := websocket.Accept(hijacker, c.R, &websocket.AcceptOptions{
		OriginPatterns: []string{"*"}, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		o.sub.PeerGone()
		return nil // the library has answered
	}
	ws.SetReadLimit(wsReadLimit)
	if !o.sub.Start(subscriber{hijacker.conn}, int64(o.From)) {
		hijacker.conn.End(o.sub.Reason()) // closed since it was allowed
		s.readWebSocket(ws, o)
		return nil
	}
	s.read(func() { s.readWebSocket(ws, o) })
	return nil
}

// CheckUpgrade refuses what is not a WebSocket handshake (RFC 6455 section 4.2.1) as JSON. Any other Upgrade header, such
// as h2c, has been ignored by the other routes.
func CheckUpgrade(c *request.Call) error {
	h := c.R.Header
	switch {
	case !strings.EqualFold(h.Get("Upgrade"), "websocket") || !hasToken(h["Connection"], "upgrade"):
		c.W.Header().Set("Upgrade", "websocket")
		return &request.Problem{Status: http.StatusUpgradeRequired, Detail: "this path speaks WebSocket, and the upgrade did not arrive. " +
			"Connect with ws:// or wss://; a proxy in between must pass the headers Upgrade and Connection. Without WebSocket use " +
			strings.TrimSuffix(c.R.URL.Path, "/ws") + "/sse"}
	case h.Get("Sec-WebSocket-Version") != "13":
		c.W.Header().Set("Sec-WebSocket-Version", "13")
		return request.BadRequest("the WebSocket version must be 13")
	case !isNonce(h.Get("Sec-WebSocket-Key")) || c.R.ProtoMajor != 1 || c.R.ProtoMinor < 1:
		return request.BadRequest("the WebSocket handshake is incomplete: send it over HTTP/1.1, with a Sec-WebSocket-Key of 16 bytes in base64")
	}
	return nil
}

// hasToken reports whether a comma-separated header, which may come in several lines, contains a word.
func hasToken(lines []string, word string) bool {
	for one := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		if strings.EqualFold(strings.TrimSpace(one), word) {
			return true
		}
	}
	return false
}

func isNonce(key string) bool {
	b, err := base64.StdEncoding.DecodeString(key)
	return err == nil && len(b) == 16
}

// readWebSocket answers pings written as text and waits for the end. It runs outside the handler, which frees its buffers.
func (s *Streams) readWebSocket(ws *websocket.Conn, o *Opening) {
	defer ws.CloseNow()
	defer o.sub.PeerGone()
	defer func() {
		if p := recover(); p != nil {
			s.panicked(p)
		}
	}()
	ctx := context.Background()
	for {
		kind, text, err := ws.Read(ctx)
		if err != nil {
			return
		}
		switch {
		case kind != websocket.MessageText:
		case !utf8.Valid(text):
			o.sub.Close(hub.Invalid) // RFC 6455 section 8.1; what comes until the peer has left is read and ignored
		case isPing(text):
			if err := ws.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`)); err != nil {
				return
			}
		}
	}
}

func isPing(text []byte) bool {
	if bytes.Equal(text, []byte("ping")) {
		return true
	}
	var m struct {
		Type string `json:"type"`
	}
	return json.Unmarshal(text, &m) == nil && m.Type == "ping"
}

// wsBuffer is the size of the library's buffers: frames of ours go around them, and peers send next to nothing.
const wsBuffer = 256

// wsWriter hands the WebSocket library small buffers and a connection whose writes do not fall into a frame of ours.
type wsWriter struct {
	http.ResponseWriter
	format  *format
	timeout time.Duration
	silence time.Duration
	conn    *conn
}

// Hijack implements http.Hijacker.
func (w *wsWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buf, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.conn = newConn(conn, w.format, w.timeout)
	w.conn.silence = w.silence
	return w.conn, bufio.NewReadWriter(w.reader(buf.Reader), bufio.NewWriterSize(w.conn, wsBuffer)), nil
}

// reader reads from the connection what the server has read of it already, then the rest. A client may speak as soon as
// it sees the 101; the library keeps of a reader what is buffered in it and nothing else, so the early bytes must be.
func (w *wsWriter) reader(old *bufio.Reader) *bufio.Reader {
	n := old.Buffered()
	early, _ := old.Peek(n) // Buffered says they are there
	r := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(early)), w.conn), max(wsBuffer, n))
	_, _ = r.Peek(n)
	return r
}
