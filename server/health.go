package server

import (
	"net/http"

	"notifer/server/api"
)

// handleHealth is 503 while the store refuses writes; it says no more than that.
func (s *Server) handleHealth(c *call) error {
	if s.d.Health() != nil {
		writeJSON(c.w, http.StatusServiceUnavailable, api.Health{Status: "store refuses writes"})
		return nil
	}
	writeJSON(c.w, http.StatusOK, api.Health{Status: "ok"})
	return nil
}

// handleReady is the same, and 503 while the server stops.
func (s *Server) handleReady(c *call) error {
	if s.stopping.Load() {
		writeJSON(c.w, http.StatusServiceUnavailable, api.Health{Status: "stopping"})
		return nil
	}
	return s.handleHealth(c)
}
