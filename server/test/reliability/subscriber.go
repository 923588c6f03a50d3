package reliability

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// Transport is a way to receive messages.
type Transport string

// The three ways.
const (
	SSE  Transport = "sse"
	WS   Transport = "ws"
	Poll Transport = "poll"
)

// Subscriber follows one topic and records what it gets; it reconnects with its cursor after every failure.
type Subscriber struct {
	Name    string
	Topic   string
	Token   string
	Via     Transport
	Base    func() string // http://host:port of the server now
	From    string        // the cursor of the first join: All, a message id, or "" for from now on
	History *History
	Silence time.Duration // reconnect after so long without a byte; 0 means 3 s
	Many    string        // topics of GET /sse, with a comma between, in place of Topic
	JWT     string        // instead of Token

	cursor   string
	accepted func()
}

// Run follows the topic until ctx ends.
func (s *Subscriber) Run(ctx context.Context) {
	s.cursor = s.From
	pause := time.NewTicker(20 * time.Millisecond)
	defer pause.Stop()
	for ctx.Err() == nil {
		s.once(ctx)
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
	}
}

// Once follows one connection to its end; joined runs once it is accepted.
func (s *Subscriber) Once(ctx context.Context, joined func()) error {
	s.cursor, s.accepted = s.From, joined
	return s.once(ctx)
}

// once is one connection, or one poll.
func (s *Subscriber) once(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	alive := time.AfterFunc(s.silence(), stop)
	defer alive.Stop()
	beat := func() { alive.Reset(s.silence()) }
	switch s.Via {
	case SSE:
		return s.sse(ctx, beat)
	case WS:
		return s.ws(ctx, beat)
	default:
		return s.poll(ctx, beat)
	}
}

func (s *Subscriber) silence() time.Duration {
	if s.Silence > 0 {
		return s.Silence
	}
	return 3 * time.Second
}

func (s *Subscriber) joined() {
	s.History.Record(Event{Client: s.Name, Kind: Joined, ID: s.cursor})
	if s.accepted != nil {
		s.accepted()
	}
}

func (s *Subscriber) delivered(m Message) {
	s.History.Record(Event{Client: s.Name, Kind: Delivered, ID: m.ID, Body: m.Body})
	s.cursor = m.ID
}

// open sends the request of a stream or a poll and records the join once it is accepted.
func (s *Subscriber) open(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", s.Base()+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header = s.header()
	res, err := streams.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != 200 {
		res.Body.Close()
		return nil, fmt.Errorf("GET %s = %d", path, res.StatusCode)
	}
	s.joined()
	return res, nil
}

func (s *Subscriber) header() http.Header {
	if s.JWT != "" {
		return http.Header{"Authorization": {"Bearer " + s.JWT}}
	}
	return http.Header{"X-Topic-Token": {s.Token}}
}

// streams has no limit of time; each stream is ended through its context.
var streams = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32, Proxy: nil, TLSClientConfig: anyCertificate(), ForceAttemptHTTP2: true}}

func (s *Subscriber) sse(ctx context.Context, beat func()) error {
	path := "/" + s.Topic + "/sse?"
	if s.Many != "" {
		path = "/sse?topics=" + s.Many + "&"
	}
	if s.cursor != "" {
		path += "last_event_id=" + s.cursor
	}
	res, err := s.open(ctx, path)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return s.readSSE(bufio.NewReaderSize(res.Body, 256<<10), beat)
}

// readSSE takes a frame only when its blank line has come, as the standard's parser does.
func (s *Subscriber) readSSE(in *bufio.Reader, beat func()) error {
	var id, data, event string
	for {
		text, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		beat()
		name, value, _ := bytes.Cut([]byte(text[:len(text)-1]), []byte(": "))
		switch string(name) {
		case "id":
			id = string(value)
		case "data":
			data = string(value)
		case "event":
			event = string(value)
		case "":
			if text != "\n" {
				continue
			}
			if err := s.frame(id, event, data); err != nil {
				return err
			}
			id, data, event = "", "", ""
		}
	}
}

func (s *Subscriber) frame(id, event, data string) error {
	if data == "" && id != "" {
		s.History.Record(Event{Client: s.Name, Kind: Bookmarked, ID: id})
		s.cursor = id
		return nil
	}
	if data == "" || (event != "" && event != "message") {
		return nil
	}
	return s.message([]byte(data))
}

func (s *Subscriber) message(text []byte) error {
	var m struct{ ID, Message string }
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("frame %q: %w", text, err)
	}
	if m.ID == "" {
		return errors.New("frame without id")
	}
	s.delivered(Message{ID: m.ID, Body: m.Message})
	return nil
}

func (s *Subscriber) ws(ctx context.Context, beat func()) error {
	url := s.Base() + "/" + s.Topic + "/ws"
	if s.cursor != "" {
		url += "?since=" + s.cursor
	}
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient: streams, HTTPHeader: s.header(),
		OnPingReceived: func(context.Context, []byte) bool { beat(); return true },
	})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	s.joined()
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		beat()
		if err := s.message(text); err != nil {
			return err
		}
	}
}

// poll asks for pages until one is not full. A reader without a cursor has no place in the log to begin at, so polling
// starts from All.
func (s *Subscriber) poll(ctx context.Context, beat func()) error {
	if s.cursor == "" {
		s.cursor = All
	}
	for {
		n, err := s.page(ctx)
		if err != nil || n < pageRows {
			return err
		}
		beat()
	}
}

const pageRows = 100

// page asks for one page and returns how many messages it held.
func (s *Subscriber) page(ctx context.Context) (int, error) {
	res, err := s.open(ctx, fmt.Sprintf("/%s/json?limit=%d&after=%s", s.Topic, pageRows, s.cursor))
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	list, err := decodePage(text)
	for _, m := range list {
		s.delivered(m)
	}
	return len(list), err
}
