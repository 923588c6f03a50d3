package server

import (
	"errors"
	"net/http"
	"strings"

	"notifer/server/auth"
	"notifer/server/request"
	"notifer/web"
)

// failPage answers with an error as a page. Where signing in would help, the form is in place, so that the address
// stays what was asked for.
func (s *Server) failPage(c *request.Call, p *request.Problem) {
	fault := web.PageError{Status: p.Status, Detail: p.Detail, ID: p.ID}
	if r, ok := errors.AsType[*auth.Refusal](p.Err); ok && r.Reason == auth.OtherSite {
		fault.Foreign, fault.Site = true, s.site.ConfiguredURL()
	}
	fault.Topic = c.Topic != nil
	view := web.ErrorPage(fault)
	if p.Status == http.StatusUnauthorized && c.User() == nil {
		there, err := s.d.HasAdmin(c.R.Context())
		view = web.SignInPage(web.SignIn{First: err == nil && !there, Asked: true, Register: s.c.Registration, Next: nextPath(c.R)})
	}
	if p.Status == http.StatusNotFound || errors.Is(p.Err, auth.ErrForbidden) {
		fault.Detail = ""
		view = web.ErrorPage(fault)
	}
	if err := s.render(c, p.Status, view); err != nil {
		s.log.Error("render error page", "err", err.Error())
		c.W.WriteHeader(http.StatusInternalServerError)
	}
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
