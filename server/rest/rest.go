// Package rest is the JSON of topics, tokens, keys, accounts and messages under /api and /auth. What may be made and changed
// is decided by package manage.
package rest

import (
	"notifer/db"
	"notifer/server/auth"
	"notifer/server/hub"
	"notifer/server/manage"
	"notifer/server/request"
)

// API holds the handlers.
type API struct {
	site         *request.Site
	manage       *manage.Manager
	db           *db.DB
	auth         *auth.Auth
	hub          *hub.Hub
	registration bool
}

// New makes the handlers. With registration anybody may make an account.
func New(site *request.Site, m *manage.Manager, h *hub.Hub, registration bool) *API {
	return &API{site: site, manage: m, db: site.DB, auth: site.Auth, hub: h, registration: registration}
}
