package pages

import (
	"notifer/db"
	"notifer/server/request"
	"notifer/static"
)

func (p *Pages) ShowStatic(c *request.Call) error {
	if !static.Serve(c.W, c.R, c.R.PathValue("file")) {
		return db.ErrNotFound
	}
	return nil
}
