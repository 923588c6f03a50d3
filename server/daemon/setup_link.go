package daemon

import (
	"net"
	"strings"

	"notifer/server"
	"notifer/server/config"
)

// SetupLink is where the first admin is made: under the public URL, else where the server listens.
func SetupLink(c *config.Config, listen, code string) string {
	base := strings.TrimSuffix(c.BaseURL, "/")
	if base == "" {
		base = "http://" + reachable(listen)
	}
	return base + server.SetupPath + "?code=" + code
}

// reachable turns the address of a listener into one that a browser on this machine can open.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "localhost:8080"
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
