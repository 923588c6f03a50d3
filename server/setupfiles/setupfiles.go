// Package setupfiles is what `notifer init` prints: files for systemd, Docker, home servers, Kubernetes, proxies, Litestream and Grafana.
package setupfiles

import (
	"embed"
	"io/fs"
	"net"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

//go:embed files
var files embed.FS

// File is a file that belongs to an installation.
type File struct {
	Name  string // word of the command
	Short string // what it is

	template string // a file, or a directory of them
}

// Several reports whether it consists of several files, which need a directory.
func (f File) Several() bool { return path.Ext(f.template) == "" && f.template != "Caddyfile" }

// All are the files that can be printed.
var All = []File{
	{"systemd", "a systemd service, hardened", "notifer.service"},
	{"socket", "a systemd socket for Notifer", "notifer.socket"},
	{"openrc", "an OpenRC service, for Alpine Linux", "notifer.openrc"},
	{"compose", "a Docker Compose file", "compose.yaml"},
	{"caddy", "a Caddy configuration: reverse proxy with certificates", "Caddyfile"},
	{"nginx", "an nginx configuration: reverse proxy", "nginx.conf"},
	{"traefik", "a Traefik configuration: reverse proxy", "traefik.yaml"},
	{"home-assistant", "a Home Assistant add-on", "home-assistant"},
	{"unraid", "an Unraid template", "unraid.xml"},
	{"casaos", "a Docker Compose file for CasaOS", "casaos.yaml"},
	{"helm", "a Helm chart for Kubernetes", "helm"},
	{"litestream", "the configuration of Litestream, for a continuous replica", "litestream.yml"},
	{"litestream-unit", "a systemd service for Litestream", "notifer-replica.service"},
	{"grafana", "a Grafana dashboard of the metrics", "grafana.json"},
}

// Placement is what the printed files contain of an installation. Check refuses values that would break them.
type Placement struct {
	Base    string // public URL, which config.CheckBaseURL has accepted; "" when there is none
	Backend string // where Notifer listens, seen from the proxy
	Listen  string // address of the proxy or the socket, "" for the usual one
	Binary  string // path of the program, "" for the running one
	Data    string // the data directory that is replicated
	Replica string // where its replica is kept
	Image   string // name of the container image
	Version string // of the program, such as 1.2.3, 0.0.0+6f7f205 or (devel)
}

// Print is the text of a file, with its names filled in.
func (p *Placement) Print(f File) ([]byte, error) {
	text, err := files.ReadFile("files/" + f.template)
	if err == nil && f.Name != "grafana" {
		text = []byte(p.fill(string(text), f.Name))
	}
	return text, err
}

// Files returns the texts of several files by their paths in the directory.
func (p *Placement) Files(f File) (map[string][]byte, error) {
	dir, err := fs.Sub(files, "files/"+f.template)
	if err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	return all, fs.WalkDir(dir, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(dir, name)
		all[name] = []byte(p.fill(string(text), f.Name))
		return err
	})
}

// fill replaces the names in double braces.
func (p *Placement) fill(text, name string) string {
	base := strings.TrimRight(p.Base, "/")
	if base == "" {
		// Without base_url the server derives its URL from each request; with a made-up one it would refuse the sign-in.
		text = strings.Replace(text, "      NOTIFER_BASE_URL: \"{{url}}\"\n", "", 1)
		base = "https://notifer.example"
	}
	u, _ := url.Parse(base)
	listen := p.Listen
	if listen == "" {
		listen = map[string]string{"nginx": "80", "socket": "8080"}[name]
	}
	site := u.Host
	if u.Scheme == "http" || p.Listen != "" {
		site = "http://" + net.JoinHostPort(u.Hostname(), portOf(p.Listen, u))
	}
	backend := p.Backend
	if socket, ok := strings.CutPrefix(backend, unixPrefix); ok && name == "caddy" {
		backend = "unix/" + socket
	}
	prefix := u.Path
	if prefix == "" {
		prefix = "/"
	}
	repository, tag := p.Image, ""
	if i := strings.LastIndexByte(p.Image, ':'); i > strings.LastIndexByte(p.Image, '/') { // and not the port of the registry
		repository, tag = p.Image[:i], p.Image[i+1:]
	}
	return strings.NewReplacer(
		"{{url}}", base, "{{host}}", u.Hostname(), "{{server}}", serverName(u), "{{domain}}", mailDomain(u), "{{path}}", u.Path, "{{prefix}}", prefix, "{{site}}", site,
		"{{backend}}", backend, "{{listen}}", listen, "{{listen6}}", listen6(listen), "{{port}}", portOf(p.Listen, nil), "{{binary}}", p.program(),
		"{{data}}", p.Data, "{{image}}", p.Image, "{{repository}}", repository, "{{tag}}", tag, "{{version}}", imageTag(p.Version), "{{replica}}", p.Replica, "{{target}}", replicaTarget(p.Replica), "{{access}}", replicaAccess(p.Replica), "{{mount}}", replicaMount(p.Replica),
	).Replace(text)
}

// serverName is the host as a browser sends it.
func serverName(u *url.URL) string {
	if strings.Contains(u.Hostname(), ":") {
		return "[" + u.Hostname() + "]"
	}
	return u.Hostname()
}

// mailDomain is a domain for the first admin, whose email is not at an IP address.
func mailDomain(u *url.URL) string {
	if net.ParseIP(u.Hostname()) != nil {
		return "notifer.example"
	}
	return u.Hostname()
}

// imageTag is a version as the tag of a container image, which Home Assistant makes of an add-on's version.
func imageTag(version string) string {
	tag := strings.Trim(notInTags.ReplaceAllString(strings.TrimPrefix(version, "v"), "-"), "-")
	if tag == "" || tag[0] < '0' || tag[0] > '9' {
		return strings.TrimSuffix("0.0.0-"+tag, "-")
	}
	return tag
}

var notInTags = regexp.MustCompile(`[^0-9A-Za-z_.-]+`)

// listen6 is nginx's line for IPv6 when listen is only a port.
func listen6(listen string) string {
	if _, err := strconv.Atoi(listen); err != nil {
		return ""
	}
	return "    listen [::]:" + listen + ";\n"
}

// portOf is the port of a listening address; without one, that of the public URL, or 8080 without that.
func portOf(listen string, u *url.URL) string {
	if _, port, err := net.SplitHostPort(listen); err == nil {
		return port
	}
	switch {
	case listen != "":
		return listen
	case u == nil:
		return "8080"
	case u.Port() != "":
		return u.Port()
	}
	return "80"
}
