package web

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PageError is an answer that is not the requested page.
type PageError struct {
	Status int
	Detail string // what went wrong, in a sentence; may be empty
	ID     string // of an internal error, which the log has too

	Topic   bool   // the page is one of a topic
	Closed  bool   // visitors cannot register
	Foreign bool   // a form came from another site
	Site    string // the public URL, empty when none is configured
}

// text is the heading of an error and what to do next; rare statuses share one.
func (e PageError) text(ctx context.Context) (title, next string) {
	switch {
	case e.Closed:
		return "Registration is off", "Ask an admin for an account."
	case e.Foreign && e.Site == "":
		return "This page was opened at another URL", "The form came from another URL than the one it was sent to. A reverse proxy must pass the Host header on, or base_url must be set."
	case e.Foreign:
		return "This page was opened at another URL", "The form came from another URL than " + e.Site + ", which is set as base_url. Open the dashboard there, or correct base_url."
	case e.Status == 404 && e.stranger(ctx):
		return "Page not found", "It may have been deleted, or you may have to sign in to see it."
	case e.Status == 403 && e.stranger(ctx):
		return "You don't have permission to do that", "Sign in with an account that has it."
	case e.Status == 403 && e.Topic:
		return "You don't have permission to do that", "Ask the topic's owner or an admin, or sign in with another account."
	}
	switch e.Status {
	case 403:
		return "You don't have permission to do that", "Ask an admin, or sign in with another account."
	case 404:
		return "Page not found", "It may have been deleted, or you may not have access to it. Check the URL, or choose a topic from your list."
	case 405:
		return "That isn't possible here", "Go back and use the buttons on the page."
	case 413:
		return "That is too large", "Shorten the message, or put the long part behind a link."
	case 422:
		return "Something you entered is not valid", "Go back, correct it and send it again."
	case 429:
		return "Too many requests", "Wait a minute, then try again."
	case 503:
		return "The server is busy", "Try again in a few seconds."
	case 507:
		return "The disk is full", "No messages can be stored until there is free space. Reading and revoking still work."
	}
	if e.Status < 500 {
		return "Something is wrong with that request", "Go back, check what you entered and try again."
	}
	return "Something went wrong on the server", "This isn't your fault. Try again; if it keeps happening, give your admin the reference number below."
}

// stranger reports whether to offer the sign-in: a visitor has no list of topics to go back to.
func (e PageError) stranger(ctx context.Context) bool {
	reader := EnvOf(ctx)
	return reader.User == nil && reader.Paired == "" && (e.Status == 403 || e.Status == 404)
}

// sentence makes a sentence of a detail of the API, which begins with a small letter and has no full stop. A name at its beginning stays.
func sentence(detail string) string {
	word, _, _ := strings.Cut(detail, " ")
	if first, size := utf8.DecodeRuneInString(detail); !strings.ContainsAny(word, "_`.=") {
		detail = string(unicode.ToUpper(first)) + detail[size:]
	}
	if strings.HasSuffix(detail, ".") || strings.HasSuffix(detail, "?") {
		return detail
	}
	return detail + "."
}
