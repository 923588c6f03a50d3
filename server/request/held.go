package request

import (
	"net/http"
	"time"
)

// payer is who the bytes of a call are counted for: its credential, or its address.
func (c *Call) payer() (key string, open bool) {
	if c.pays == "" {
		c.paysOpen = c.Who == nil || c.Who.Anonymous()
		if c.paysOpen {
			c.pays = Network(c.Address).String()
		} else {
			c.pays = c.Who.Credential()
		}
	}
	return c.pays, c.paysOpen
}

// hold counts bytes of the body until the call ends.
func (c *Call) hold(n int) error {
	if n <= 0 {
		return nil
	}
	key, open := c.payer()
	if !c.Site.bodies.Take(key, open, n) {
		return &Problem{Status: http.StatusServiceUnavailable, Detail: "the server has too many unfinished requests: try again later",
			After: 2 * time.Second}
	}
	c.held += n
	return nil
}

// release gives back what the call holds.
func (c *Call) release() {
	c.EndPage()
	c.Site.chargeBody(c)
	if c.held == 0 && c.unread == 0 {
		return
	}
	key, open := c.payer()
	c.Site.bodies.Give(key, open, c.held)
	c.Site.replies.Give(key, open, c.unread)
}
