package server

import "notifer/server/auth"

// pageRoutes answer with pages. They live under reserved first segments, and their errors are pages too.
func pageRoutes() []route {
	return []route{
		{"GET /static/{file}", auth.Open, viaPage, (*Server).showStatic},
		{"GET /{$}", auth.OwnAccount, viaPage, member((*Server).showHome)},
		{"POST /topics", auth.CreateTopic, viaPage, member((*Server).submitTopic)},

		{"GET /openapi.json", auth.Open, "", (*Server).showOpenAPI},
		{"GET /docs", auth.Open, viaPage, (*Server).showDocs},
		{"GET /docs/{page}", auth.Open, viaPage, (*Server).showDocs},
		{"GET /setup", auth.Open, viaPage, (*Server).showSetup},
		{"POST /setup", auth.Open, viaPage, (*Server).submitSetup},
		{"GET /login", auth.Open, viaPage, (*Server).showSignIn},
		{"POST /login", auth.Open, viaPage, (*Server).submitSignIn},
		{"GET /register", auth.Open, viaPage, (*Server).showRegister},
		{"POST /register", auth.Open, viaPage, (*Server).submitRegister},
		{"POST /logout", auth.Open, viaPage, (*Server).submitSignOut},

		{"GET /topic/{topic}", auth.ReadHistory, viaPage, (*Server).showTopic},
		{"POST /topic/{topic}/messages", auth.Publish, viaPage, member((*Server).submitMessage)},
		{"GET /topic/{topic}/messages/{id}/delete", auth.ManageTopic, viaPage, member((*Server).showDeleteMessage)},
		{"POST /topic/{topic}/messages/{id}/delete", auth.ManageTopic, viaPage, member((*Server).submitDeleteMessage)},
		{"GET /topic/{topic}/settings", auth.ManageTopic, viaPage, member((*Server).showGeneral)},
		{"POST /topic/{topic}/settings", auth.ManageTopic, viaPage, member((*Server).submitGeneral)},
		{"GET /topic/{topic}/settings/tokens", auth.ManageTokens, viaPage, member((*Server).showTokens)},
		{"POST /topic/{topic}/settings/tokens", auth.ManageTokens, viaPage, member((*Server).submitToken)},
		{"GET /topic/{topic}/settings/tokens/events", auth.ManageTokens, viaPage, member((*Server).showTokenEvents)},
		{"GET /topic/{topic}/settings/tokens/{id}", auth.ManageTokens, viaPage, member((*Server).showToken)},
		{"POST /topic/{topic}/settings/tokens/{id}", auth.ManageTokens, viaPage, member((*Server).submitTokenEdit)},
		{"GET /topic/{topic}/settings/tokens/{id}/rotate", auth.ManageTokens, viaPage, member((*Server).showRotateToken)},
		{"POST /topic/{topic}/settings/tokens/{id}/rotate", auth.ManageTokens, viaPage, member((*Server).submitRotateToken)},
		{"GET /topic/{topic}/settings/tokens/{id}/end-old", auth.ManageTokens, viaPage, member((*Server).showEndOld)},
		{"POST /topic/{topic}/settings/tokens/{id}/end-old", auth.ManageTokens, viaPage, member((*Server).submitEndOld)},
		{"GET /topic/{topic}/settings/tokens/{id}/revoke", auth.ManageTokens, viaPage, member((*Server).showRevokeToken)},
		{"POST /topic/{topic}/settings/tokens/{id}/revoke", auth.ManageTokens, viaPage, member((*Server).submitRevokeToken)},
		{"GET /topic/{topic}/settings/activity", auth.ManageTopic, viaPage, member((*Server).showActivity)},
		{"GET /topic/{topic}/settings/advanced", auth.ManageTopic, viaPage, member((*Server).showAdvanced)},
		{"GET /topic/{topic}/settings/revoke-all", auth.ManageTokens, viaPage, member((*Server).showRevokeAll)},
		{"POST /topic/{topic}/settings/revoke-all", auth.ManageTokens, viaPage, member((*Server).submitRevokeAll)},
		{"GET /topic/{topic}/settings/export", auth.ManageTopic, viaPage, member((*Server).showExport)},
		{"POST /topic/{topic}/settings/purge", auth.ManageTopic, viaPage, member((*Server).submitPurge)},
		{"POST /topic/{topic}/settings/delete", auth.ManageTopic, viaPage, member((*Server).submitDeleteTopic)},

		{"GET /settings", auth.OwnAccount, viaPage, member((*Server).showProfile)},
		{"POST /settings", auth.OwnAccount, viaPage, member((*Server).submitProfile)},
		{"GET /settings/security", auth.OwnAccount, viaPage, member((*Server).showSecurity)},
		{"POST /settings/password", auth.OwnAccount, viaPage, member((*Server).submitPassword)},
		{"POST /settings/sessions/end", auth.OwnAccount, viaPage, member((*Server).submitEndSessions)},
		{"POST /settings/sessions/{id}/end", auth.OwnAccount, viaPage, member((*Server).submitEndSession)},
		{"GET /settings/keys", auth.OwnAccount, viaPage, member((*Server).showKeys)},
		{"POST /settings/keys", auth.OwnAccount, viaPage, member((*Server).submitKey)},
		{"GET /settings/keys/{id}/revoke", auth.OwnAccount, viaPage, member((*Server).showEndKey)},
		{"POST /settings/keys/{id}/revoke", auth.OwnAccount, viaPage, member((*Server).submitEndKey)},
		{"GET /settings/preferences", auth.OwnAccount, viaPage, member((*Server).showPreferences)},
		{"POST /settings/preferences", auth.OwnAccount, viaPage, member((*Server).submitPreferences)},

		{"GET /admin", auth.Administer, viaPage, member((*Server).showServer)},
		{"GET /admin/topics", auth.Administer, viaPage, member((*Server).showAllTopics)},
		{"GET /admin/users", auth.Administer, viaPage, member((*Server).showUsers)},
		{"POST /admin/users", auth.Administer, viaPage, member((*Server).submitUser)},
		{"POST /admin/users/{id}", auth.Administer, viaPage, member((*Server).submitUserChange)},
		{"GET /admin/users/{id}/{verb}", auth.Administer, viaPage, member((*Server).showUserQuestion)},
		{"POST /admin/users/{id}/{verb}", auth.Administer, viaPage, member((*Server).submitUserQuestion)},
	}
}
