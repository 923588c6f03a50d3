package push

import (
	"cmp"
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"notifer/db"
)

func raw(t *testing.T, text string) []byte {
	t.Helper()
	b, err := b64.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestEncryptVector is the example of RFC 8291 section 5.
func TestEncryptVector(t *testing.T) {
	own, err := ecdh.P256().NewPrivateKey(raw(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := encryptWith(own, raw(t, "DGv6ra1nlYgDCS1FRnbzlw"), []byte("When I grow up, I want to be a watermelon"),
		raw(t, "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"), raw(t, "BTBZMqHH6r4Tts7J_aSIgg"))
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if err != nil || b64.EncodeToString(got) != want {
		t.Errorf("encrypt = %s %v, want %s", b64.EncodeToString(got), err, want)
	}
}

func TestSignature(t *testing.T) {
	s, err := signerOf(raw(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	h, err := s.header("https://push.example", "https://notify.example", now)
	if err != nil {
		t.Fatal(err)
	}
	rest, key, ok := strings.Cut(strings.TrimPrefix(h, "vapid t="), ", k=")
	parts := strings.Split(rest, ".")
	if !ok || len(parts) != 3 || key != b64.EncodeToString(s.public) {
		t.Fatalf("header = %q", h)
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	sig := raw(t, parts[2])
	if len(sig) != 64 || !ecdsa.Verify(&s.key.PublicKey, digest[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		t.Error("the signature does not verify")
	}
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(raw(t, parts[1]), &claims); err != nil || claims.Aud != "https://push.example" || claims.Sub != "https://notify.example" ||
		claims.Exp <= now.Unix() || claims.Exp > now.Add(24*time.Hour).Unix() {
		t.Errorf("claims = %+v %v", claims, err)
	}
}

// TestPayloadFits: any message makes a push that fits, is valid JSON and says something.
func TestPayloadFits(t *testing.T) {
	for _, text := range []string{"short", strings.Repeat("a", 70_000), strings.Repeat("é", 40_000), strings.Repeat("\x01", 65_536), strings.Repeat("<&>\"", 10_000), ""} {
		m := &db.Message{ID: 1 << 40, Title: text, Body: text, Priority: 5, At: time.Now()}
		got := encode(m, strings.Repeat("t", 64), "https://"+strings.Repeat("h", 250)+".example", MaxPayload)
		var p payload
		if err := json.Unmarshal(got, &p); err != nil || len(got) > MaxPayload || p.Notification.Title == "" || !utf8.ValidString(p.Notification.Body) || !p.Notification.Insist {
			t.Errorf("%d bytes make %d: %v", len(text), len(got), err)
		}
	}
}

// TestHosts: a subscription leads nowhere but to a push service.
func TestHosts(t *testing.T) {
	h := newHosts([]string{"push.home.example", "http://127.0.0.1:8099"})
	for _, good := range []string{"https://fcm.googleapis.com/fcm/send/x", "https://updates.push.services.mozilla.com/wpush/v2/x", "https://web.push.apple.com/x",
		"https://wns2-by3p.notify.windows.com/w/?token=x", "https://push.home.example/1", "http://127.0.0.1:8099/x", "https://fcm.googleapis.com:443/x"} {
		if _, _, err := h.check(good); err != nil {
			t.Errorf("check(%q) = %v", good, err)
		}
	}
	for _, bad := range []string{"", "/x", "http://fcm.googleapis.com/x", "https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/", "https://[::1]/", "https://evilfcm.googleapis.com.evil.example/",
		"https://xfcm.googleapis.com/", "https://fcm.googleapis.com@evil.example/", "https://fcm.googleapis.com:8443/", "ftp://fcm.googleapis.com/", "https://169.254.169.254/latest", "https://0/",
		"http://127.0.0.1:8098/x", "http://127.0.0.1:8099@evil.example/", "https://push.home.example.evil/", "https://fcm.googleapis.com/#x", "file:///etc/passwd", "https://2130706433/"} {
		if _, _, err := h.check(bad); err == nil {
			t.Errorf("check(%q) accepts it", bad)
		}
	}
	for _, address := range []string{"127.0.0.1:443", "10.1.2.3:443", "192.168.1.1:443", "172.16.0.1:443", "169.254.169.254:443", "100.64.0.1:443", "0.0.0.0:443", "224.0.0.1:443",
		"255.255.255.255:443", "[::1]:443", "[fe80::1]:443", "[fc00::1]:443", "[::ffff:127.0.0.1]:443", "[64:ff9b::7f00:1]:443", "[2002:7f00:1::]:443", "[::]:443", "[ff02::1]:443"} {
		if onlyPublic("tcp", address, nil) == nil {
			t.Errorf("a push goes to %s", address)
		}
	}
	for _, address := range []string{"142.250.1.1:443", "[2a00:1450:4001::1]:443"} {
		if err := onlyPublic("tcp", address, nil); err != nil {
			t.Errorf("a push does not go to %s: %v", address, err)
		}
	}
}

// TestNamesOfAServiceShareItsBound: a subscription chooses the name below that of the service, and must not get deliveries of its own by it.
func TestNamesOfAServiceShareItsBound(t *testing.T) {
	p := &Pusher{hosts: newHosts([]string{"push.home.example", "http://127.0.0.1:8099"}), gates: map[string]chan struct{}{}, below: map[string]*hostGate{}}
	for i := range 20 {
		for _, endpoint := range []string{"https://x%d.push.apple.com/1", "https://X%d.push.Apple.com.:443/1", "https://a%d.push.home.example/1", "http://127.0.0.1:8099/%d"} {
			if o := p.send(t.Context(), db.Device{Endpoint: fmt.Sprintf(endpoint, i)}, nil, 3, "", nil); errors.Is(o.err, ErrService) { // it has no key
				t.Fatal(endpoint, o.err)
			}
		}
	}
	if len(p.gates) != 3 {
		t.Errorf("%d bounds for 3 services: %v", len(p.gates), slices.Collect(maps.Keys(p.gates)))
	}
}

// TestASilentNameLeavesPlacesToTheOthers of its service: deliveries to it wait for as long as one may take.
func TestASilentNameLeavesPlacesToTheOthers(t *testing.T) {
	p := &Pusher{gates: map[string]chan struct{}{}, below: map[string]*hostGate{}}
	gone, stop := context.WithCancel(t.Context())
	stop()
	var leave []func()
	enter := func(host, service string, most int) {
		t.Helper()
		for range most {
			l, err := p.enter(t.Context(), host, service)
			if err != nil {
				t.Fatal(err)
			}
			leave = append(leave, l)
		}
		if _, err := p.enter(gone, host, service); err == nil {
			t.Errorf("more than %d deliveries to %s at a time", most, host)
		}
	}
	enter("silent.notify.windows.com", "notify.windows.com", 4)
	enter("SILENT.notify.windows.com.", "notify.windows.com", 0)
	enter("wns2.notify.windows.com", "notify.windows.com", 4)
	enter("other.notify.windows.com", "notify.windows.com", 0)
	enter("fcm.googleapis.com", "fcm.googleapis.com", 8)
	for _, l := range leave {
		l()
	}
	if len(p.below) != 0 {
		t.Errorf("%d bounds are kept of host names to which nothing is sent", len(p.below))
	}
}

// TestCutAtCharacters: what a reader sees as one character is kept whole or left out.
func TestCutAtCharacters(t *testing.T) {
	for in, want := range map[string]string{
		"ab👩‍👩‍👧cd": "ab…", "ab🇩🇪🇫🇷🇵🇱": "ab🇩🇪…", "abcdefghijkle\u0301xyz": "abcdefghijkl…", "abcdefghijke\u0301xyz": "abcdefghijk…", "ab👍🏽👍🏽👍🏽": "ab👍🏽…", "abcdefghijklmno": "abcdefghijkl…",
		"ab🏴󠁧󠁢󠁳󠁣󠁴󠁿cd": "ab…", "ab1\ufe0f\u20e3c1\ufe0f\u20e3": "ab1\ufe0f\u20e3c…", "नमस्ते": "नमस्…", "ééééééé": "éééééé…",
	} {
		if got := cut(in, 12); got != want {
			t.Errorf("cut(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestButtons: a notification has the links that a browser can open from it, at most two, and never costs the text.
func TestButtons(t *testing.T) {
	long := "https://nas.example/" + strings.Repeat("x", 600)
	for name, c := range map[string]struct {
		e    db.Extras
		want string
	}{
		"none":      {db.Extras{Key: "k"}, "null"},
		"a link":    {db.Extras{URL: "https://nas.example/a?b=1&c=2", URLTitle: "Open \u202ethe NAS"}, `[{"action":"0","title":"Open the NAS","navigate":"https://nas.example/a?b=1&c=2"}]`},
		"untitled":  {db.Extras{URL: "HTTP://nas.example:81/"}, `[{"action":"0","title":"nas.example:81","navigate":"http://nas.example:81/"}]`},
		"two of":    {db.Extras{URL: "https://a.example/", URLTitle: "A", Actions: []db.Action{{Type: "http", Label: "H", URL: "https://h.example/"}, {Type: "broadcast", Label: "B"}, {Type: "view", Label: "V", URL: "https://v.example/"}, {Type: "view", Label: "W", URL: "https://w.example/"}}}, `[{"action":"0","title":"A","navigate":"https://a.example/"},{"action":"1","title":"V","navigate":"https://v.example/"}]`},
		"other URL": {db.Extras{URL: "tel:110", Actions: []db.Action{{Type: "view", Label: "Mail", URL: "mailto:a@b.example"}, {Type: "view", Label: "JS", URL: "javascript:alert(1)"}, {Type: "view", Label: "File", URL: "file:///etc/passwd"}, {Type: "view", Label: "Here", URL: "/admin"}}}, "null"},
		"too long":  {db.Extras{URL: long}, "null"},
	} {
		m := &db.Message{ID: 1 << 40, Body: "text", Priority: 3, At: time.Now()}
		m.SetExtras(c.e)
		var p struct {
			Notification struct{ Actions json.RawMessage }
		}
		if err := json.Unmarshal(encode(m, "topic", "https://n.example", MaxPayload), &p); err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(cmp.Or(string(p.Notification.Actions), "null"), `\u0026`, "&")
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	m := &db.Message{ID: 1 << 40, Title: strings.Repeat("t", 250), Body: strings.Repeat("é", 5000), Priority: 3, At: time.Now()}
	m.SetExtras(db.Extras{URL: long[:480], URLTitle: strings.Repeat("l", 60), Actions: []db.Action{{Type: "view", Label: "V", URL: long[:480]}}})
	for _, most := range []int{MaxPayload, smallPayload} {
		var p payload
		if got := encode(m, "topic", "https://n.example", most); json.Unmarshal(got, &p) != nil || len(got) > most || len(p.Notification.Title) != 250 || len(p.Notification.Body) < 100 {
			t.Errorf("with buttons it is %d of %d bytes: %s", len(got), most, got)
		}
	}
}

// TestPayloadIsReadAsWritten: a notification does not turn a text around.
func TestPayloadIsReadAsWritten(t *testing.T) {
	m := &db.Message{ID: 1 << 40, Body: "open \u202egnp.exe", Priority: 3, At: time.Now()}
	if got := string(encode(m, "topic", "https://n.example", MaxPayload)); !strings.Contains(got, `"open gnp.exe"`) {
		t.Errorf("encode = %s", got)
	}
}

// TestPayloadOfAnySize: making a push ends, whatever cannot be shortened.
func TestPayloadOfAnySize(t *testing.T) {
	for _, most := range []int{MaxPayload, smallPayload, 100} {
		m := &db.Message{ID: 1 << 40, Title: strings.Repeat("<", 250), Body: strings.Repeat("x", 5000), Priority: 5, At: time.Now()}
		encode(m, "topic", "https://"+strings.Repeat("h", 5000)+".example", most)
	}
}

// TestContact: Apple refuses signatures of a server whose contact has no public name, so another is named where there is one.
func TestContact(t *testing.T) {
	for _, c := range []struct{ set, base, device, want string }{
		{"", "https://notify.example.org", "https://other.example.org", "https://notify.example.org"},
		{"", "https://notify.lan", "https://notify.lan", nobody},
		{"", "https://192.168.1.9:8443", "", nobody},
		{"", "https://nas:8443", "", nobody},
		{"", "", "https://nas.tail1234.ts.net/notifer", "https://nas.tail1234.ts.net/notifer"},
		{"", "http://notify.example.org", "http://notify.example.org", nobody},
		{"ann@example.org", "https://notify.lan", "", "mailto:ann@example.org"},
		{"https://example.org/contact", "https://notify.example.org", "", "https://example.org/contact"},
	} {
		o := Options{Contact: c.set, Base: c.base}
		if got := o.contact(c.device); got != c.want {
			t.Errorf("contact(%+v) = %s, want %s", c, got, c.want)
		}
	}
}
