package tokens

import (
	"context"
	"time"

	"notifer/server/api"
	"notifer/web"
)

// What a notice of the tokens page is about.
const (
	Leaked         = "leaked"
	EndedInUse     = "ended-in-use"
	ExpiresSoon    = "expires-soon"
	ManyIdle       = "many-idle"
	OnlyIdle       = "only-idle"
	NotPrivate     = "not-private"
	ProxyUntrusted = "proxy-untrusted"
	PlainHTTP      = "plain-http"
	NoBaseURL      = "no-base-url"
)

// Notice is one thing that the owner of the tokens should know first.
type Notice struct {
	Kind   string
	Name   string     // of the token, or of the topic
	Status api.Status // expired or revoked
	Count  int
	At     time.Time
}

// look is how severe a notice is.
func (n Notice) look() string {
	switch n.Kind {
	case Leaked:
		return "bad"
	case NoBaseURL, OnlyIdle:
		return "info"
	}
	return "warn"
}

// reader names who looks at the page: what they do themselves is not announced to them.
func reader(ctx context.Context) string {
	if u := web.EnvOf(ctx).User; u != nil {
		return u.Name
	}
	return ""
}

func (r Refusal) kind() string {
	if r.Status == 403 {
		return "warn"
	}
	return "bad"
}

// refused is how many requests were refused, whatever the reason.
func (v List) refused() (n int) {
	for _, r := range v.Refused {
		n += r.Times
	}
	return n
}
