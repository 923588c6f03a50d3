// Package rest holds the JSON handlers for topics, tokens, keys, accounts and messages under /api and /auth. Package manage decides what
// can be created and changed.
package rest

import (
	"notifer/db"
	"notifer/server/auth"
	"notifer/server/hub"
	"notifer/server/manage"
	"notifer/server/request"
)

// API holds the handlers. Its methods may be called from any goroutine.
type API struct {
	site         *request.Site
	manage       *manage.Manager
	db           *db.DB
	auth         *auth.Auth
	hub          *hub.Hub
	registration bool
}

// New returns the handlers. With registration anyone can create an account.
func New(site *request.Site, m *manage.Manager, h *hub.Hub, registration bool) *API {
	return &API{site: site, manage: m, db: site.DB, auth: site.Auth, hub: h, registration: registration}
}
