package server

import (
	"net/http"

	"notifer/server/auth"
	"notifer/server/request"
)

// row is a row of a table; see request.Route.
func row(pattern string, action auth.Action, via string, handle func(*request.Call) error) request.Route {
	return request.Route{Pattern: pattern, Action: action, Via: via, Handle: handle}
}

// page is a row that answers with a page.
func page(pattern string, action auth.Action, handle func(*request.Call) error) request.Route {
	return row(pattern, action, request.ViaPage, handle)
}

// fresh demands a recent sign-in of a browser.
func fresh(r request.Route) request.Route {
	r.Fresh = true
	return r
}

// topicRoutes live at the root, beside the reserved names; they answer other sites' pages too.
func topicRoutes(s *Server) []request.Route {
	return []request.Route{
		row("POST /{topic}", auth.Publish, "publish", s.wire.Publish),
		row("PUT /{topic}", auth.Publish, "publish", s.wire.Publish),
		row(topicAddress, auth.Open, "", s.handleTopicAddress),
		row("GET /{topic}/sse", auth.Stream, "sse", s.wire.SSE),
		row("GET /{topic}/ws", auth.Stream, "ws", s.wire.WebSocket),
		row("GET /{topic}/json", auth.ReadHistory, "poll", s.wire.History),
	}
}

// appRoutes live under reserved first segments.
func appRoutes(s *Server) []request.Route {
	return []request.Route{
		row("GET /sse", auth.Open, "sse", s.wire.MultiSSE),
		row("POST /api/sse/sessions", auth.Open, "", s.wire.CreateStreamSession),

		row("GET /api/topics", auth.Open, "", s.handleTopics),
		row("GET /api/topics/my", auth.ListTopics, "", s.handleMyTopics),
		row("GET /api/topics/public", auth.Open, "", s.handleCatalog),
		row("POST /api/topics", auth.CreateTopic, "", s.handleCreateTopic),
		row("GET /api/topics/{topic}", auth.ReadTopic, "", s.handleTopic),
		row("GET /api/topics/{topic}/stats", auth.ReadTopic, "", s.handleTopicStats),
		row("GET /api/topics/{topic}/messages", auth.ReadHistory, "poll", s.handleSearchTopic),
		row("PATCH /api/topics/{topic}", auth.ManageTopic, "", s.handleUpdateTopic),
		row("DELETE /api/topics/{topic}", auth.ManageTopic, "", s.handleDeleteTopic),
		row("DELETE /api/{topic}/messages/{id}", auth.ManageTopic, "", s.handleDeleteMessage),
		row("PATCH /api/{topic}/messages/{id}", auth.ManageTopic, "", s.handleEditMessage),

		row("GET /api/topics/{topic}/access-tokens", auth.ManageTokens, "", s.handleTokens),
		fresh(row("POST /api/topics/{topic}/access-tokens", auth.ManageTokens, "", s.handleCreateToken)),
		row("GET /api/topics/{topic}/access-tokens/{id}", auth.ManageTokens, "", s.handleToken),
		row("PATCH /api/topics/{topic}/access-tokens/{id}", auth.ManageTokens, "", s.handleUpdateToken),
		row("DELETE /api/topics/{topic}/access-tokens/{id}", auth.ManageTokens, "", s.handleRevokeToken),
		fresh(row("POST /api/topics/{topic}/access-tokens/{id}/rotate", auth.ManageTokens, "", s.handleRotateToken)),
		row("GET /api/topics/{topic}/access-tokens/{id}/usage", auth.ManageTokens, "", s.handleTokenUsage),
		row("DELETE /api/access-token", auth.SelfToken, "", s.handleEndOwnToken),
		row("POST /api/access-token/report", auth.SelfToken, "", s.handleReportToken),

		row("GET /api/messages", auth.ReadOwn, "", s.handleSearchAll),
		row("GET /api/messages/search", auth.ReadOwn, "", s.handleSearchAll),
		row("GET /api/messages/recent", auth.ReadOwn, "", s.handleSearchAll),
		row("GET /api/messages/activity", auth.ReadOwn, "", s.handleMessageActivity),

		row("GET /api/keys", auth.OwnAccount, "", s.handleKeys),
		row("POST /api/keys", auth.OwnAccount, "", s.handleCreateKey),
		row("POST /api/keys/{id}/revoke", auth.OwnAccount, "", s.handleRevokeKey),
		row("DELETE /api/keys/{id}", auth.OwnAccount, "", s.handleDeleteKey),

		row("POST /auth/register", auth.Open, "", s.handleRegister),
		row("POST /auth/login", auth.Open, "", s.handleLogin),
		row("POST /auth/refresh", auth.Open, "", s.handleRefresh),
		row("POST /auth/logout", auth.OwnAccount, "", s.handleLogout),
		row("POST /auth/password", auth.OwnAccount, "", s.handlePassword),
		row("GET /auth/me", auth.OwnAccount, "", s.handleMe),
		row("GET /api/users/me", auth.OwnAccount, "", s.handleMe),
		row("PATCH /api/users/me", auth.OwnAccount, "", s.handleUpdateMe),
		row("DELETE /api/users/me", auth.OwnAccount, "", s.handleDeleteMe),
		row("GET /api/users", auth.Administer, "", s.handleUsers),
		row("POST /api/users", auth.Administer, "", s.handleCreateUser),
		row("PATCH /api/users/{id}", auth.Administer, "", s.handleUpdateUser),
		row("DELETE /api/users/{id}", auth.Administer, "", s.handleDeleteUser),
		row("GET /healthz", auth.Open, "", s.handleHealth),
		row("GET /readyz", auth.Open, "", s.handleReady),
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
	s := &Server{} // no handler is called
	for _, table := range [][]request.Route{topicRoutes(s), appRoutes(s), pageRoutes(s)} {
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
	for _, r := range topicRoutes(s) {
		s.topic.Handle(r.Pattern, s.site.Handler(&r))
	}
	for _, r := range append(appRoutes(s), pageRoutes(s)...) {
		s.app.Handle(r.Pattern, s.site.Handler(&r))
	}
}
