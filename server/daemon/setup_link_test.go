package daemon

import (
	"net"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"notifer/server/config"
)

func TestSetupLinks(t *testing.T) {
	for _, row := range []struct {
		name, listen, want string
		set                func(*config.Config)
	}{
		{"plain", "127.0.0.1:8080", "http://127.0.0.1:8080/setup?code=x", func(*config.Config) {}},
		{"everywhere", "[::]:8080", "http://localhost:8080/setup?code=x", func(*config.Config) {}},
		{"files", "127.0.0.1:8443", "https://127.0.0.1:8443/setup?code=x", func(c *config.Config) { c.TLS = config.TLS{Cert: "a", Key: "b"} }},
		{"authority", "[::]:443", "https://home.example/setup?code=x", func(c *config.Config) { c.ACME.Domains = config.List{"home.example"} }},
		{"public", "[::]:8080", "https://home.example/notify/setup?code=x", func(c *config.Config) { c.BaseURL = "https://home.example/notify/" }},
	} {
		c := config.Default()
		row.set(c)
		links := SetupLinks(c, row.listen, "x")
		if links[0] != row.want {
			t.Errorf("%s: %s, want %s", row.name, links[0], row.want)
		}
		if want := len(lanAddresses(os.DirFS("/"))) > 0 && row.name == "everywhere"; want != (len(links) > 1) {
			t.Errorf("%s: %v with addresses %v", row.name, links, lanAddresses(os.DirFS("/")))
		}
		for _, l := range links[1:] {
			if strings.Contains(l, "127.0.0.1") || !strings.HasSuffix(l, ":8080/setup?code=x") {
				t.Errorf("a link for other machines: %s", l)
			}
		}
	}
}

// TestBehindBridge: the address of a container on a bridge is known only on its machine, that of one in the network itself is not.
func TestBehindBridge(t *testing.T) {
	card := net.Interface{Index: 7, Name: "eth0"}
	link := func(sign, peer, kind string) fstest.MapFS {
		return fstest.MapFS{sign: {}, "sys/class/net/eth0/iflink": {Data: []byte(peer + "\n")}, "sys/class/net/eth0/uevent": {Data: []byte(kind + "INTERFACE=eth0\n")}}
	}
	for name, row := range map[string]struct {
		root fstest.MapFS
		want bool
	}{
		"Docker": {link(".dockerenv", "8", ""), true}, "Podman": {link("run/.containerenv", "8", ""), true}, "a macvlan": {link(".dockerenv", "2", "DEVTYPE=macvlan\n"), false},
		"the network of the machine": {link(".dockerenv", "7", ""), false}, "LXC": {link("etc/hostname", "8", ""), false}, "no /sys": {fstest.MapFS{".dockerenv": {}}, false},
	} {
		if got := behindBridge(row.root, card); got != row.want {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}

func TestUnencrypted(t *testing.T) {
	for _, row := range []struct {
		listen, base string
		tls, want    bool
	}{
		{"127.0.0.1", "", false, false}, {"0.0.0.0", "", false, true}, {"192.0.2.1", "http://home.example", false, true},
		{"0.0.0.0", "https://home.example", false, false}, {"0.0.0.0", "", true, false},
	} {
		c := config.Default()
		c.BaseURL = row.base
		if row.tls {
			c.TLS.Cert = "x"
		}
		if got := unencrypted(c, &net.TCPAddr{IP: net.ParseIP(row.listen)}); got != row.want {
			t.Errorf("%+v: %v", row, got)
		}
	}
}
