package server

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/web"
)

// failPage answers with an error as a page. Where signing in would help, the form is in place, so that the address
// stays what was asked for.
func (s *Server) failPage(c *call, err error) {
	status, body, after, known := explain(err)
	fault := web.Fault{Status: status, Detail: body.Detail}
	if !known {
		fault.ID, fault.Detail = s.logFault(c, err), ""
	}
	if after > 0 {
		c.w.Header().Set("Retry-After", strconv.Itoa(int(after/time.Second)))
	}
	if r, ok := errors.AsType[*auth.Refusal](err); ok && r.Reason == auth.OtherSite {
		fault.Foreign, fault.Site = true, s.baseURL()
	}
	fault.Topic = c.topic != nil
	view := web.FaultPage(fault)
	if status == http.StatusUnauthorized && c.user() == nil {
		there, err := s.d.HasAdmin(c.r.Context())
		view = web.SignInPage(web.SignIn{First: err == nil && !there, Asked: true, Register: s.c.Registration, Next: nextPath(c.r)})
	}
	if status == http.StatusNotFound || errors.Is(err, auth.ErrForbidden) {
		fault.Detail = ""
		view = web.FaultPage(fault)
	}
	if err := s.render(c, status, view); err != nil {
		s.log.Error("render error page", "err", err.Error())
		c.w.WriteHeader(http.StatusInternalServerError)
	}
}

// logFault writes an unexpected error to the log under an id, which is all that the reader learns.
func (s *Server) logFault(c *call, err error) string {
	id := db.NewName("error")
	s.log.Error("request", "id", id, "method", c.r.Method, "route", c.route.Pattern, "took", time.Since(c.began), "err", err.Error())
	return id
}

// nextPath is where to go after signing in: the page that was asked for. Only a page can be asked for again.
func nextPath(r *http.Request) string {
	if r.Method != http.MethodGet {
		return ""
	}
	return r.URL.RequestURI()
}

// localPath refuses addresses of other sites as places to go on to. Browsers read a backslash as a slash and leave out
// tabs, so both could hide the two slashes that lead to another site.
func localPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, "\\") || hasControl(path) {
		return "/"
	}
	return path
}

// wantsPage reports whether a request that found no route should get a page: a browser's own, outside the API.
func wantsPage(r *http.Request) bool {
	switch firstSegment(r.URL.Path) {
	case "api", "auth", "static":
		return false
	}
	return r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html")
}
