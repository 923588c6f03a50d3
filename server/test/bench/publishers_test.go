package bench

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// target is where and how to publish.
type target struct {
	server *process
	path   string
	token  string
	// header is sent instead of X-Topic-Token when set, as "Name: value".
	header string
	// query of a stream, with its question mark.
	query string
	// want is the status that counts as success.
	want int
}

// load is the outcome of one round of publishing.
type load struct {
	sent      int
	took      time.Duration
	cpu       time.Duration
	latencies []time.Duration // sorted
	errors    []error
}

func (l load) rate() float64 { return float64(l.sent) / l.took.Seconds() }

// perPublish is the server's processor time for one request.
func (l load) perPublish() time.Duration { return l.cpu / time.Duration(max(1, l.sent)) }

func (l load) percentile(p float64) time.Duration { return percentile(l.latencies, p) }

func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))]
}

// publisher is one keep-alive connection that sends a ready request and reads the reply with no allocation.
type publisher struct {
	requests [][]byte // shared by all publishers, one per topic, sent in turn
	target   target
	conn     net.Conn
	request  []byte
	reply    [8192]byte
	took     []time.Duration
	err      error
}

// bodySize is the message text of all benchmarks, a usual alert. Its last nine bytes are '#' and the message's number.
const bodySize = 249

func requestFor(tg target) []byte {
	header := tg.header
	if header == "" {
		header = "X-Topic-Token: " + tg.token
	}
	body := bytes.Repeat([]byte("disk nearly full; "), bodySize)[:bodySize]
	copy(body[bodySize-9:], "#00000000")
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: localhost\r\n%s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s",
		tg.path, header, bodySize, body)
}

// publish sends message number n and waits for the whole reply.
func (p *publisher) publish(n int) error {
	p.request = append(p.request[:0], p.requests[n%len(p.requests)]...)
	for i, rest := len(p.request)-1, n; rest > 0; i, rest = i-1, rest/10 {
		p.request[i] = byte('0' + rest%10)
	}
	if p.conn == nil {
		c, err := net.Dial("tcp", p.target.server.addr)
		if err != nil {
			return err
		}
		p.conn = c
	}
	if _, err := p.conn.Write(p.request); err != nil {
		return err
	}
	return p.read()
}

func (p *publisher) read() error {
	for have := 0; have < len(p.reply); {
		n, err := p.conn.Read(p.reply[have:])
		if have += n; err != nil && n == 0 {
			return fmt.Errorf("reply cut after %q: %w", p.reply[:have], err)
		}
		head := bytes.Index(p.reply[:have], []byte("\r\n\r\n"))
		if head < 0 {
			continue
		}
		length, err := contentLength(p.reply[:head])
		if err != nil {
			return err
		}
		if have == head+4+length {
			return p.checkStatus(have)
		}
	}
	return fmt.Errorf("reply longer than %d bytes", len(p.reply))
}

func (p *publisher) checkStatus(have int) error {
	status, err := strconv.Atoi(string(p.reply[9:12]))
	if err != nil || status != p.target.want {
		return fmt.Errorf("reply %q, want status %d", p.reply[:have], p.target.want)
	}
	return nil
}

func contentLength(head []byte) (int, error) {
	const name = "\r\nContent-Length: "
	i := bytes.Index(head, []byte(name))
	if i < 0 {
		return 0, fmt.Errorf("reply without Content-Length: %q", head)
	}
	value, _, _ := bytes.Cut(head[i+len(name):], []byte("\r\n"))
	return strconv.Atoi(string(value))
}

func (p *publisher) close() {
	if p.conn != nil {
		p.conn.Close()
		p.conn = nil
	}
}

// pressure says how a round of publishing is made.
type pressure struct {
	connections int
	span        time.Duration // how long; or
	messages    int           // how many
	first       int           // number of the first message
	rate        int           // messages a second, offered whether or not earlier ones are answered; 0 is as fast as possible
	fresh       bool          // a new connection for each request
	spread      []target      // publish to these topics in turn instead of to one
	onSend      func(n int)   // called just before message n is sent
}

// publish runs one round against tg and reports it. Errors are collected, not fatal.
func publish(t testing.TB, tg target, how pressure) load {
	t.Helper()
	if tg.want == 0 {
		tg.want = 200
	}
	requests := [][]byte{requestFor(tg)}
	if len(how.spread) > 0 {
		requests = requests[:0]
		for _, each := range how.spread {
			requests = append(requests, requestFor(each))
		}
	}
	publishers := make([]*publisher, how.connections)
	for i := range publishers {
		publishers[i] = &publisher{target: tg, requests: requests}
		defer publishers[i].close()
	}
	if !how.fresh {
		connect(t, publishers)
	}
	before, begin := tg.server.cpu(t), time.Now()
	sent := press(publishers, how, begin)
	result := load{sent: sent, took: time.Since(begin), cpu: tg.server.cpu(t) - before}
	for _, p := range publishers {
		result.latencies = append(result.latencies, p.took...)
		if p.err != nil {
			result.errors = append(result.errors, p.err)
		}
	}
	slices.Sort(result.latencies)
	return result
}

func connect(t testing.TB, publishers []*publisher) {
	t.Helper()
	for _, p := range publishers {
		c, err := net.Dial("tcp", p.target.server.addr)
		if err != nil {
			t.Fatal(err)
		}
		p.conn = c
	}
}

func press(publishers []*publisher, how pressure, begin time.Time) int {
	var next, done atomic.Int64
	var wg sync.WaitGroup
	for _, p := range publishers {
		wg.Go(func() {
			for p.err == nil {
				n := int(next.Add(1)) - 1
				if how.messages > 0 && n >= how.messages || how.messages == 0 && time.Since(begin) > how.span {
					return
				}
				if how.rate > 0 {
					<-time.After(time.Until(begin.Add(time.Duration(n) * time.Second / time.Duration(how.rate))))
				}
				p.one(how.first+n, how)
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return int(done.Load())
}

func (p *publisher) one(n int, how pressure) {
	if how.onSend != nil {
		how.onSend(n)
	}
	begin := time.Now()
	err := p.publish(n)
	p.took = append(p.took, time.Since(begin))
	if err != nil {
		p.err = err
	}
	if how.fresh {
		p.close()
	}
}
