package examples

import (
	"net/url"
	"strings"
)

// Proxies are the configurations that let everything through which tokens and streams need. public is the URL that readers use,
// local the address that a proxy on this machine reaches the server by.
func Proxies(public, local string) []Example {
	var p filling
	host := "notify.home.example"
	if u, err := url.Parse(public); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	fill := strings.NewReplacer("HOST", host, "LOCAL", local)
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
