package request

import (
	"context"
	"net/http"
	"runtime"
	"time"
)

// PageBytes is how large an answer of many messages grows before it ends with the place of the next: a message may take six times its
// bytes in JSON, and an answer is held until its reader has taken it.
const PageBytes = 1 << 20

// freeReply is an answer that is not worth counting: its connection costs as much.
const freeReply = 16 << 10

// builders is how many answers of many messages are made at a time. What they read is not counted, so it is bounded so.
func builders() int { return max(4, 2*runtime.GOMAXPROCS(0)) }

// BeginPage waits for a place to build a page in; EndPage, or the end of the call, gives it back. It fails with 429 for a visitor who reads
// too much, or with the error of the request's context.
func (c *Call) BeginPage() error {
	if c.building {
		return nil
	}
	if err := c.Site.limitReads(c); err != nil {
		return err
	}
	select {
	case c.Site.building <- struct{}{}:
		c.building = true
		return nil
	case <-c.R.Context().Done():
		return c.R.Context().Err()
	}
}

// searchWait is how long a caller's search waits for the one before it.
const searchWait = 5 * time.Second

// BeginSearch waits for the caller's turn to search; EndPage, or the end of the call, ends it. It fails with 429 after five seconds, or with
// the error of the request's context.
func (c *Call) BeginSearch() error {
	key, _ := c.payer()
	ctx, cancel := context.WithTimeout(c.R.Context(), searchWait)
	defer cancel()
	if err := c.Site.searches.Wait(ctx, key); err != nil {
		if c.R.Context().Err() != nil {
			return err
		}
		return tooMany(2*time.Second, "one search at a time: wait for the one before this")
	}
	c.searching = true
	return nil
}

// EndPage says that the page is built: what remains is to send it, at the pace of its reader.
func (c *Call) EndPage() {
	if c.building {
		c.building = false
		<-c.Site.building
	}
	if c.searching {
		c.searching = false
		key, _ := c.payer()
		c.Site.searches.Leave(key)
	}
}

// HoldReply counts an answer of n bytes that is about to be sent, until the call ends. It fails with 503 when there
// is no room for it.
func (c *Call) HoldReply(n int) error {
	if n <= freeReply {
		return nil
	}
	key, open := c.payer()
	if !c.Site.replies.Take(key, open, n) {
		return &Problem{Status: http.StatusServiceUnavailable, After: 2 * time.Second,
			Detail: "the server has too many unread responses: read those you asked for, or try again later"}
	}
	c.unread += n
	return nil
}

// WritePage answers with a page of JSON that build appends. Few are built at a time, and what the clients have not read yet is counted.
func (c *Call) WritePage(build func(dst []byte) ([]byte, error)) (err error) {
	if err := c.BeginPage(); err != nil {
		return err
	}
	b := replies.Get().(*[]byte)
	defer putReply(b)
	*b, err = build((*b)[:0])
	c.EndPage()
	if err != nil {
		return err
	}
	if err := c.HoldReply(cap(*b)); err != nil {
		return err
	}
	setJSON(c.W.Header(), len(*b))
	c.W.Write(*b)
	return nil
}
