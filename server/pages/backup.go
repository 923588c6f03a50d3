package pages

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

// SubmitBackup sends an admin a backup.
func (p *Pages) SubmitBackup(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	rc := http.NewResponseController(c.W)
	_ = errors.Join(rc.SetReadDeadline(time.Time{}), rc.SetWriteDeadline(time.Time{})) // making a large copy takes longer than the server's deadlines
	began := false
	err = p.DB.Copy(c.R.Context(), func(file *os.File) error {
		if err := c.StillAllowed(); err != nil {
			return err
		}
		began = true
		return p.sendBackup(c, file)
	})
	if began {
		return nil // the client has all of it, or notices that it is shorter than announced
	}
	return p.noBackup(c, f, err)
}

// noBackup says why there is no backup.
func (p *Pages) noBackup(c *request.Call, f web.Form, err error) error {
	switch gone := c.R.Context().Err(); {
	case gone != nil:
		return gone
	case errors.Is(err, db.ErrCopying):
		return p.serverView(c, http.StatusConflict, f.Wrong("", "Another backup is being downloaded. Try again when it has finished."))
	case errors.Is(err, db.ErrFull):
		p.Site.Log.Warn("backup for a download", "err", err)
		return p.serverView(c, http.StatusInsufficientStorage, f.Wrong("", "The disk has no room for the backup. Free some space, or write it to another disk on the server: `notifer backup FILE`"))
	}
	return err
}

// sendBackup logs who downloads the backup, then sends it.
func (p *Pages) sendBackup(c *request.Call, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	p.Site.Log.Info("backup downloaded", "by", c.User().Username, "ip", c.IP())
	if err := p.DB.Audit(db.Audit{By: c.By(), Verb: "server.backup", Detail: web.Bytes(info.Size())}); err != nil {
		p.Site.Log.Warn("activity log", "err", err)
	}
	p.PageHeaders(c)
	h := c.W.Header()
	h.Set("Content-Type", "application/vnd.sqlite3")
	h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	h.Set("Content-Disposition", `attachment; filename="notifer-`+p.DB.Now().In(p.ReaderZone(c)).Format(time.DateOnly)+`.db"`)
	return p.sendAndNote(c, file, info.Size())
}

// sendAndNote sends the backup and records it. The last byte is sent after the record, so that every complete download is recorded.
func (p *Pages) sendAndNote(c *request.Call, file *os.File, size int64) error {
	if err := p.sendSlowly(c, io.LimitReader(file, size-1)); err != nil {
		return err
	}
	if err := p.DB.NoteBackup(); err != nil {
		p.Site.Log.Warn("note of a backup", "err", err)
	}
	return p.sendSlowly(c, file)
}

// sendSlowly sends a file, however slow the client is, unless the client stalls.
func (p *Pages) sendSlowly(c *request.Call, from io.Reader) error {
	out := p.slowWriter(c)
	if _, err := io.CopyBuffer(out, onlyReader{from}, make([]byte, writePiece)); err != nil {
		return err
	}
	return out.finish()
}

// onlyReader hides the reader's other methods, so that io.CopyBuffer copies it piece by piece.
type onlyReader struct{ io.Reader }
