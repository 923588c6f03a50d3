package proxies_test

import (
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/quick"

	"notifer/server/request/proxies"
)

func trust(t *testing.T, networks ...string) proxies.Trusted {
	t.Helper()
	var out proxies.Trusted
	for _, n := range networks {
		p, err := netip.ParsePrefix(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func TestClient(t *testing.T) {
	local := []string{"127.0.0.0/8", "10.0.0.0/24", "fd00::/64"}
	for name, row := range map[string]struct {
		networks []string
		peer     string
		hops     []string // values of X-Forwarded-For
		want     string
		sent     bool
	}{
		"no proxy is trusted":           {nil, "127.0.0.1:9", []string{"203.0.113.7"}, "127.0.0.1", false},
		"a peer that is no proxy":       {local, "203.0.113.9:9", []string{"1.2.3.4"}, "203.0.113.9", false},
		"behind one":                    {local, "127.0.0.1:9", []string{"203.0.113.7"}, "203.0.113.7", true},
		"behind two":                    {local, "127.0.0.1:9", []string{"203.0.113.7, 10.0.0.2"}, "203.0.113.7", true},
		"in two headers":                {local, "127.0.0.1:9", []string{"203.0.113.7", "10.0.0.2"}, "203.0.113.7", true},
		"what the client wrote":         {local, "127.0.0.1:9", []string{"1.2.3.4, 203.0.113.7, 10.0.0.2"}, "203.0.113.7", true},
		"a proxy's address made up":     {local, "127.0.0.1:9", []string{"10.0.0.9, 203.0.113.7"}, "203.0.113.7", true},
		"all are proxies":               {local, "127.0.0.1:9", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3", true},
		"a proxy that adds nothing":     {local, "127.0.0.1:9", nil, "127.0.0.1", true},
		"an empty header":               {local, "127.0.0.1:9", []string{""}, "127.0.0.1", true},
		"what is no address":            {local, "127.0.0.1:9", []string{"unknown"}, "127.0.0.1", true},
		"no address before the last":    {local, "127.0.0.1:9", []string{"203.0.113.7, unknown, 10.0.0.2"}, "10.0.0.2", true},
		"with a port":                   {local, "127.0.0.1:9", []string{"203.0.113.7:55012"}, "203.0.113.7", true},
		"IPv6":                          {local, "[fd00::1]:9", []string{"2001:db8::7"}, "2001:db8::7", true},
		"IPv6 with a port":              {local, "[fd00::1]:9", []string{"[2001:db8::7]:443"}, "2001:db8::7", true},
		"IPv6 in brackets is no hop":    {local, "[fd00::1]:9", []string{"[2001:db8::7]"}, "fd00::1", true},
		"IPv4 in IPv6":                  {local, "[::ffff:127.0.0.1]:9", []string{"::ffff:203.0.113.7"}, "203.0.113.7", true},
		"a proxy in IPv6":               {local, "127.0.0.1:9", []string{"203.0.113.7, ::ffff:10.0.0.2"}, "203.0.113.7", true},
		"a zone is this machine's name": {local, "[fe80::1%eth0]:9", nil, "fe80::1", false},
		"a hop with a zone":             {local, "127.0.0.1:9", []string{"fe80::7%evil"}, "fe80::7", true},
		"a unix socket":                 {local, "@", []string{"203.0.113.7"}, "203.0.113.7", true},
		"a unix socket that is alone":   {nil, "@", []string{"203.0.113.7"}, "invalid IP", false},
		"leading zeros are ambiguous":   {local, "127.0.0.1:9", []string{"203.0.113.07"}, "127.0.0.1", true},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = row.peer
		for _, v := range row.hops {
			r.Header.Add("X-Forwarded-For", v)
		}
		trusted := trust(t, row.networks...)
		if got := trusted.Client(r).String(); got != row.want {
			t.Errorf("%s: Client = %s, want %s", name, got, row.want)
		}
		if got := trusted.Sent(r); got != row.sent {
			t.Errorf("%s: Sent = %v, want %v", name, got, row.sent)
		}
	}
}

// Whatever a client writes before it, the address that the outermost trusted proxy adds is the one that counts.
func TestClientWritesInVain(t *testing.T) {
	trusted := trust(t, "127.0.0.0/8", "10.0.0.0/24")
	check := func(written []string, hop [4]byte, inner uint8) bool {
		real := netip.AddrFrom4(hop)
		if real.IsLoopback() || hop[0] == 10 {
			return true
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "127.0.0.1:9"
		for i := range written {
			written[i] = strings.NewReplacer("\r", "", "\n", "").Replace(written[i])
		}
		line := append(written, real.String())
		for range inner % 4 {
			line = append(line, "10.0.0.7")
		}
		r.Header.Set("X-Forwarded-For", strings.Join(line, ", "))
		return trusted.Client(r) == real
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}
