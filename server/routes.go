package server

import (
	"net/http"

	"notifer/server/auth"
)

// route is one row of the table through which every handler is reached. Action names the right it demands; the topic is
// the pattern's {topic}, by name or by id.
type route struct {
	Pattern string // method and path, as http.ServeMux reads it
	Action  auth.Action
	Via     string // how the use of a token is described: publish, sse, ws, poll; api when empty
	Handle  func(*Server, *call) error
}

// topicRoutes live at the root, beside the reserved names; they answer other sites' pages too.
func topicRoutes() []route {
	return []route{
		{"POST /{topic}", auth.Publish, "publish", (*Server).handlePublish},
		{"PUT /{topic}", auth.Publish, "publish", (*Server).handlePublish},
		{topicAddress, auth.Open, "", (*Server).handleTopicAddress},
		{"GET /{topic}/sse", auth.Stream, "sse", (*Server).handleSSE},
		{"GET /{topic}/ws", auth.Stream, "ws", (*Server).handleWS},
		{"GET /{topic}/json", auth.ReadHistory, "poll", (*Server).handleHistory},
	}
}

// appRoutes live under reserved first segments.
func appRoutes() []route {
	return []route{
		{"GET /sse", auth.Open, "sse", (*Server).handleManySSE},
		{"POST /api/sse/sessions", auth.Open, "", (*Server).handleCreateStreamSession},

		{"GET /api/topics", auth.Open, "", (*Server).handleTopics},
		{"GET /api/topics/my", auth.ListTopics, "", (*Server).handleMyTopics},
		{"GET /api/topics/public", auth.Open, "", (*Server).handleCatalog},
		{"POST /api/topics", auth.CreateTopic, "", (*Server).handleCreateTopic},
		{"GET /api/topics/{topic}", auth.ReadTopic, "", (*Server).handleTopic},
		{"GET /api/topics/{topic}/stats", auth.ReadTopic, "", (*Server).handleTopicStats},
		{"GET /api/topics/{topic}/messages", auth.ReadHistory, "poll", (*Server).handleSearchTopic},
		{"PATCH /api/topics/{topic}", auth.ManageTopic, "", (*Server).handleUpdateTopic},
		{"DELETE /api/topics/{topic}", auth.ManageTopic, "", (*Server).handleDeleteTopic},
		{"DELETE /api/{topic}/messages/{id}", auth.ManageTopic, "", (*Server).handleDeleteMessage},
		{"PATCH /api/{topic}/messages/{id}", auth.ManageTopic, "", (*Server).handleEditMessage},

		{"GET /api/topics/{topic}/access-tokens", auth.ManageTokens, "", (*Server).handleTokens},
		{"POST /api/topics/{topic}/access-tokens", auth.ManageTokens, "", (*Server).handleCreateToken},
		{"GET /api/topics/{topic}/access-tokens/{id}", auth.ManageTokens, "", (*Server).handleToken},
		{"PATCH /api/topics/{topic}/access-tokens/{id}", auth.ManageTokens, "", (*Server).handleUpdateToken},
		{"DELETE /api/topics/{topic}/access-tokens/{id}", auth.ManageTokens, "", (*Server).handleRevokeToken},
		{"POST /api/topics/{topic}/access-tokens/{id}/rotate", auth.ManageTokens, "", (*Server).handleRotateToken},
		{"GET /api/topics/{topic}/access-tokens/{id}/usage", auth.ManageTokens, "", (*Server).handleTokenUsage},
		{"DELETE /api/access-token", auth.SelfToken, "", (*Server).handleEndOwnToken},
		{"POST /api/access-token/report", auth.SelfToken, "", (*Server).handleReportToken},

		{"GET /api/messages", auth.ReadOwn, "", (*Server).handleSearchAll},
		{"GET /api/messages/search", auth.ReadOwn, "", (*Server).handleSearchAll},
		{"GET /api/messages/recent", auth.ReadOwn, "", (*Server).handleSearchAll},
		{"GET /api/messages/activity", auth.ReadOwn, "", (*Server).handleMessageActivity},

		{"GET /api/keys", auth.OwnAccount, "", (*Server).handleKeys},
		{"POST /api/keys", auth.OwnAccount, "", (*Server).handleCreateKey},
		{"POST /api/keys/{id}/revoke", auth.OwnAccount, "", (*Server).handleRevokeKey},
		{"DELETE /api/keys/{id}", auth.OwnAccount, "", (*Server).handleDeleteKey},

		{"POST /auth/register", auth.Open, "", (*Server).handleRegister},
		{"POST /auth/login", auth.Open, "", (*Server).handleLogin},
		{"POST /auth/refresh", auth.Open, "", (*Server).handleRefresh},
		{"POST /auth/logout", auth.OwnAccount, "", (*Server).handleLogout},
		{"POST /auth/password", auth.OwnAccount, "", (*Server).handlePassword},
		{"GET /auth/me", auth.OwnAccount, "", (*Server).handleMe},
		{"GET /api/users/me", auth.OwnAccount, "", (*Server).handleMe},
		{"PATCH /api/users/me", auth.OwnAccount, "", (*Server).handleUpdateMe},
		{"DELETE /api/users/me", auth.OwnAccount, "", (*Server).handleDeleteMe},
		{"GET /api/users", auth.Administer, "", (*Server).handleUsers},
		{"POST /api/users", auth.Administer, "", (*Server).handleCreateUser},
		{"PATCH /api/users/{id}", auth.Administer, "", (*Server).handleUpdateUser},
		{"DELETE /api/users/{id}", auth.Administer, "", (*Server).handleDeleteUser},
		{"GET /healthz", auth.Open, "", (*Server).handleHealth},
		{"GET /readyz", auth.Open, "", (*Server).handleReady},
	}
}

// alsoReserved are first segments that no route has yet, but that pages and proxies use or the contract names.
var alsoReserved = []string{
	"docs", "redoc", "ws", "topic", "topics", "login", "logout", "register", "settings", "account", "teams", "discover",
	"alerts", "dashboard", "static", "assets", "health", "metrics", "favicon", "robots", "openapi", "admin", "keys",
	"users", "messages", "public",
}

// Routes lists the whole table, for tests and the API description.
func Routes() (patterns []string, actions []auth.Action) {
	for _, table := range [][]route{topicRoutes(), appRoutes(), pageRoutes()} {
		for _, r := range table {
			patterns, actions = append(patterns, r.Pattern), append(actions, r.Action)
		}
	}
	return patterns, actions
}

func (s *Server) route() {
	s.reserved = reservedNames()
	s.topic, s.app = http.NewServeMux(), http.NewServeMux()
	s.topic.Handle(anyPath, s.unrouted(s.topic))
	s.app.Handle(anyPath, s.unrouted(s.app))
	for _, r := range topicRoutes() {
		s.topic.Handle(r.Pattern, s.handler(&r))
	}
	for _, r := range append(appRoutes(), pageRoutes()...) {
		s.app.Handle(r.Pattern, s.handler(&r))
	}
}
