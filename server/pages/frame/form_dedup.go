package frame

import (
	"strings"
	"sync"
	"time"

	"notifer/server/auth/secrets"
	"notifer/server/request"
)

// Bounds of the memory of forms.
const (
	formFor   = 24 * time.Hour
	formsKept = 10_000
)

// formDedup makes a form that is sent twice do its work once: the second answer leads to the first result. Each form
// carries an id of its own, which belongs to the session that sends it.
type formDedup struct {
	now func() time.Time

	mu   sync.Mutex
	sent map[sessionKey]*sentForm
}

type sentForm struct {
	at   time.Time
	done chan struct{}
	path string // where the first one led, set before done is closed
}

func newFormDedup(now func() time.Time) *formDedup {
	return &formDedup{now: now, sent: map[sessionKey]*sentForm{}}
}

// NewFormID is a fresh id for a form.
func NewFormID() string { return secrets.New() }

// begin claims a form. The caller whose first is true does the work and calls end; the others wait for done.
func (o *formDedup) begin(session, id string) (f *sentForm, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := o.sent[sessionKey{session, id}]; f != nil {
		return f, false
	}
	k := sessionKey{session, strings.Clone(id)} // which is a part of the form, and must not keep all of it in memory
	o.sweep()
	f = &sentForm{at: o.now(), done: make(chan struct{})}
	o.sent[k] = f
	return f, true
}

// end says where a form has led; with an empty path it failed, and may be sent again.
func (o *formDedup) end(session, id string, f *sentForm, path string) {
	o.mu.Lock()
	if f.path = path; path == "" {
		delete(o.sent, sessionKey{session, id})
	}
	o.mu.Unlock()
	close(f.done)
}

func (o *formDedup) sweep() {
	for k, f := range o.sent {
		if o.now().Sub(f.at) > formFor || len(o.sent) >= formsKept {
			delete(o.sent, k)
		}
	}
}

// SubmitOnce runs the work of a form unless the same form has done it already, and answers with where it led. work answers
// by itself when it refuses the form, and then returns no path.
func (p *Frame) SubmitOnce(c *request.Call, id string, work func() (path string, err error)) error {
	if id == "" || len(id) > 64 {
		path, err := work()
		if err != nil || path == "" {
			return err
		}
		return p.SeeOther(c, path, "")
	}
	session := c.Who.Session().ID
	f, first := p.forms.begin(session, id)
	if first {
		path, err := "", error(nil)
		defer func() { p.forms.end(session, id, f, path) }()
		if path, err = work(); err != nil || path == "" {
			return err
		}
		return p.SeeOther(c, path, "")
	}
	select {
	case <-f.done:
	case <-c.R.Context().Done():
		return c.R.Context().Err()
	}
	if f.path == "" {
		return request.BadRequest("the form failed in another window: load it again")
	}
	return p.SeeOther(c, f.path, "")
}
