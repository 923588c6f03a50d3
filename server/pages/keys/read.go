package keys

import (
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/request"
)

// SubmitRead notes what a device has opened or dismissed, and answers which of the notifications that it shows have been read on
// any device of the reader, or are of messages that are gone: it closes those.
func (p *Keys) SubmitRead(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	out := struct {
		Close []string `json:"close"`
	}{[]string{}}
	reader := c.Marker()
	if reader == "" {
		request.WriteJSON(c.W, http.StatusOK, out)
		return nil
	}
	if err := p.DB.MarkRead(reader, c.Who.Within(), messageIDs(f.Value("seen"))); err != nil {
		return err
	}
	read, err := p.DB.ReadAmong(c.R.Context(), reader, c.Who.Within(), messageIDs(f.Value("shown")))
	if err != nil {
		return err
	}
	for id := range read {
		out.Close = append(out.Close, id.String())
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// messageIDs reads a comma list; what is not an id is left out.
func messageIDs(text string) []db.ID {
	var ids []db.ID
	for word := range strings.SplitSeq(text, ",") {
		if id, err := db.ParseID(word); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
