package web

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
)

func verboseCurl(ctx context.Context, topic string) string {
	return `curl -v -d "It works" -H "X-Topic-Token: $TOPIC_TOKEN" ` + public(ctx, "/"+topic)
}

// proxies are the configurations that let everything through which tokens and streams need.
func proxies(ctx context.Context) []Example {
	p := filling{ctx: ctx}
	host := "notify.home.example"
	if u, err := url.Parse(env(ctx).Public); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	fill := strings.NewReplacer("HOST", host, "LOCAL", env(ctx).Local)
	return []Example{
		p.one("proxy-nginx", "nginx", fill.Replace(`server {
    server_name HOST;
    location / {
        proxy_pass http://LOCAL;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Topic-Token $http_x_topic_token;
        proxy_set_header Authorization $http_authorization;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $http_connection;
        proxy_buffering off;
        proxy_read_timeout 1h;
    }
}`)),
		p.one("proxy-caddy", "Caddy", fill.Replace(`HOST {
    reverse_proxy LOCAL {
        flush_interval -1
    }
}`)),
		p.one("proxy-traefik", "Traefik", fill.Replace("http:\n  routers:\n    notifer:\n      rule: Host(`HOST`)\n      service: notifer\n"+
			"  services:\n    notifer:\n      loadBalancer:\n        servers:\n          - url: http://LOCAL")),
	}
}

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

// TokenNotice is one thing that the owner of the tokens should know first.
type TokenNotice struct {
	Kind   string
	Name   string // of the token, or of the topic
	Status string // "expired" or "revoked"
	Count  int
	At     time.Time
}

// look is how severe a notice is.
func (n TokenNotice) look() string {
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
	if u := env(ctx).User; u != nil {
		return u.Name
	}
	return ""
}

// refusalGroup is a refusal that came one or more times with the same reason, the newest time first.
type refusalGroup struct {
	Refusal
	Times int
}

func (r Refusal) kind() string {
	if r.Status == 403 {
		return "warn"
	}
	return "bad"
}

// groups joins refusals that say the same of the same secret: one cron job does not push the other reasons away.
func (v Tokens) groups() []refusalGroup {
	var list []refusalGroup
	for _, r := range v.Refused {
		i := slices.IndexFunc(list, func(g refusalGroup) bool {
			return g.Status == r.Status && g.Text == r.Text && g.Hint == r.Hint && g.Address == r.Address && g.Via == r.Via
		})
		if i < 0 {
			list = append(list, refusalGroup{r, 1})
		} else {
			list[i].Times++
		}
	}
	return list
}
