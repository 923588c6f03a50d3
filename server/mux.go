package server

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"notifer/server/api"
	"notifer/server/request"
	"notifer/server/wire"
)

func firstSegment(p string) string {
	p = strings.TrimPrefix(p, "/")
	p, _, _ = strings.Cut(p, "/")
	p, _, _ = strings.Cut(p, ".") // favicon.ico, robots.txt, openapi.json
	return strings.ToLower(p)
}

// ServeHTTP routes by the decoded first segment: reserved names to the application, all else to the topics. Programs that join URLs leave
// superfluous slashes: on the paths of topics they are ignored, from all others they are redirected away.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := request.WatchBody(r)
	s.serve(w, r)
	body.Linger(s.closing, w, r)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if hasExtraSlash(r.URL.Path) {
		if r = s.withoutExtraSlashes(w, r); r == nil {
			return
		}
	}
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
	if p == "" || p[0] != '/' || !clean(p) {
		s.notFound(w, r)
		return
	}
	mux, isTopic := s.app, false
	if p != "/" && !s.routed[firstSegment(p)] && !s.isGotify(r) {
		mux, isTopic = s.topic, true
		if m := strings.ToUpper(r.Method); m != r.Method && (m == http.MethodPost || m == http.MethodPut) {
			copied := *r
			copied.Method = m // curl -X post
			r = &copied
		}
	}
	shared := isTopic || p == "/sse" // with pages of other sites
	if shared && len(r.Header["Origin"]) > 0 {
		s.allowOrigins(w.Header())
	}
	if r.Method == http.MethodOptions {
		s.preflight(w, r, mux, shared)
		return
	}
	mux.ServeHTTP(w, r)
}

// isGotify reports whether a request is one of Gotify's, and not for a topic that has had the name of its path since before.
func (s *Server) isGotify(r *http.Request) bool {
	if r.URL.Path != wire.GotifyPath || r.Method != http.MethodPost && r.Method != http.MethodPut {
		return false
	}
	t, err := s.site.Auth.Topic(r.Context(), wire.GotifyPath[1:])
	return t == nil && err == nil
}

// hasExtraSlash reports whether a path has a slash at its end or two in a row.
func hasExtraSlash(p string) bool {
	return len(p) > 1 && (p[len(p)-1] == '/' || strings.Contains(p, "//"))
}

// withoutExtraSlashes returns a request without superfluous slashes. Under a reserved name, where a proxy may allow and refuse paths, it
// redirects instead and returns nil: with 308, which keeps the method and the body, and without a token in the URL.
func (s *Server) withoutExtraSlashes(w http.ResponseWriter, r *http.Request) *http.Request {
	var parts []string
	for part := range strings.SplitSeq(r.URL.Path, "/") {
		if part != "" {
			parts = append(parts, part)
		}
	}
	to := "/" + strings.Join(parts, "/")
	tidy := withPath(r, to)
	below := to
	if s.site.Base != "" {
		below = s.stripBase(tidy).URL.Path
	}
	if first := firstSegment(below); below == "/" || !s.routed[first] || below == "/sse" || !clean(to) {
		return tidy
	}
	q := r.URL.Query()
	q.Del("token")
	u := url.URL{Path: s.site.Base + below, RawQuery: q.Encode()}
	setSecurityHeaders(w.Header())
	w.Header().Set("Location", u.String())
	w.WriteHeader(http.StatusPermanentRedirect)
	request.Linger(w, r)
	return nil
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

// stripBase removes the path of the public URL, where the proxy has not.
func (s *Server) stripBase(r *http.Request) *http.Request {
	u := *r.URL
	var ok bool
	if u.Path, ok = s.belowBase(u.Path); !ok {
		return r
	}
	if u.RawPath != "" {
		if u.RawPath, ok = s.belowBase(u.RawPath); !ok {
			return r // the slash after it is encoded, so it is another path
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

// anyPath catches what no route takes. As the least specific pattern it lets a request be looked up once.
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
		s.noRoute(w, r, http.StatusMethodNotAllowed, r.Method+" is not allowed here: use "+allow)
	})
}

// Patterns that say nothing about what a path accepts: topicAddress only redirects browsers, and fileAddress takes any name.
const (
	topicAddress = "GET /{topic}"
	fileAddress  = "PUT /{topic}/{file}"
)

// allowed lists the methods that are routed for the path of a request.
func allowed(mux *http.ServeMux, r *http.Request) string {
	var list []string
	asked := *r
	for _, asked.Method = range [...]string{"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"} {
		if _, pattern := mux.Handler(&asked); pattern != anyPath && pattern != topicAddress && pattern != fileAddress {
			list = append(list, asked.Method)
		}
	}
	return strings.Join(list, ", ")
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.noRoute(w, r, http.StatusNotFound, "no such path")
}

// noRoute answers a request without a route: with a page where a browser asks for one, outside the API.
func (s *Server) noRoute(w http.ResponseWriter, r *http.Request, status int, detail string) {
	if !wantsPage(r) {
		request.WriteJSON(w, status, api.Error{Detail: detail, Hint: s.pathHint(r)})
		request.Linger(w, r)
		return
	}
	s.site.NoRoute(w, r, status)
}

// pathHint says where to send a publish that has reached a path of the server's own, and where the API has what was asked for beside it.
func (s *Server) pathHint(r *http.Request) string {
	name := strings.TrimPrefix(r.URL.Path, "/")
	switch parts := strings.Split(name, "/"); {
	case r.Method == http.MethodGet:
		if _, pattern := s.app.Handler(withPath(r, "/api/"+name)); pattern != anyPath {
			return "To read it through the API, use GET " + s.site.Base + "/api/" + name + "."
		}
		return ""
	case r.Method != http.MethodPost && r.Method != http.MethodPut:
		return ""
	case name == "":
		return "To publish, send it to the path of a topic: POST " + s.site.Base + "/TOPIC."
	case len(parts) == 2 && (parts[0] == "topic" || parts[0] == "topics"):
		return s.publishHint(parts[1])
	case len(parts) == 4 && parts[0] == "api" && parts[1] == "topics" && parts[3] == "messages":
		return s.publishHint(parts[2])
	case len(parts) == 2 && !s.routed[firstSegment(parts[0])]:
		return s.publishHint(parts[0])
	case len(parts) > 1 || !s.routed[name]:
		return ""
	}
	return "No topic can have the name " + name + ": it is reserved, see " + s.site.Base + "/docs/faq."
}

// publishHint names the path that publishes to a topic, whether or not there is one of this name.
func (s *Server) publishHint(topic string) string {
	if !api.IsTopicName(topic) {
		return ""
	}
	return "To publish, send it to the path of the topic: POST " + s.site.Base + "/" + topic + "."
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

// allowOrigins lets pages of other sites publish and subscribe with a token (Fetch standard, section 3.2). Only browsers read these
// headers, and nothing of ours is cached. Cookies are never allowed.
func (s *Server) allowOrigins(h http.Header) {
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Access-Control-Expose-Headers"] = exposed
}

var exposed = []string{"X-Last-Event-ID, X-Next, Retry-After"}

func (s *Server) preflight(w http.ResponseWriter, r *http.Request, mux *http.ServeMux, shared bool) {
	h := w.Header()
	h.Set("Allow", strings.TrimPrefix(allowed(mux, r)+", OPTIONS", ", "))
	if shared && r.Header.Get("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Content-Encoding, Last-Event-ID, X-Topic-Token, X-API-Key, "+
			strings.Join(wire.HeaderNames(), ", "))
		h.Set("Access-Control-Max-Age", "86400")
	}
	w.WriteHeader(http.StatusNoContent)
}

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
	name := c.R.PathValue("topic")
	return &request.Problem{Status: http.StatusMethodNotAllowed,
		Detail: "publish with POST or PUT, or GET /" + name + "/publish?message=...&token=...; read with GET /" + name + "/json, /sse or /ws"}
}
