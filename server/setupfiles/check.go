package setupfiles

import (
	"fmt"
	"net"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Fault is a value that would break a printed file: the flag that sets it, and an example of one that works.
type Fault struct {
	Flag, Example string
	Err           error
}

// Check returns the first value of p that f cannot hold, nil when there is none. The URL is checked by config.CheckBaseURL.
func (p *Placement) Check(f File) *Fault {
	for _, c := range []Fault{
		{"--binary", "/usr/local/bin/notifer", p.checkProgram(f)},
		{"--backend", "127.0.0.1:8080", p.checkBackend(f)},
		{"--listen", "8080", p.checkListen(f)},
		{"--replica", "/mnt/backup/notifer", checkReplica(p.Replica)},
		{"--data", "/var/lib/notifer", checkPath(p.Data)},
		{"--image", "registry.example/notifer:1.2", checkImage(p.Image)},
	} {
		if c.Err != nil {
			return &c
		}
	}
	return nil
}

// checkPath refuses a path that means something else in a unit, a shell script or YAML: units know quotes, escapes with a backslash and
// names that begin with %, and a shell knows more.
func checkPath(text string) error {
	if !path.IsAbs(text) {
		return fmt.Errorf("%q is not an absolute path", text)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return !plainInPath(r) }); i >= 0 {
		return fmt.Errorf("%q contains %q: in these files, paths consist of letters, digits and /._-+@:,=~ only", text, []rune(text[i:])[0])
	}
	if clean := path.Clean(text); clean != text {
		return fmt.Errorf("write %q as %s", text, clean)
	}
	return nil
}

func plainInPath(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-+@:,=~", r)
}

// hidden is what the unit keeps from the service with ProtectHome= and PrivateTmp=.
var hidden = []string{"/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/"}

// checkProgram checks the path of the program where the file starts it.
func (p *Placement) checkProgram(f File) error {
	program := p.program()
	switch f.Name {
	case "systemd":
		for _, dir := range hidden {
			if strings.HasPrefix(program, dir) {
				return fmt.Errorf("the service cannot see %s, because the unit hides %s: copy the program to /usr/local/bin", program, strings.TrimSuffix(dir, "/"))
			}
		}
	case "openrc":
	default:
		return nil
	}
	return checkPath(program)
}

// program is the path of the running program, or where the package puts it. A relative path is meant from here.
func (p *Placement) program() string {
	if p.Binary != "" {
		if made, err := filepath.Abs(p.Binary); err == nil {
			return made
		}
		return p.Binary
	}
	path, err := os.Executable()
	if err != nil || strings.HasSuffix(path, ".test") {
		return "/usr/bin/notifer"
	}
	return path
}

// checkBackend accepts host:port, and for the proxies that can reach one a Unix socket.
func (p *Placement) checkBackend(f File) error {
	socket, ok := strings.CutPrefix(p.Backend, unixPrefix)
	if ok && (f.Name == "nginx" || f.Name == "caddy") {
		return checkPath(socket)
	}
	return checkAddress(p.Backend)
}

const unixPrefix = "unix:"

var hostNames = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// checkAddress refuses what is not host:port.
func checkAddress(text string) error {
	host, port, err := net.SplitHostPort(text)
	if err != nil || net.ParseIP(host) == nil && !hostNames.MatchString(host) || checkPort(port) != nil {
		return fmt.Errorf("%q is not an address: write host:port", text)
	}
	return nil
}

func checkPort(text string) error {
	if n, err := strconv.ParseUint(text, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("%q is not a port", text)
	}
	return nil
}

// checkListen accepts a port and host:port, for a systemd socket a path too.
func (p *Placement) checkListen(f File) error {
	_, port, _ := net.SplitHostPort(p.Listen)
	switch {
	case p.Listen == "" || checkPort(p.Listen) == nil:
		return nil
	case f.Name == "socket" && path.IsAbs(p.Listen):
		return checkPath(p.Listen)
	case p.Listen == ":"+port && f.Name != "nginx" && f.Name != "socket":
		return checkPort(port)
	}
	if checkAddress(p.Listen) != nil {
		return fmt.Errorf("%q is neither a port nor host:port", p.Listen)
	}
	return nil
}

// images is a reference to an image: host and port of a registry, path, tag and digest.
var images = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?(:[0-9]+/[a-z0-9])?([a-z0-9._/-]*[a-z0-9])?(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?(@sha256:[0-9a-f]{64})?$`)

func checkImage(text string) error {
	if !images.MatchString(text) {
		return fmt.Errorf("%q is not the name of an image", text)
	}
	return nil
}
