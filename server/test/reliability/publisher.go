package reliability

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Publishers send numbered messages until stopped and record each publish that was answered 200 in full.
type Publishers struct {
	Name    string
	Topic   string
	Token   string
	Base    func() string // where the server is now
	History *History
	Suffix  string // of each body
	Retry   bool   // repeat an unanswered publish with the same X-Idempotency-Key until it is answered

	statuses sync.Map // status -> *atomic.Int64
	failed   atomic.Int64
	number   atomic.Int64
}

// Run publishes with n goroutines until ctx ends and returns when all have stopped.
func (p *Publishers) Run(ctx context.Context, n int) {
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for ctx.Err() == nil {
				p.one(ctx)
			}
		})
	}
	all.Wait()
}

// Upto publishes with some goroutines until n messages are acknowledged.
func (p *Publishers) Upto(ctx context.Context, goroutines, n int) {
	var all sync.WaitGroup
	var next atomic.Int64
	for range goroutines {
		all.Go(func() {
			for ctx.Err() == nil && int(next.Add(1)) <= n {
				p.one(ctx)
			}
		})
	}
	all.Wait()
}

// Burst publishes exactly n messages, all at the same time.
func (p *Publishers) Burst(ctx context.Context, n int) {
	var all sync.WaitGroup
	for range n {
		all.Go(func() { p.one(ctx) })
	}
	all.Wait()
}

// one publishes one message; with Retry it goes on until it is answered 200 or ctx ends.
func (p *Publishers) one(ctx context.Context) {
	body := fmt.Sprintf("%s-%07d", p.Name, p.number.Add(1))
	for {
		ok := p.try(body)
		if ok || !p.Retry || ctx.Err() != nil {
			return
		}
	}
}

func (p *Publishers) try(body string) bool {
	key := body
	body += p.Suffix
	c := &Call{Method: "POST", URL: p.Base() + "/" + p.Topic, Body: body, Header: map[string]string{"X-Topic-Token": p.Token}}
	if p.Retry {
		c.Header["X-Idempotency-Key"] = key
	}
	if err := c.Do(); err != nil {
		p.failed.Add(1)
		time.Sleep(5 * time.Millisecond) // the server may be down: leave it the processor to come back
		return false
	}
	count, _ := p.statuses.LoadOrStore(c.Status, new(atomic.Int64))
	count.(*atomic.Int64).Add(1)
	if c.Status != 200 {
		return false
	}
	var reply struct{ ID string }
	if err := json.Unmarshal(c.Answer, &reply); err != nil {
		p.failed.Add(1)
		return false
	}
	p.History.Ack(Message{ID: reply.ID, Body: body})
	return true
}

// Answered counts the answers with a status.
func (p *Publishers) Answered(status int) int {
	count, ok := p.statuses.Load(status)
	if !ok {
		return 0
	}
	return int(count.(*atomic.Int64).Load())
}

// Statuses counts the answers by status.
func (p *Publishers) Statuses() map[int]int {
	all := map[int]int{}
	p.statuses.Range(func(status, count any) bool {
		all[status.(int)] = int(count.(*atomic.Int64).Load())
		return true
	})
	return all
}

// Unanswered counts the publishes whose connection broke before the answer was read.
func (p *Publishers) Unanswered() int { return int(p.failed.Load()) }
