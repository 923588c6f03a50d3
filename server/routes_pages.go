package server

import (
	"notifer/server/auth"
	"notifer/server/request"
)

// pageRoutes answer with pages. They live under reserved first segments, and their errors are pages too.
func pageRoutes(s *Server) []request.Route {
	return []request.Route{
		page("GET /static/{file}", auth.Open, s.showStatic),
		page("GET /{$}", auth.OwnAccount, member(s.showHome)),
		page("POST /topics", auth.CreateTopic, member(s.submitTopic)),

		row("GET /openapi.json", auth.Open, "", s.showOpenAPI),
		page("GET /docs", auth.Open, s.showDocs),
		page("GET /docs/{page}", auth.Open, s.showDocs),
		page("GET /setup", auth.Open, s.showSetup),
		page("POST /setup", auth.Open, s.submitSetup),
		page("GET /login", auth.Open, s.showSignIn),
		page("POST /login", auth.Open, s.submitSignIn),
		page("GET /register", auth.Open, s.showRegister),
		page("POST /register", auth.Open, s.submitRegister),
		page("POST /logout", auth.Open, s.submitSignOut),

		page("GET /topic/{topic}", auth.ReadHistory, s.showTopic),
		page("POST /topic/{topic}/messages", auth.Publish, member(s.submitMessage)),
		page("GET /topic/{topic}/messages/{id}/delete", auth.ManageTopic, member(s.showDeleteMessage)),
		page("POST /topic/{topic}/messages/{id}/delete", auth.ManageTopic, member(s.submitDeleteMessage)),
		page("GET /topic/{topic}/settings", auth.ManageTopic, member(s.showGeneral)),
		page("POST /topic/{topic}/settings", auth.ManageTopic, member(s.submitGeneral)),
		page("GET /topic/{topic}/settings/tokens", auth.ManageTokens, member(s.showTokens)),
		page("POST /topic/{topic}/settings/tokens", auth.ManageTokens, member(s.submitToken)),
		page("GET /topic/{topic}/settings/tokens/events", auth.ManageTokens, member(s.showTokenEvents)),
		page("GET /topic/{topic}/settings/tokens/{id}", auth.ManageTokens, member(s.showToken)),
		page("POST /topic/{topic}/settings/tokens/{id}", auth.ManageTokens, member(s.submitTokenEdit)),
		page("GET /topic/{topic}/settings/tokens/{id}/rotate", auth.ManageTokens, member(s.showRotateToken)),
		page("POST /topic/{topic}/settings/tokens/{id}/rotate", auth.ManageTokens, member(s.submitRotateToken)),
		page("GET /topic/{topic}/settings/tokens/{id}/end-old", auth.ManageTokens, member(s.showEndOld)),
		page("POST /topic/{topic}/settings/tokens/{id}/end-old", auth.ManageTokens, member(s.submitEndOld)),
		page("GET /topic/{topic}/settings/tokens/{id}/revoke", auth.ManageTokens, member(s.showRevokeToken)),
		page("POST /topic/{topic}/settings/tokens/{id}/revoke", auth.ManageTokens, member(s.submitRevokeToken)),
		page("GET /topic/{topic}/settings/activity", auth.ManageTopic, member(s.showActivity)),
		page("GET /topic/{topic}/settings/advanced", auth.ManageTopic, member(s.showAdvanced)),
		page("GET /topic/{topic}/settings/revoke-all", auth.ManageTokens, member(s.showRevokeAll)),
		page("POST /topic/{topic}/settings/revoke-all", auth.ManageTokens, member(s.submitRevokeAll)),
		page("GET /topic/{topic}/settings/export", auth.ManageTopic, member(s.showExport)),
		page("POST /topic/{topic}/settings/purge", auth.ManageTopic, member(s.submitPurge)),
		page("POST /topic/{topic}/settings/delete", auth.ManageTopic, member(s.submitDeleteTopic)),

		page("GET /settings", auth.OwnAccount, member(s.showProfile)),
		page("POST /settings", auth.OwnAccount, member(s.submitProfile)),
		page("GET /settings/delete", auth.OwnAccount, member(s.showDeleteAccount)),
		page("POST /settings/delete", auth.OwnAccount, member(s.submitDeleteAccount)),
		page("GET /settings/security", auth.OwnAccount, member(s.showSecurity)),
		page("POST /settings/password", auth.OwnAccount, member(s.submitPassword)),
		page("POST /settings/sessions/end", auth.OwnAccount, member(s.submitEndSessions)),
		page("POST /settings/sessions/{id}/end", auth.OwnAccount, member(s.submitEndSession)),
		page("GET /settings/keys", auth.OwnAccount, member(s.showKeys)),
		page("POST /settings/keys", auth.OwnAccount, member(s.submitKey)),
		page("GET /settings/keys/{id}/revoke", auth.OwnAccount, member(s.showEndKey)),
		page("POST /settings/keys/{id}/revoke", auth.OwnAccount, member(s.submitEndKey)),
		page("GET /settings/preferences", auth.OwnAccount, member(s.showPreferences)),
		page("POST /settings/preferences", auth.OwnAccount, member(s.submitPreferences)),

		page("GET /admin", auth.Administer, member(s.showServer)),
		page("POST /admin/backup", auth.Administer, member(s.submitBackup)),
		page("GET /admin/topics", auth.Administer, member(s.showAllTopics)),
		page("GET /admin/users", auth.Administer, member(s.showUsers)),
		page("POST /admin/users", auth.Administer, member(s.submitUser)),
		page("POST /admin/users/{id}", auth.Administer, member(s.submitUserChange)),
		page("GET /admin/users/{id}/{verb}", auth.Administer, member(s.showUserQuestion)),
		page("POST /admin/users/{id}/{verb}", auth.Administer, member(s.submitUserQuestion)),
	}
}
