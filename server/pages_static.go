package server

import (
	"notifer/db"
	"notifer/server/request"
	"notifer/static"
)

func (s *Server) showStatic(c *request.Call) error {
	if !static.Serve(c.W, c.R, c.R.PathValue("file")) {
		return db.ErrNotFound
	}
	return nil
}
