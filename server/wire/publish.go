package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/contract"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/shape"
	"notifer/server/wire/signature"
)

const maxIdempotencyKey = 128

// Publish stores a message and answers with it once it is on the disk. The body is the text itself, a JSON object when the content type
// says so, a form with a file, or the payload of a program that is known (draft.go); the type of a plain form means text too, since that
// is what curl -d sends. What is wrong with a field beside the text is corrected and named in the answer, since most senders are not
// watched; X-Strict refuses it instead.
func (w *Wire) Publish(c *request.Call) error { return w.publish(c, publication{}) }

// publish stores what came. Of the publication the form in which it came is known.
func (w *Wire) publish(c *request.Call, p publication) error {
	if c.Route.Topic == nil { // else it was counted before the topic was looked for
		if err := w.site.LimitAnonymous(c); err != nil {
			return err
		}
	}
	if err := w.read(c, &p); err != nil {
		return err
	}
	if err := w.complete(c, &p); err != nil {
		return err
	}
	if err := w.store(c, &p); err != nil {
		return err
	}
	w.site.ChallengeAnswered(c)
	if p.gotify {
		writeGotify(c, &p)
		return nil
	}
	if writeAnswer(c, p.body.answer) {
		return nil
	}
	writePublished(c.W, p.first, p.more, contract.Appender(w.site.Auth.Manages(c.Who, c.Topic)), p.draft.Faults)
	return nil
}

// publication is what a request publishes.
type publication struct {
	side  sideFields
	draft manage.Draft // of the first message, with what is wrong with all of them
	body  received
	first *db.Message
	more  []*db.Message // made of the same body
	idem  *db.Idempotency

	gotify bool // its sender talks to Gotify
}

// read makes messages of a request: readDraft (draft.go) reads the body, whatever form it has, as a manage.Draft, which is what the sender
// wants to say; the fields of headers and query are laid over it (sideFields.fill), and Draft.Message makes a message of it within the bounds.
// Strict publishing refuses here what is corrected otherwise. When any rights have changed since the request was authorized, its own
// are decided again once the body is there (request.ReadBody), as it may have been long in coming; a token that only expires meanwhile still
// publishes. A right that ends after that, during the commit, does not stop the message.
func (w *Wire) read(c *request.Call, p *publication) (err error) {
	p.side.read(c, &p.draft)
	strict := p.side.flag(fieldStrict)
	if p.body, err = w.readDraft(c, &p.draft, strict); err != nil {
		return err
	}
	if p.gotify && (!p.body.shaped || isForm(c.R.Header.Get("Content-Type"))) {
		p.draft.Priority = fromGotify(p.draft.Priority)
	}
	if p.first, err = w.message(&p.side, &p.draft, p.body.shaped); err != nil {
		return emptyText(c, err)
	}
	if p.more, err = w.messages(&p.side, &p.draft, p.body); err != nil {
		return err
	}
	p.idem = idempotency(c, &p.side, &p.draft)
	if p.body.signed.Once != "" {
		p.idem = &db.Idempotency{Credential: c.Who.Credential(), Key: p.body.signed.Once}
	}
	if strict {
		return refusal(&p.draft)
	}
	return nil
}

// complete fills in what the sender left to the token and the topic, and refuses secrets of this server and more bytes than the sender may
// publish.
func (w *Wire) complete(c *request.Call, p *publication) error {
	allowSecret := p.side.flag(fieldAllowSecret)
	size, err := w.completeOne(c, p.first, allowSecret)
	for _, m := range p.more {
		if err == nil {
			var n int
			n, err = w.completeOne(c, m, allowSecret)
			size += n
		}
	}
	if err != nil {
		return err
	}
	if p.idem != nil {
		p.idem.Digest = digest(p.first, p.more)
	}
	return w.site.LimitBytes(c, size)
}

// completeOne does that for one message, and returns its bytes.
func (w *Wire) completeOne(c *request.Call, m *db.Message, allowSecret bool) (int, error) {
	if !allowSecret {
		if err := w.manage.RefuseSecret(c.R.Context(), c.Who, c.Topic, m); err != nil {
			return 0, err
		}
	}
	manage.Complete(m, c.Who, c.Topic)
	return m.Size(), nil
}

// store commits the messages, and returns when they are on the disk, announced to subscribers and have their ids (db.PublishAll, which waits
// for the writer). Three kinds of messages that have come before are told apart. One that was resent under its idempotency key
// within ten minutes (db.IdempotencyWindow) gets the answer of the first (idem.Repeated); the same key with another digest is db.ErrReused,
// 409. Of alerts that were restated only what is new is stored, or all as a reminder when nothing is new and the last time was not just
// before (package alertgroups). A signed request that was replayed is refused. Which status an error of the store has, such as 507 for a full disk, says the table in
// request/problem.go.
func (w *Wire) store(c *request.Call, p *publication) (err error) {
	restated := false // a second Alertmanager has said it
	if p.body.mayRestate {
		var news []*db.Message
		if news, restated, err = w.groups.Publish(context.WithoutCancel(c.R.Context()), p.first, p.more, p.idem); len(news) > 0 {
			p.first, p.more = news[0], news[1:]
		}
	} else {
		err = w.site.DB.PublishAll(p.first, p.more, p.idem)
	}
	if signed := p.body.signed; signed.Once != "" {
		replayed := err == nil && p.idem.Repeated && !signed.Retried(p.first.At, w.site.DB.Now())
		if replayed || errors.Is(err, db.ErrReused) {
			return signature.Replayed(c.Who.Token())
		}
	}
	if err != nil {
		return err
	}
	if p.idem != nil && p.idem.Repeated {
		w.recall(c, p)
	} else if !restated {
		w.keepPayload(c, p.body, p.first, p.more)
		w.o.Published(1+len(p.more), w.site.DB.Now().Sub(c.Began))
	}
	if t := c.Who.Token(); t != nil && len(p.draft.Faults) > 0 {
		w.site.DB.NoteWarning(t.ID, p.draft.Faults[0].Warning)
	}
	return nil
}

// recall completes a repeat, so that it is answered as the first publish was. PublishAll has set the first id and time, and the other ids
// follow; the text is the one that was sent again, whose digest is the same. Only for alerts, of which a part may have been news, is the
// stored message read; its text may have been edited since, and is only for those who may read the topic.
func (w *Wire) recall(c *request.Call, p *publication) {
	sent := append([]*db.Message{p.first}, p.more...)
	p.more = make([]*db.Message, p.idem.More)
	for i := range p.more {
		p.more[i] = &db.Message{ID: p.first.ID + db.ID(1+i)}
	}
	if !p.body.mayRestate {
		return // what was sent again is what was stored
	}
	// Which part of the body was news then is not known from it. A message that has been deleted since leaves its id.
	stored, err := w.site.DB.Message(c.R.Context(), c.Topic.ID, p.first.ID)
	if err != nil {
		return
	}
	stored.Topic, stored.Sender = c.Topic.Name, p.first.Sender
	if w.site.Auth.May(c.Who, auth.ReadHistory, c.Topic) || slices.ContainsFunc(sent, func(m *db.Message) bool { return sameContent(m, &stored) }) {
		p.first = &stored
	}
}

func sameContent(a, b *db.Message) bool { return bytes.Equal(digest(a, nil), digest(b, nil)) }

// idempotency reads X-Idempotency-Key, nil without one. The caller sets the digest.
func idempotency(c *request.Call, side *sideFields, d *manage.Draft) *db.Idempotency {
	g := side.of(fieldIdempotency)
	list := g.list
	if len(list) == 0 {
		return nil
	}
	key := list[0]
	if len(list) > 1 || key == "" || len(key) > maxIdempotencyKey || !utf8.ValidString(key) {
		d.Fault(request.BadRequest("%s must be sent once and have 1 to %d characters", g.as, maxIdempotencyKey),
			"%s was left out: it must be sent once and have 1 to %d characters", g.as, maxIdempotencyKey)
		return nil
	}
	who := c.Who.Credential()
	if who == "" {
		who = "address " + request.Network(c.Address).String()
	}
	return &db.Idempotency{Credential: who, Key: key}
}

// digest covers everything that makes a message and those that came with it.
func digest(m *db.Message, more []*db.Message) []byte {
	h := sha256.New()
	for i := -1; i < len(more); i++ {
		if i >= 0 {
			m = more[i]
		}
		for _, f := range []string{m.Body, m.Title, strconv.FormatBool(m.HasTitle), strconv.Itoa(m.Priority), m.Tags, m.ExtrasText()} {
			h.Write(strconv.AppendInt(nil, int64(len(f)), 10))
			h.Write([]byte{':'})
			h.Write([]byte(f))
		}
	}
	return h.Sum(nil)
}

// writeAnswer answers as the service does that the sender believes it talks to, and reports whether it did: senders of Slack's
// payloads take anything but "ok" for a failure and send again, some of Discord's anything but 204. With Accept: application/json, or
// Discord's ?wait=true, the answer is ours.
func writeAnswer(c *request.Call, answer string) bool {
	if answer == "" || strings.Contains(c.R.Header.Get("Accept"), "json") || c.R.URL.Query().Get("wait") == "true" {
		return false
	}
	if answer == shape.AnswerNone {
		c.W.WriteHeader(http.StatusNoContent)
		return true
	}
	c.W.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(c.W, answer)
	return true
}

// writePublished answers with the stored message, the ids of all that were made of the body when there are several, and what was
// corrected.
func writePublished(to http.ResponseWriter, m *db.Message, more []*db.Message, write contract.AppendFunc, faults []manage.Fault) {
	request.WriteAppended(to, http.StatusOK, func(dst []byte) []byte {
		dst = write(dst, m, api.UTF8)
		if len(more) > 0 {
			dst = append(dst[:len(dst)-1], `,"messages":["`...)
			dst = m.ID.Append(dst)
			for _, next := range more {
				dst = next.ID.Append(append(dst, `","`...))
			}
			dst = append(dst, `"]}`...)
		}
		if len(faults) > 0 {
			dst = append(appendWarnings(dst[:len(dst)-1], faults), '}')
		}
		return append(dst, '\n')
	})
}

// appendWarnings appends what was mended as one more field of an object, nothing when there is none.
func appendWarnings(dst []byte, faults []manage.Fault) []byte {
	if len(faults) == 0 {
		return dst
	}
	dst = append(dst, `,"warnings":[`...)
	for i, f := range faults[:min(len(faults), maxWarnings)] {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = api.AppendString(dst, f.Warning, api.UTF8)
	}
	return append(dst, ']')
}

// maxWarnings is how many warnings an answer names.
const maxWarnings = 20
