package wire

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/manage"
	"notifer/server/request"
)

// idempotencyWindow is how long a repeat under the same key finds the first message.
const idempotencyWindow = 10 * time.Minute

const maxIdempotencyKey = 128

// Publish stores a message and answers with it once it is on the disk. The body is the text itself, or a JSON
// object when the content type says so; a form type is text too, since that is what curl -d sends.
func (w *Wire) Publish(c *request.Call) error {
	if err := w.site.LimitAnonymous(c); err != nil {
		return err
	}
	m, err := w.readMessage(c)
	if err != nil {
		return err
	}
	if c.R.Header.Get("X-Allow-Secret") != "1" {
		if err := w.manage.RefuseSecret(c.R.Context(), manage.ActorOf(c.Who), c.Topic, m); err != nil {
			return err
		}
	}
	w.applyTokenDefaults(c, m)
	idem, err := idempotency(c, m)
	if err != nil {
		return err
	}
	m.TopicID, m.Topic = c.Topic.ID, c.Topic.Name
	if err := w.site.DB.Publish(m, idem); err != nil {
		return err
	}
	if idem == nil || !idem.Repeated {
		w.o.Published(w.site.DB.Now().Sub(c.Began))
	}
	WriteMessage(c.W, m)
	return nil
}

// applyTokenDefaults gives a message the priority and tags of its token where it has none of its own.
func (w *Wire) applyTokenDefaults(c *request.Call, m *db.Message) {
	if t := c.Who.Token(); t != nil {
		if m.Priority == 0 {
			m.Priority = t.DefaultPriority
		}
		if m.Tags == "" {
			m.Tags = t.DefaultTags
		}
	}
	if m.Priority == 0 {
		m.Priority = manage.DefaultPriority
	}
}

// idempotency reads X-Idempotency-Key; the digest covers everything that makes the message.
func idempotency(c *request.Call, m *db.Message) (*db.Idempotency, error) {
	v := c.R.Header["X-Idempotency-Key"]
	if len(v) == 0 {
		return nil, nil
	}
	key := v[0]
	if len(v) > 1 || key == "" || len(key) > maxIdempotencyKey || !utf8.ValidString(key) {
		return nil, request.BadRequest("X-Idempotency-Key must be sent once and have 1 to %d characters", maxIdempotencyKey)
	}
	h := sha256.New()
	for _, f := range []string{m.Body, m.Title, strconv.FormatBool(m.HasTitle), strconv.Itoa(m.Priority), m.Tags, m.ExtrasText()} {
		h.Write(strconv.AppendInt(nil, int64(len(f)), 10))
		h.Write([]byte{':'})
		h.Write([]byte(f))
	}
	who := c.Who.Credential()
	if who == "" {
		who = "address " + request.Network(c.Address).String()
	}
	return &db.Idempotency{Credential: who, Key: key, Digest: h.Sum(nil), Window: idempotencyWindow}, nil
}

var replies = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// WriteMessage answers with one message.
func WriteMessage(to http.ResponseWriter, m *db.Message) {
	b := replies.Get().(*[]byte)
	*b = append(AppendMessage((*b)[:0], m, false), '\n')
	h := to.Header()
	h["Content-Type"] = request.JSONType
	h["Content-Length"] = []string{strconv.Itoa(len(*b))}
	to.Write(*b)
	putReply(b)
}

// putReply keeps a buffer for the next reply, unless it has become large.
func putReply(b *[]byte) {
	if cap(*b) <= 64<<10 {
		replies.Put(b)
	}
}
