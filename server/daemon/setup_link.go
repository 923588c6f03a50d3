package daemon

import (
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"notifer/server"
	"notifer/server/config"
)

// mostLinks is how many addresses of this machine the setup links name.
const mostLinks = 4

// SetupLinks are where the first admin is made: under the public URL, else where the server listens, as a browser on this
// machine reaches it and then as other machines of the network do.
func SetupLinks(c *config.Config, listen, code string) []string {
	var links []string
	for _, base := range setupBases(c, listen) {
		links = append(links, base+server.SetupPath+"?code="+code)
	}
	return links
}

func setupBases(c *config.Config, listen string) []string {
	scheme := "http://"
	if c.Secure() {
		scheme = "https://"
	}
	if c.BaseURL != "" {
		return []string{strings.TrimSuffix(c.BaseURL, "/")}
	}
	if len(c.ACME.Domains) > 0 {
		return []string{scheme + c.ACME.Domains[0]}
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return []string{scheme + "localhost:8080"}
	}
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		return []string{scheme + net.JoinHostPort(host, port)}
	}
	bases := []string{scheme + net.JoinHostPort("localhost", port)}
	for _, a := range lanAddresses(os.DirFS("/")) {
		bases = append(bases, scheme+net.JoinHostPort(a.String(), port))
	}
	return bases[:min(len(bases), mostLinks)]
}

// lanAddresses are those by which other machines reach this one, without bridges of containers.
func lanAddresses(root fs.FS) []netip.Addr {
	cards, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var list []netip.Addr
	for _, card := range cards {
		bridge := strings.HasPrefix(card.Name, "docker") || strings.HasPrefix(card.Name, "br-") || strings.HasPrefix(card.Name, "veth")
		if card.Flags&net.FlagUp == 0 || card.Flags&net.FlagLoopback != 0 || bridge || behindBridge(root, card) {
			continue
		}
		addresses, _ := card.Addrs()
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() && !p.Addr().IsLinkLocalUnicast() {
				list = append(list, p.Addr())
			}
		}
	}
	return list
}

// behindBridge reports whether this is a container and the card is connected to a bridge of its machine: other machines reach only the
// ports that this machine publishes.
func behindBridge(root fs.FS, card net.Interface) bool {
	if !inContainer(root) {
		return false
	}
	peer, err := fs.ReadFile(root, "sys/class/net/"+card.Name+"/iflink")
	kind, _ := fs.ReadFile(root, "sys/class/net/"+card.Name+"/uevent")
	return err == nil && strings.TrimSpace(string(peer)) != strconv.Itoa(card.Index) && !strings.Contains(string(kind), "DEVTYPE=") // not a macvlan
}

// inContainer reports whether this is a container of Docker or Podman.
func inContainer(root fs.FS) bool {
	for _, sign := range []string{".dockerenv", "run/.containerenv"} {
		if _, err := fs.Stat(root, sign); err == nil {
			return true
		}
	}
	return false
}
