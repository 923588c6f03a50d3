package server

import (
	"net/http"

	"notifer/server/api"
	"notifer/server/request"
)

// handleHealth answers 503 while the database refuses writes, and gives no reason.
func (s *Server) handleHealth(c *request.Call) error {
	if s.d.Health() != nil {
		request.WriteJSON(c.W, http.StatusServiceUnavailable, api.Health{Status: "database refuses writes"})
		return nil
	}
	request.WriteJSON(c.W, http.StatusOK, api.Health{Status: "ok"})
	return nil
}

// handleReady answers as handleHealth does, and 503 while the server stops.
func (s *Server) handleReady(c *request.Call) error {
	if s.stopping.Load() {
		request.WriteJSON(c.W, http.StatusServiceUnavailable, api.Health{Status: "stopping"})
		return nil
	}
	return s.handleHealth(c)
}
