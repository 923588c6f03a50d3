package frame

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/a-h/templ"

	"notifer/server/auth"
	"notifer/server/auth/secrets"
	"notifer/server/request"
	"notifer/web"
)

// ErrorPage answers with an error as a page. Where signing in would help, the form is in place, so that the address
// stays what was asked for.
func (p *Frame) ErrorPage(c *request.Call, problem *request.Problem) {
	c.R = c.R.WithContext(context.WithoutCancel(c.R.Context())) // a slow body has ended it, and its sender still waits for the answer
	if err := p.Render(c, problem.Status, p.errorView(c, problem)); err != nil {
		p.Site.Log.Error("render error page", "err", err.Error())
		c.W.WriteHeader(http.StatusInternalServerError)
	}
}

// errorView is what a page says of a problem: what the reader has to do first, the sign-in, or what went wrong.
func (p *Frame) errorView(c *request.Call, problem *request.Problem) templ.Component {
	if stale, ok := errors.AsType[*request.StaleError](problem.Err); ok {
		c.Secret = true // it holds what the form did, which may be a password
		return p.confirmPage(c, stale)
	}
	var reason auth.Reason
	if r, ok := errors.AsType[*auth.Refusal](problem.Err); ok {
		reason = r.Reason
	}
	switch reason {
	case auth.OwesPassword:
		return web.NewPasswordPage(web.NewPassword{Next: nextPath(c.R)})
	case auth.OwesFactor:
		return web.OweFactorPage()
	}
	if problem.Status == http.StatusUnauthorized && c.User() == nil {
		there, err := p.DB.HasAdmin(c.R.Context())
		return web.SignInPage(web.SignIn{First: err == nil && !there, Asked: true, Register: p.Settings.Registration, Next: nextPath(c.R)})
	}
	fault := web.PageError{Status: problem.Status, Detail: problem.Detail, ID: problem.ID, Topic: c.Topic != nil, Closed: problem.Detail == request.ErrNoRegistration.Detail}
	if reason == auth.OtherSite {
		fault.Foreign, fault.Site = true, p.Site.ConfiguredURL()
	}
	if fault.Closed || problem.Status == http.StatusNotFound || errors.Is(problem.Err, auth.ErrForbidden) {
		fault.Detail = "" // the page has words of its own
	}
	return web.ErrorPage(fault)
}

// nextPath is where to go after signing in: the page that was asked for. Only a page can be asked for again.
func nextPath(r *http.Request) string {
	if r.Method != http.MethodGet {
		return ""
	}
	return LocalPath(r.URL.RequestURI())
}

// LocalPath refuses addresses of other sites as places to go on to, and drops secrets from the query: the place stands in
// a page, in the URL of the next one and in the logs of proxies. Browsers read a backslash as a slash and leave out tabs,
// so both could hide the two slashes that lead to another site.
func LocalPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, "\\") || strings.ContainsFunc(path, unicode.IsControl) {
		return "/"
	}
	path, _, _ = strings.Cut(path, "#")
	path, query, asked := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if !asked || err != nil {
		return path
	}
	for name := range values {
		if named := strings.ToLower(name); named == "token" || named == "code" || slices.ContainsFunc(values[name], likeSecret) {
			values.Del(name)
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// likeSecret reports whether a text holds what may be a secret, mistyped or not.
func likeSecret(s string) bool {
	return strings.Contains(s, secrets.TokenPrefix) || strings.Contains(s, secrets.KeyPrefix)
}
