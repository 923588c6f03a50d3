package hub_test

import (
	"context"
	"testing"
	"time"

	"notifer/server/hub"
)

// The last question about a stream's rights decides until when it goes on, also when the answer to an earlier one comes late.
func TestLateAnswerDoesNotProlongAStream(t *testing.T) {
	h := hub.New(hub.Options{Encode: encode, History: (&memLog{}).history})
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
	c, s := newConn(), &hub.Sub{Recheck: func() (time.Time, error) { return (<-answers)() }}
	h.Register(s, 0, []int64{1}, nil)
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
	case <-time.After(5 * time.Second):
		t.Error("the stream outlives what it was given last")
	}
}
