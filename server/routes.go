package server

import (
	"net/http"
	"slices"

	"notifer/server/auth"
	"notifer/server/request"
	"notifer/server/wire"
)

// row is a row of a table; see request.Route.
func row(pattern string, action auth.Action, kind request.Kind, handle func(*request.Call) error) request.Route {
	return request.Route{Pattern: pattern, Action: action, Kind: kind, Handle: handle}
}

// endpoint is a row of the API, which answers with JSON.
func endpoint(pattern string, action auth.Action, handle func(*request.Call) error) request.Route {
	return row(pattern, action, request.KindAPI, handle)
}

// page is a row that answers with a page.
func page(pattern string, action auth.Action, handle func(*request.Call) error) request.Route {
	return row(pattern, action, request.KindPage, handle)
}

// fresh demands a recent sign-in of a browser.
func fresh(r request.Route) request.Route {
	r.Fresh = true
	return r
}

// free marks a route that only takes access away, or marks what was read: no limit of changes applies to it.
func free(r request.Route) request.Route {
	r.Free = true
	return r
}

// session refuses an API key, which acts for its owner but changes nothing about how its owner signs in.
func session(r request.Route) request.Route {
	r.Session = true
	return r
}

// several leaves the decision about several topics to the handler.
func several(r request.Route) request.Route {
	r.Several = true
	return r
}

// signsIn lets a form come from a page that names no origin.
func signsIn(r request.Route) request.Route {
	r.SignsIn = true
	return r
}

// topicRoutes live at the root, beside the reserved names; they answer other sites' pages too.
func topicRoutes(s *Server) []request.Route {
	return []request.Route{
		row("POST /{topic}", auth.Publish, request.KindPublish, s.wire.Publish),
		row("PUT /{topic}", auth.Publish, request.KindPublish, s.wire.Publish),
		row(fileAddress, auth.Publish, request.KindPublish, s.wire.PublishFile),
		row("POST /{topic}/publish", auth.Publish, request.KindPublish, s.wire.Publish),
		row("POST /{topic}/send", auth.Publish, request.KindPublish, s.wire.Publish),
		row("POST /{topic}/trigger", auth.Publish, request.KindPublish, s.wire.Publish),
		row("GET /{topic}/publish", auth.Publish, request.KindPublish, s.wire.PublishByGet),
		row("GET /{topic}/send", auth.Publish, request.KindPublish, s.wire.PublishByGet),
		row("GET /{topic}/trigger", auth.Publish, request.KindPublish, s.wire.PublishByGet),
		endpoint(topicAddress, auth.Open, s.handleTopicAddress),
		row("GET /{topic}/sse", auth.Stream, request.KindSSE, s.wire.SSE),
		row("GET /{topic}/ws", auth.Stream, request.KindWebSocket, s.wire.WebSocket),
		row("GET /{topic}/json", auth.ReadHistory, request.KindPoll, s.wire.History),
	}
}

// peerRoutes are where senders publish that were made for ntfy or Gotify: the body or the token names the topic.
func peerRoutes(s *Server) []request.Route {
	named := func(pattern string, handle func(*request.Call) error) request.Route {
		r := row(pattern, auth.Publish, request.KindPublish, handle)
		r.Topic = s.topicOf
		return r
	}
	return []request.Route{
		named("POST /{$}", s.wire.Publish),
		named("PUT /{$}", s.wire.Publish),
		named("POST "+wire.GotifyPath, s.wire.PublishGotify),
		named("PUT "+wire.GotifyPath, s.wire.PublishGotify),
	}
}

func (s *Server) topicOf(c *request.Call) (string, error) { return s.wire.TopicOf(c) }

// appRoutes live under reserved first segments; so do the pages, whose rows are in routes_pages.go.
func appRoutes(s *Server) []request.Route {
	return []request.Route{
		several(row("GET /sse", auth.Optional, request.KindSSE, s.wire.MultiSSE)),
		several(endpoint("POST /api/sse/sessions", auth.Optional, s.wire.CreateStreamSession)),

		endpoint("GET /api/topics", auth.Optional, s.rest.Topics),
		endpoint("GET /api/topics/my", auth.ListTopics, s.rest.MyTopics),
		endpoint("GET /api/topics/public", auth.Optional, s.rest.Catalog),
		endpoint("POST /api/topics", auth.CreateTopic, s.rest.CreateTopic),
		endpoint("GET /api/topics/{topic}", auth.ReadTopic, s.rest.Topic),
		endpoint("GET /api/topics/{topic}/stats", auth.ReadTopic, s.rest.TopicStats),
		row("GET /api/topics/{topic}/messages", auth.ReadHistory, request.KindPoll, s.rest.SearchTopic),
		row("GET /api/topics/{topic}/messages/{id}", auth.ReadHistory, request.KindPoll, s.rest.Message),
		row("GET /api/topics/{topic}/alerts", auth.ReadHistory, request.KindPoll, s.rest.Alerts),
		endpoint("PATCH /api/topics/{topic}", auth.ManageTopic, s.rest.UpdateTopic),
		endpoint("DELETE /api/topics/{topic}", auth.ManageTopic, s.rest.DeleteTopic),
		endpoint("DELETE /api/{topic}/messages/{id}", auth.ManageTopic, s.rest.DeleteMessage),
		endpoint("PATCH /api/{topic}/messages/{id}", auth.ManageTopic, s.rest.EditMessage),

		endpoint("GET /api/topics/{topic}/access-tokens", auth.ManageTokens, s.rest.Tokens),
		fresh(endpoint("POST /api/topics/{topic}/access-tokens", auth.ManageTokens, s.rest.CreateToken)),
		endpoint("GET /api/topics/{topic}/access-tokens/{id}", auth.ManageTokens, s.rest.Token),
		fresh(endpoint("PATCH /api/topics/{topic}/access-tokens/{id}", auth.ManageTokens, s.rest.UpdateToken)),
		free(endpoint("DELETE /api/topics/{topic}/access-tokens/{id}", auth.ManageTokens, s.rest.RevokeToken)),
		fresh(endpoint("POST /api/topics/{topic}/access-tokens/{id}/rotate", auth.ManageTokens, s.rest.RotateToken)),
		endpoint("GET /api/topics/{topic}/access-tokens/{id}/usage", auth.ManageTokens, s.rest.TokenUsage),
		free(endpoint("DELETE /api/access-token", auth.SelfToken, s.rest.EndOwnToken)),
		free(endpoint("POST /api/access-token/report", auth.SelfToken, s.rest.ReportToken)),

		endpoint("GET /api/messages", auth.ReadOwn, s.rest.SearchAll),
		endpoint("GET /api/messages/search", auth.ReadOwn, s.rest.SearchAll),
		endpoint("GET /api/messages/recent", auth.ReadOwn, s.rest.SearchAll),
		endpoint("GET /api/messages/activity", auth.ReadOwn, s.rest.MessageActivity),

		endpoint("GET /api/keys", auth.OwnAccount, s.rest.Keys),
		fresh(endpoint("POST /api/keys", auth.OwnAccount, s.rest.CreateKey)),
		fresh(endpoint("PATCH /api/keys/{id}", auth.OwnAccount, s.rest.UpdateKey)),
		free(endpoint("POST /api/keys/{id}/revoke", auth.OwnAccount, s.rest.RevokeKey)),
		free(endpoint("DELETE /api/keys/{id}", auth.OwnAccount, s.rest.DeleteKey)),

		endpoint("POST /auth/register", auth.Open, s.rest.Register),
		endpoint("POST /auth/login", auth.Open, s.rest.Login),
		endpoint("POST /auth/refresh", auth.Open, s.rest.Refresh),
		session(free(endpoint("POST /auth/logout", auth.FinishSignIn, s.rest.Logout))),
		session(free(fresh(endpoint("POST /auth/password", auth.FinishSignIn, s.rest.Password)))),
		endpoint("GET /auth/second-factor", auth.FinishSignIn, s.rest.SecondFactor),
		session(fresh(endpoint("POST /auth/second-factor", auth.FinishSignIn, s.rest.NewSecondFactor))),
		session(fresh(endpoint("POST /auth/second-factor/confirm", auth.FinishSignIn, s.rest.EnableSecondFactor))),
		session(fresh(endpoint("POST /auth/second-factor/recovery-codes", auth.OwnAccount, s.rest.RenewRecoveryCodes))),
		session(fresh(endpoint("DELETE /auth/second-factor", auth.OwnAccount, s.rest.DisableSecondFactor))),
		endpoint("GET /auth/me", auth.FinishSignIn, s.rest.Me),
		endpoint("GET /api/users/me", auth.OwnAccount, s.rest.Me),
		session(fresh(endpoint("PATCH /api/users/me", auth.OwnAccount, s.rest.UpdateMe))),
		session(fresh(endpoint("DELETE /api/users/me", auth.OwnAccount, s.rest.DeleteMe))),
		endpoint("GET /api/users", auth.Administer, s.rest.Users),
		fresh(endpoint("POST /api/users", auth.Administer, s.rest.CreateUser)),
		fresh(endpoint("PATCH /api/users/{id}", auth.Administer, s.rest.UpdateUser)),
		fresh(endpoint("DELETE /api/users/{id}", auth.Administer, s.rest.DeleteUser)),
		fresh(endpoint("POST /api/users/{id}/reset-second-factor", auth.Administer, s.rest.ResetSecondFactor)),
		endpoint("GET /api/events", auth.Administer, s.rest.Events),
		endpoint("GET /healthz", auth.Open, s.handleHealth),
		endpoint("GET /readyz", auth.Open, s.handleReady),
	}
}

// noServer has handlers that the tables can name and that must not be called.
func noServer() *Server { return &Server{} }

// Routes lists the whole table, for tests.
func Routes() []request.Route {
	s := noServer()
	return slices.Concat(topicRoutes(s), peerRoutes(s), appRoutes(s), pageRoutes(s))
}

// route puts every row of the tables behind request.Site.Handler, which is the one way to a handler: it finds the credentials of a request
// (auth.Authenticate), asks auth.Authorize for the action of the row, and only then calls the handler. Rows with auth.Optional are open to
// all: their handlers show each caller what it may see, or, where topics are named (GET /sse), refuse the whole for
// one that is denied. ServeHTTP (mux.go) chooses between the two.
func (s *Server) route() {
	s.routed = routedNames()
	s.topic, s.app = http.NewServeMux(), http.NewServeMux()
	s.topic.Handle(anyPath, s.unrouted(s.topic))
	s.app.Handle(anyPath, s.unrouted(s.app))
	for _, r := range topicRoutes(s) {
		s.topic.Handle(r.Pattern, s.site.Handler(&r))
	}
	for _, r := range slices.Concat(peerRoutes(s), appRoutes(s), pageRoutes(s)) {
		s.app.Handle(r.Pattern, s.site.Handler(&r))
	}
}
