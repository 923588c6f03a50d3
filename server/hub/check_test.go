package hub_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"notifer/server/hub"
)

// The last question about a stream's rights decides until when it goes on, also when the answer to an earlier one comes late.
func TestLateAnswerDoesNotProlongAStream(t *testing.T) {
	h := hub.New(hub.Options{History: (&memLog{}).history})
	defer h.Close(context.Background(), hub.Shutdown)
	asked, answer := make(chan struct{}), make(chan struct{})
	answers := make(chan func() (time.Time, error), 3)
	answers <- func() (time.Time, error) {
		close(asked)
		<-answer
		return time.Time{}, nil
	}
	answers <- func() (time.Time, error) { return time.Now().Add(50 * time.Millisecond), nil }
	answers <- func() (time.Time, error) { return time.Time{}, context.DeadlineExceeded }
	c, s := newConn(), &hub.Sub{Allowed: func() (time.Time, error) { return (<-answers)() }}
	h.Register(s, form, []int64{1}, nil)
	s.Start(c, 0)
	first := make(chan error)
	go func() { first <- s.Check() }()
	<-asked
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	close(answer)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.ended:
	case <-time.After(time.Minute):
		t.Error("the stream outlives what it was given last")
	}
}

// What is read from the log while a stream ends is not sent any more.
func TestNothingIsSentAfterTheEnd(t *testing.T) {
	log := &memLog{}
	log.add(hub.Event{ID: 1, Topic: 1})
	reading, read := make(chan struct{}), make(chan struct{})
	h := hub.New(hub.Options{Last: 1, History: func(ctx context.Context, topics []int64, after, upTo int64, limit int, each func(hub.Event) bool) error {
		close(reading)
		<-read
		return log.history(ctx, topics, after, upTo, limit, each)
	}})
	defer h.Close(context.Background(), hub.Shutdown)
	c, s := newConn(), &hub.Sub{}
	h.Register(s, form, []int64{1}, nil)
	s.Start(c, 0)
	<-reading
	s.Close(hub.Revoked)
	close(read)
	if reason := <-c.ended; reason != hub.Revoked || len(c.ids(t)) != 0 {
		t.Errorf("ended for %d after %v, want it revoked and nothing sent", reason, c.ids(t))
	}
}

// A stream whose rights cannot be read ends as one whose history cannot: its client may come back.
func TestUndecidedIsNotRevoked(t *testing.T) {
	h := hub.New(hub.Options{History: (&memLog{}).history})
	defer h.Close(context.Background(), hub.Shutdown)
	for err, want := range map[error]hub.Reason{hub.ErrUndecided: hub.Failed, context.Canceled: hub.Revoked} {
		c, s := newConn(), &hub.Sub{Allowed: func() (time.Time, error) { return time.Time{}, err }}
		h.Register(s, form, []int64{1}, nil)
		s.Start(c, 0)
		if got := s.Check(); !errors.Is(got, err) {
			t.Errorf("Check = %v, want %v", got, err)
		}
		if reason := <-c.ended; reason != want {
			t.Errorf("after %v the stream ended for %d, want %d", err, reason, want)
		}
	}
}

// A stream whose history cannot be read is told why it ends, like one whose rights cannot be read.
func TestFailedHistoryIsSaid(t *testing.T) {
	h := hub.New(hub.Options{Last: 1, History: func(context.Context, []int64, int64, int64, int, func(hub.Event) bool) error {
		return errors.New("the disk cannot be read")
	}})
	defer h.Close(context.Background(), hub.Shutdown)
	c, s := newConn(), &hub.Sub{}
	left := make(chan struct{})
	h.Register(s, form, []int64{1}, func() { close(left) })
	s.Start(c, 0)
	if reason := <-c.ended; reason != hub.Failed {
		t.Errorf("ended for %d, want %d", reason, hub.Failed)
	}
	<-left
}
