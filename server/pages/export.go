package pages

import (
	"errors"
	"net/http"
	"time"

	"notifer/db"
	"notifer/server/request"
)

const exportPage = 500

// ShowExport sends all messages of a topic as JSON lines, the oldest first, however slow the reader is.
func (p *Pages) ShowExport(c *request.Call) error {
	h := c.W.Header()
	p.PageHeaders(c)
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Content-Disposition", `attachment; filename="`+c.Topic.Name+`.jsonl"`)
	if c.R.Method == http.MethodHead {
		return nil
	}
	out := p.slowWriter(c)
	var lines []byte
	for after := db.ID(0); ; {
		list, err := p.DB.MessagesAfter(c.R.Context(), c.Topic.ID, after, exportPage)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			if err := c.StillAllowed(); err != nil { // a topic that was deleted meanwhile has no more messages either
				return err
			}
			return out.finish()
		}
		if err := p.DB.NameSenders(c.R.Context(), list); err != nil {
			return err
		}
		lines = lines[:0]
		for i := range list {
			list[i].Topic = c.Topic.Name
			lines = append(p.hooks.AppendMessage(lines, &list[i]), '\n')
		}
		if _, err := out.Write(lines); err != nil {
			return err
		}
		after = list[len(list)-1].ID
	}
}

// writePiece is how many bytes are written under one deadline, so that a slow reader gets everything.
const writePiece = 16 << 10

// slowWriter writes an answer, however slow the client is. It fails when the client stalls or has lost the right to the answer.
type slowWriter struct {
	c     *request.Call
	rc    *http.ResponseController
	stall time.Duration
	asked time.Time // when the rights were last checked
}

func (p *Pages) slowWriter(c *request.Call) *slowWriter {
	return &slowWriter{c: c, rc: http.NewResponseController(c.W), stall: p.Settings.WriteTimeout, asked: time.Now()}
}

// allowed checks the rights again when they have changed, and once a second because a sign-in may expire.
func (w *slowWriter) allowed() error {
	if time.Since(w.asked) < time.Second {
		return w.c.StillAllowed()
	}
	w.asked = time.Now()
	return w.c.AllowedNow()
}

// finish sends the rest and clears the deadline of the connection.
func (w *slowWriter) finish() error {
	return errors.Join(w.rc.Flush(), w.rc.SetWriteDeadline(time.Time{}))
}

// Write implements io.Writer.
func (w *slowWriter) Write(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		if err = errors.Join(w.allowed(), w.rc.SetWriteDeadline(time.Now().Add(w.stall))); err != nil {
			break
		}
		var wrote int
		wrote, err = w.c.W.Write(b[n:min(len(b), n+writePiece)])
		n += wrote
	}
	return n, err
}
