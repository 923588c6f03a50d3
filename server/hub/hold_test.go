package hub_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"notifer/server/hub"
)

// A change of what one stream depends on asks that stream, of however many.
func TestHoldAsksOnlyWhatDepends(t *testing.T) {
	h := hub.New(hub.Options{History: (&memLog{}).history})
	defer h.Close(context.Background(), hub.Shutdown)
	const streams = 1500
	var asked atomic.Int64
	last := make(chan int, streams)
	for i := range streams {
		s := &hub.Sub{Depends: []string{fmt.Sprint("token_", i), "topic 1"}}
		s.Allowed = func() (time.Time, error) {
			asked.Add(1)
			last <- i
			return time.Time{}, nil
		}
		h.Register(s, form, []int64{1}, nil)
		s.Start(newConn(), 0)
	}
	h.HoldDependents("user_of_no_stream")
	h.HoldDependents("token_700", "token_of_no_stream")
	if i := <-last; i != 700 || asked.Load() != 1 {
		t.Errorf("%d streams were asked, the last of them %d; want stream 700 alone", asked.Load(), i)
	}
	h.HoldDependents("topic 1")
	for range streams {
		<-last
	}
	h.HoldAll()
	for range streams {
		<-last
	}
	if n := asked.Load(); n != 2*streams+1 {
		t.Errorf("%d questions, want %d", n, 2*streams+1)
	}
	h.HoldDependents("token_700", "topic 1", "topic 1")
	for range streams {
		<-last
	}
	h.HoldDependents("token_3") // is asked after all that were asked before
	<-last
	if n := asked.Load(); n != 3*streams+2 {
		t.Errorf("%d questions after a change of two things that a stream depends on, want %d", n, 3*streams+2)
	}
}

// What is published after a change is not sent to a stream that depends on it before the stream has been asked; one that may go
// on gets it then, and one that may not never does.
func TestAHeldStreamSendsNothing(t *testing.T) {
	log := &memLog{}
	h := hub.New(hub.Options{History: log.history})
	defer h.Close(context.Background(), hub.Shutdown)
	for name, answer := range map[string]error{"goes on": nil, "ends": errors.New("revoked")} {
		asked, decide := make(chan struct{}), make(chan struct{})
		c, s := newConn(), &hub.Sub{Depends: []string{name}}
		s.Allowed = func() (time.Time, error) {
			close(asked)
			<-decide
			return time.Time{}, answer
		}
		h.Register(s, form, []int64{1}, nil)
		s.Start(c, h.Announced())
		h.HoldDependents(name)
		<-asked
		e := hub.Event{ID: h.Announced() + 1, Topic: 1}
		log.add(e)
		h.Publish([]hub.Event{e})
		if got := c.ids(t); len(got) != 0 {
			t.Errorf("%s: %v was sent while nobody knew whether the stream may go on", name, got)
		}
		close(decide)
		if answer == nil {
			waitFor(t, name, func() bool { return len(c.ids(t)) == 1 })
		} else if reason := <-c.ended; reason != hub.Revoked || len(c.ids(t)) != 0 {
			t.Errorf("%s: ended for %d after %v, want it revoked and nothing sent", name, reason, c.ids(t))
		}
	}
}

// Close waits for what the last stream still says, and ends at once when that was said.
func TestCloseWaitsForTheStreams(t *testing.T) {
	h := hub.New(hub.Options{History: (&memLog{}).history})
	var left atomic.Bool
	s := &hub.Sub{}
	h.Register(s, form, []int64{1}, func() { left.Store(true) })
	s.Start(newConn(), 0)
	h.Close(context.Background(), hub.Shutdown)
	if !left.Load() || h.Open() != 0 {
		t.Errorf("left %v, %d streams open after Close; want none", left.Load(), h.Open())
	}
	h.Close(context.Background(), hub.Shutdown) // a second time changes nothing
}
