package server

import (
	"notifer/db"
	"notifer/static"
)

func (s *Server) showStatic(c *call) error {
	if !static.Serve(c.w, c.r, c.r.PathValue("file")) {
		return db.ErrNotFound
	}
	return nil
}
