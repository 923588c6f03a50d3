package server

import (
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"

	"notifer/server/api"
	"notifer/server/request"
)

func firstSegment(p string) string {
	p = strings.TrimPrefix(p, "/")
	p, _, _ = strings.Cut(p, "/")
	p, _, _ = strings.Cut(p, ".") // favicon.ico, robots.txt, openapi.json
	return strings.ToLower(p)
}

// ServeHTTP routes by the decoded first segment: reserved names to the application, all else to the topics. A path that
// is not clean is not found; it is never redirected, since a redirect turns POST into GET.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.site.Base != "" {
		r = s.stripBase(r)
	}
	setSecurityHeaders(w.Header())
	if s.site.OnlyTLS(r) {
		w.Header()["Strict-Transport-Security"] = oneYear
	}
	if len(r.TransferEncoding) > 0 {
		// A length beside the chunks has been dropped on the way here, and a proxy in front may have gone by it:
		// what follows on the connection is not read as a request (RFC 9112 section 6.1).
		w.Header().Set("Connection", "close")
	}
	p := r.URL.Path
	if topic := looseTopic(r.Method, p); topic != "" && !s.routed[firstSegment(topic)] {
		r = withPath(r, topic)
		p = topic
	}
	if p == "" || p[0] != '/' || !clean(p) {
		s.notFound(w, r)
		return
	}
	mux, isTopic := s.app, false
	if p != "/" && !s.routed[firstSegment(p)] {
		mux, isTopic = s.topic, true
		if len(r.Header["Origin"]) > 0 {
			s.allowOrigins(w.Header())
		}
	}
	if r.Method == http.MethodOptions {
		s.preflight(w, r, mux, isTopic)
		return
	}
	mux.ServeHTTP(w, r)
}

// looseTopic is the path of the topic that a publish means which has a slash at its end or two in front: URLs are put together
// by programs. It is published to and never redirected. Empty for any other path.
func looseTopic(method, p string) string {
	if method != http.MethodPost && method != http.MethodPut && method != http.MethodOptions || len(p) < 2 || p[len(p)-1] != '/' && p[1] != '/' {
		return ""
	}
	topic := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(p, "/"), "/"), "/")
	if topic == "" || strings.Contains(topic, "/") || !clean("/"+topic) {
		return ""
	}
	return "/" + topic
}

func withPath(r *http.Request, path string) *http.Request {
	u := *r.URL
	u.Path, u.RawPath = path, ""
	copied := *r
	copied.URL = &u
	return &copied
}

func clean(p string) bool {
	return p == "/" || p == path.Clean(p)
}

// stripBase takes the sub-path of the public address off, where the proxy has not done so.
func (s *Server) stripBase(r *http.Request) *http.Request {
	u := *r.URL
	var ok bool
	if u.Path, ok = s.belowBase(u.Path); !ok {
		return r
	}
	if u.RawPath != "" {
		if u.RawPath, ok = s.belowBase(u.RawPath); !ok {
			return r // the slash behind it is encoded: another path
		}
	}
	copied := *r
	copied.URL = &u
	return &copied
}

func (s *Server) belowBase(path string) (string, bool) {
	rest, ok := strings.CutPrefix(path, s.site.Base)
	if rest == "" {
		return "/", ok
	}
	return rest, ok && rest[0] == '/'
}

// anyPath catches what no route takes. It is the least of all patterns, so that a request is looked up once.
const anyPath = "/"

// unrouted answers what anyPath caught: 404, or 405 with Allow where another method is routed.
func (s *Server) unrouted(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allow := allowed(mux, r)
		if allow == "" {
			s.notFound(w, r)
			return
		}
		w.Header().Set("Allow", allow)
		request.WriteJSON(w, http.StatusMethodNotAllowed, api.Error{Detail: "the path does not take " + r.Method + ": use " + allow})
		request.Linger(w, r)
	})
}

// topicAddress only sends browsers on.
const topicAddress = "GET /{topic}"

// allowed lists the methods that are routed for the path of a request.
func allowed(mux *http.ServeMux, r *http.Request) string {
	var list []string
	asked := *r
	for _, asked.Method = range [...]string{"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"} {
		if _, pattern := mux.Handler(&asked); pattern != anyPath && pattern != topicAddress {
			list = append(list, asked.Method)
		}
	}
	return strings.Join(list, ", ")
}

// notFound answers a path without a route: with a page where a browser asks for one, outside the API.
func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	if !wantsPage(r) {
		request.WriteJSON(w, http.StatusNotFound, api.Error{Detail: "no such path"})
		request.Linger(w, r)
		return
	}
	s.site.NotFound(w, r)
}

func setSecurityHeaders(h http.Header) {
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = noReferrer
	h["Cache-Control"] = noStore
}

var (
	nosniff    = []string{"nosniff"}
	noReferrer = []string{"no-referrer"}
	noStore    = []string{"no-store"}
	oneYear    = []string{"max-age=31536000"}
	anyOrigin  = []string{"*"}
)

// allowOrigins lets pages of other sites publish and subscribe with a token (Fetch standard, section 3.2). Nobody else
// reads these headers, and nothing of ours is cached. Cookies are never allowed along.
func (s *Server) allowOrigins(h http.Header) {
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Access-Control-Expose-Headers"] = exposed
}

var exposed = []string{"X-Last-Event-ID, X-Next, Retry-After"}

func (s *Server) preflight(w http.ResponseWriter, r *http.Request, mux *http.ServeMux, isTopic bool) {
	h := w.Header()
	h.Set("Allow", strings.TrimPrefix(allowed(mux, r)+", OPTIONS", ", "))
	if isTopic && r.Header.Get("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID, X-Topic-Token, X-API-Key, "+
			"X-Title, X-Priority, X-Tags, X-Markdown, X-URL, X-URL-Title, X-Actions, X-Alert-Key, X-Idempotency-Key, X-Allow-Secret, X-Strict, "+
			"X-Message, X-Click, Title, Priority, Tags, Markdown, Click, URL, URL-Title, Actions, Message, Idempotency-Key")
		h.Set("Access-Control-Max-Age", "86400")
	}
	w.WriteHeader(http.StatusNoContent)
}

// Network is what shares a bound of addresses.
func Network(a netip.Addr) netip.Addr { return request.Network(a) }

// wantsPage reports whether a request that found no route should get a page: a browser's own, outside the API.
func wantsPage(r *http.Request) bool {
	switch firstSegment(r.URL.Path) {
	case "api", "auth", "static":
		return false
	}
	return r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// handleTopicAddress sends browsers to the topic's page, without the query, which may hold a token.
func (s *Server) handleTopicAddress(c *request.Call) error {
	if strings.Contains(c.R.Header.Get("Accept"), "text/html") {
		c.W.Header().Set("Location", s.site.Base+"/topic/"+url.PathEscape(c.R.PathValue("topic")))
		c.W.WriteHeader(http.StatusSeeOther)
		return nil
	}
	c.W.Header().Set("Allow", "POST, PUT, OPTIONS")
	return &request.Problem{Status: http.StatusMethodNotAllowed, Detail: "publish with POST or PUT; read with GET /" + c.R.PathValue("topic") + "/json, /sse or /ws"}
}
