package pages

import (
	"errors"
	"net/http"
	"time"

	"notifer/db"
	"notifer/server/request"
)

const exportPage = 500

// ShowExport sends all messages of a topic as JSON lines, oldest first, page by page, to a reader of any pace.
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
			return out.finish()
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

// writePiece is written under one deadline, so that a slow but living reader gets through.
const writePiece = 16 << 10

// slowWriter writes an answer to a client of any pace, but not to one that has stopped.
type slowWriter struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	stall time.Duration
}

func (p *Pages) slowWriter(c *request.Call) *slowWriter {
	return &slowWriter{w: c.W, rc: http.NewResponseController(c.W), stall: p.Settings.WriteTimeout}
}

// finish sends what is left, and gives the connection its usual time back.
func (w *slowWriter) finish() error {
	return errors.Join(w.rc.Flush(), w.rc.SetWriteDeadline(time.Time{}))
}

// Write implements io.Writer.
func (w *slowWriter) Write(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		if err = w.rc.SetWriteDeadline(time.Now().Add(w.stall)); err != nil {
			break
		}
		var wrote int
		wrote, err = w.w.Write(b[n:min(len(b), n+writePiece)])
		n += wrote
	}
	return n, err
}
