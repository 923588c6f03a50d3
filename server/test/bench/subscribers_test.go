package bench

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// subscribers are many streams read by one thread with epoll, so that reading costs as little as it can.
// Each stream's frames are counted and their order compared with the first stream's.
type subscribers struct {
	epoll    int
	streams  []*stream
	webSocks bool
	done     sync.WaitGroup
	stopped  atomic.Bool

	sentAt    []atomic.Int64 // nanoseconds since begin, per message number
	begin     time.Time
	delivered atomic.Int64

	// owned by the reading goroutine until done
	delays  []int32 // in microseconds, a count per delay: see delaySlots
	order   []int32 // message numbers as the furthest stream saw them
	last    time.Time
	problem error
}

// stream is one subscriber.
type stream struct {
	fd   int
	seen int    // frames
	rest []byte // of a frame cut by the end of a read
}

// delaySlots holds delays up to two minutes in steps of 100 microseconds.
const delaySlots = 1_200_000

const delayStep = 100 * time.Microsecond

// subscribe opens n streams of path and returns when each has its response header and, over SSE, its first event.
func subscribe(t testing.TB, tg target, n, messages int, webSocket bool) *subscribers {
	t.Helper()
	epoll, err := syscall.EpollCreate1(0)
	if err != nil {
		t.Fatal(err)
	}
	s := &subscribers{epoll: epoll, webSocks: webSocket, begin: time.Now(), sentAt: make([]atomic.Int64, messages), delays: make([]int32, delaySlots)}
	t.Cleanup(s.close)
	for range n {
		st, err := openStream(tg, webSocket)
		if err != nil {
			t.Fatalf("open stream %d: %v", len(s.streams), err)
		}
		event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(len(s.streams))}
		s.streams = append(s.streams, st)
		if err := syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, st.fd, &event); err != nil {
			t.Fatal(err)
		}
	}
	s.done.Go(s.read)
	return s
}

// openStream connects with a plain blocking socket: 5,000 of Go's own would cost the machine more than the server's.
func openStream(tg target, webSocket bool) (*stream, error) {
	addr, err := net.ResolveTCPAddr("tcp4", tg.server.addr)
	if err != nil {
		return nil, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	st := &stream{fd: fd}
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: addr.Port, Addr: [4]byte(addr.IP.To4())}); err != nil {
		return nil, err
	}
	if _, err := syscall.Write(fd, streamRequest(tg, webSocket)); err != nil {
		return nil, err
	}
	return st, st.readHeader(webSocket)
}

func streamRequest(tg target, webSocket bool) []byte {
	if webSocket {
		return fmt.Appendf(nil, "GET %s/ws HTTP/1.1\r\nHost: localhost\r\nX-Topic-Token: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", tg.path, tg.token)
	}
	return fmt.Appendf(nil, "GET %s/sse%s HTTP/1.1\r\nHost: localhost\r\nX-Topic-Token: %s\r\nAccept: text/event-stream\r\n\r\n", tg.path, tg.query, tg.token)
}

// readHeader reads up to the end of the response header; what follows it is kept.
func (st *stream) readHeader(webSocket bool) error {
	buffer := make([]byte, 4096)
	for have := 0; have < len(buffer); {
		n, err := syscall.Read(st.fd, buffer[have:])
		if err != nil || n == 0 {
			return errors.Join(fmt.Errorf("header cut after %q", buffer[:have]), err)
		}
		have += n
		head, rest, found := bytes.Cut(buffer[:have], []byte("\r\n\r\n"))
		if !found {
			continue
		}
		if status := string(head[9:12]); status != "200" && status != "101" {
			return fmt.Errorf("reply %q", buffer[:have])
		}
		if webSocket || len(rest) > 0 {
			st.rest = bytes.Clone(rest)
			return nil
		}
	}
	return errors.New("response header is longer than 4 KiB")
}

// sending notes that message n goes out now. Its delay counts from here.
func (s *subscribers) sending(n int) { s.sentAt[n].Store(int64(time.Since(s.begin))) }

// read is the loop of the reading goroutine.
func (s *subscribers) read() {
	events := make([]syscall.EpollEvent, 256)
	buffer := make([]byte, 1<<18)
	for !s.stopped.Load() && s.problem == nil {
		n, err := syscall.EpollWait(s.epoll, events, 100)
		if err != nil && err != syscall.EINTR {
			s.problem = err
			return
		}
		for _, e := range events[:max(n, 0)] {
			s.readStream(s.streams[e.Fd], buffer)
		}
	}
}

func (s *subscribers) readStream(st *stream, buffer []byte) {
	kept := copy(buffer, st.rest)
	n, err := syscall.Read(st.fd, buffer[kept:])
	if err == syscall.EINTR || err == syscall.EAGAIN {
		return
	}
	if err != nil || n <= 0 {
		s.problem = errors.Join(errors.New("a stream ended"), err)
		return
	}
	now := time.Now()
	data := buffer[:kept+n]
	for {
		frame, rest, ok := s.cut(data)
		if !ok {
			break
		}
		s.take(st, frame, now)
		data = rest
	}
	st.rest = append(st.rest[:0], data...)
}

// cut splits the first whole frame off data.
func (s *subscribers) cut(data []byte) (frame, rest []byte, ok bool) {
	if !s.webSocks {
		return bytes.Cut(data, []byte("\n\n"))
	}
	if len(data) < 4 {
		return nil, data, false
	}
	head, size := 2, int(data[1]&0x7f)
	if size == 126 {
		head, size = 4, int(binary.BigEndian.Uint16(data[2:]))
	}
	if size == 127 || len(data) < head+size {
		return nil, data, false
	}
	return data[head : head+size], data[head+size:], true
}

// take checks a frame's place in the order and notes how long it was under way. Frames without a message are skipped.
func (s *subscribers) take(st *stream, frame []byte, now time.Time) {
	at := bytes.IndexByte(frame, '#')
	if at < 0 {
		return
	}
	number := int32(0)
	for _, digit := range frame[at+1 : at+9] {
		number = number*10 + int32(digit-'0')
	}
	if st.seen == len(s.order) {
		s.order = append(s.order, number)
	} else if s.order[st.seen] != number && s.problem == nil {
		s.problem = fmt.Errorf("a stream's message %d is number %d, another stream's is %d", st.seen, number, s.order[st.seen])
	}
	st.seen++
	delay := now.Sub(s.begin) - time.Duration(s.sentAt[number].Load())
	s.delays[min(delaySlots-1, int(delay/delayStep))]++
	s.last = now
	s.delivered.Add(1)
}

// wait returns when every stream has had the given number of messages, and stops reading.
func (s *subscribers) wait(t testing.TB, messages int, within time.Duration) {
	t.Helper()
	want := int64(messages * len(s.streams))
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for deadline := time.Now().Add(within); s.delivered.Load() < want && time.Now().Before(deadline); <-poll.C {
	}
	s.stop()
	if err := s.check(messages); err != nil {
		t.Error(err)
	}
}

// check verifies that all streams had exactly the same messages in the same order, none missing and none twice.
func (s *subscribers) check(messages int) error {
	if s.problem != nil {
		return s.problem
	}
	for i, st := range s.streams {
		if st.seen != messages {
			return fmt.Errorf("stream %d had %d messages, want %d", i, st.seen, messages)
		}
	}
	seen := slices.Sorted(slices.Values(s.order))
	for i, number := range seen {
		if int(number) != i {
			return fmt.Errorf("message %d is missing or came twice: %v", i, strings.TrimSpace(fmt.Sprint(seen[max(0, i-2):min(len(seen), i+3)])))
		}
	}
	return nil
}

// delay is the given percentile of all deliveries' delays.
func (s *subscribers) delay(p float64) time.Duration {
	total := int64(0)
	for _, n := range s.delays {
		total += int64(n)
	}
	rank := int64(math.Ceil(p * float64(total)))
	for slot, n := range s.delays {
		if rank -= int64(n); rank <= 0 {
			return time.Duration(slot+1) * delayStep
		}
	}
	return 0
}

func (s *subscribers) stop() {
	s.stopped.Store(true)
	s.done.Wait()
}

// close ends all streams.
func (s *subscribers) close() {
	s.stop()
	for _, st := range s.streams {
		syscall.Close(st.fd)
	}
	s.streams = nil
	syscall.Close(s.epoll)
	s.epoll = -1
}
