package wire

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/manage"
	"notifer/server/request"
)

// idempotencyWindow is how long a repeat under the same key finds the first message.
const idempotencyWindow = 10 * time.Minute

const maxIdempotencyKey = 128

// Publish stores a message and answers with it once it is on the disk. The body is the text itself, or a JSON
// object when the content type says so; a form type is text too, since that is what curl -d sends. What is wrong with a field
// beside the text is mended and named in the answer, since nobody watches most senders; X-Strict refuses it instead.
func (w *Wire) Publish(c *request.Call) error {
	if err := w.site.LimitAnonymous(c); err != nil {
		return err
	}
	var d manage.Draft
	from := readSender(c, &d)
	strict := from.flag(fieldStrict)
	if err := w.readDraft(c, &d, strict); err != nil {
		return err
	}
	from.fill(&d)
	m, err := d.Message(w.site.MessageBytes())
	if err != nil {
		return err
	}
	idem := idempotency(c, &from, &d)
	if strict {
		if err := refusal(&d); err != nil {
			return err
		}
	}
	if !from.flag(fieldAllowSecret) {
		if found, err := w.manage.FindSecret(m); err != nil {
			if noted := w.manage.NoteSecret(c.R.Context(), manage.ActorOf(c.Who), c.Topic, found); noted != nil {
				return noted
			}
			return err
		}
	}
	w.applyTokenDefaults(c, m)
	if idem != nil {
		idem.Digest = digest(m)
	}
	m.TopicID, m.Topic = c.Topic.ID, c.Topic.Name
	if err := w.site.LimitBytes(c, len(m.Body)); err != nil {
		return err
	}
	if err := w.site.DB.Publish(m, idem); err != nil {
		return err
	}
	if idem == nil || !idem.Repeated {
		w.o.Published(w.site.DB.Now().Sub(c.Began))
	}
	if t := c.Who.Token(); t != nil && len(d.Faults) > 0 {
		w.site.DB.NoteWarning(t.ID, d.Faults[0].Warning)
	}
	writePublished(c.W, m, d.Faults)
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

// idempotency reads X-Idempotency-Key, nil without one. The caller sets the digest.
func idempotency(c *request.Call, from *sender, d *manage.Draft) *db.Idempotency {
	list := from.list(fieldIdempotency)
	if len(list) == 0 {
		return nil
	}
	key := list[0]
	if len(list) > 1 || key == "" || len(key) > maxIdempotencyKey || !utf8.ValidString(key) {
		d.Fault(request.BadRequest("X-Idempotency-Key must be sent once and have 1 to %d characters", maxIdempotencyKey),
			"X-Idempotency-Key was left out: it must be sent once and have 1 to %d characters", maxIdempotencyKey)
		return nil
	}
	who := c.Who.Credential()
	if who == "" {
		who = "address " + request.Network(c.Address).String()
	}
	return &db.Idempotency{Credential: who, Key: key, Window: idempotencyWindow}
}

// digest covers everything that makes a message.
func digest(m *db.Message) []byte {
	h := sha256.New()
	for _, f := range []string{m.Body, m.Title, strconv.FormatBool(m.HasTitle), strconv.Itoa(m.Priority), m.Tags, m.ExtrasText()} {
		h.Write(strconv.AppendInt(nil, int64(len(f)), 10))
		h.Write([]byte{':'})
		h.Write([]byte(f))
	}
	return h.Sum(nil)
}

var replies = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// writePublished answers with the stored message and what was mended.
func writePublished(to http.ResponseWriter, m *db.Message, faults []manage.Fault) {
	b := replies.Get().(*[]byte)
	*b = AppendMessage((*b)[:0], m, false)
	if len(faults) > 0 {
		*b = append((*b)[:len(*b)-1], `,"warnings":[`...)
		for i, f := range faults[:min(len(faults), maxWarnings)] {
			if i > 0 {
				*b = append(*b, ',')
			}
			*b = api.AppendString(*b, f.Warning, false)
		}
		*b = append(*b, "]}"...)
	}
	*b = append(*b, '\n')
	h := to.Header()
	h["Content-Type"] = request.JSONType
	h["Content-Length"] = []string{strconv.Itoa(len(*b))}
	to.Write(*b)
	putReply(b)
}

// maxWarnings is how many warnings an answer names.
const maxWarnings = 20

// putReply keeps a buffer for the next reply, unless it has become large.
func putReply(b *[]byte) {
	if cap(*b) <= 64<<10 {
		replies.Put(b)
	}
}
