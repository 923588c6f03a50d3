package daemon

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"notifer/server"
	"notifer/server/config"
	"notifer/server/daemon/connections"
)

// metricsHandler writes the server's numbers.
func metricsHandler(s *server.Server) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		s.WriteMetrics(w)
	})
	return mux
}

// allowMetrics adds /metrics to the main address for the configured networks. A request that came through a proxy is
// refused, since the peer is then the proxy and not who asks.
func allowMetrics(c *config.Config, s *server.Server) http.Handler {
	if len(c.Metrics.Allow) == 0 {
		return s
	}
	readers, _ := config.Networks(c.Metrics.Allow) // the configuration has been checked
	base := ""
	if u, err := url.Parse(c.BaseURL); err == nil {
		base = strings.TrimSuffix(u.Path, "/")
	}
	numbers := metricsHandler(s)
	below := http.StripPrefix(base, numbers)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		forwarded := r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != ""
		allowed := err == nil && !forwarded && connections.Inside(readers, peer.Addr().Unmap())
		switch {
		case allowed && r.URL.Path == "/metrics":
			numbers.ServeHTTP(w, r)
		case allowed && r.URL.Path == base+"/metrics":
			below.ServeHTTP(w, r)
		default:
			s.ServeHTTP(w, r)
		}
	})
}
