package signature_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"testing"
	"testing/quick"
	"time"

	"notifer/db"
	"notifer/server/wire/signature"
)

var noon = time.Unix(1_800_000_000, 0)

func sum(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func TestCheck(t *testing.T) {
	const github, body = "It's a Secret to Everybody", "Hello, World!"
	// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
	const documented = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	const whsec = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	key, err := base64.StdEncoding.DecodeString(whsec[len("whsec_"):])
	if err != nil {
		t.Fatal(err)
	}
	stamp := strconv.FormatInt(noon.Unix(), 10)
	standard := func(id, stamp, text string) string {
		return "v1," + base64.StdEncoding.EncodeToString(sum(key, id+"."+stamp+"."+text))
	}
	grafana := hex.EncodeToString(sum([]byte(github), stamp+":"+body))
	for name, row := range map[string]struct {
		secret, body string
		h            http.Header
		signed       bool
		timed        bool
	}{
		"GitHub's example":          {github, body, headers("X-Hub-Signature-256", "sha256="+documented), true, false},
		"without its prefix":        {github, body, headers("X-Gitea-Signature", documented), true, false},
		"another body":              {github, body + " ", headers("X-Hub-Signature-256", "sha256="+documented), false, false},
		"another secret":            {github + "!", body, headers("X-Hub-Signature-256", "sha256="+documented), false, false},
		"cut":                       {github, body, headers("X-Hub-Signature-256", "sha256="+documented[:62]), false, false},
		"empty":                     {github, body, headers("X-Hub-Signature-256", "sha256="), false, false},
		"SHA-1 alone":               {github, body, headers("X-Hub-Signature", "sha1=0123456789012345678901234567890123456789"), false, false},
		"none":                      {github, body, headers(), false, false},
		"Grafana":                   {github, body, headers("X-Grafana-Alerting-Signature", grafana, "X-Grafana-Alerting-Timestamp", stamp), true, true},
		"Grafana's time taken away": {github, body, headers("X-Grafana-Alerting-Signature", grafana), false, false},
		"Grafana's time moved":      {github, stamp + ":" + body, headers("X-Grafana-Alerting-Signature", grafana), false, false},
		"Standard Webhooks":         {whsec, body, headers("Webhook-Id", "m", "Webhook-Timestamp", stamp, "Webhook-Signature", standard("m", stamp, body)), true, true},
		"Svix":                      {whsec, body, headers("Svix-Id", "m", "Svix-Timestamp", stamp, "Svix-Signature", standard("m", stamp, body)), true, true},
		"one of several":            {whsec, body, headers("Webhook-Id", "m", "Webhook-Timestamp", stamp, "Webhook-Signature", "v1a,x v1,bm8= "+standard("m", stamp, body)), true, true},
		"another id":                {whsec, body, headers("Webhook-Id", "n", "Webhook-Timestamp", stamp, "Webhook-Signature", standard("m", stamp, body)), false, false},
		"another time":              {whsec, body, headers("Webhook-Id", "m", "Webhook-Timestamp", stamp+"0", "Webhook-Signature", standard("m", stamp, body)), false, false},
		"no id":                     {whsec, body, headers("Webhook-Timestamp", stamp, "Webhook-Signature", standard("", stamp, body)), false, false},
	} {
		got, err := signature.Check(&db.Token{SigningSecret: row.secret}, row.h, []byte(row.body), noon)
		if (err == nil) != row.signed || (got.Once != "") != row.signed || got.Sent.IsZero() == row.timed {
			t.Errorf("%s: Check = %+v, %v, want signed %v, with a time %v", name, got, err, row.signed, row.timed)
		}
	}
	h := headers("Webhook-Id", "m", "Webhook-Timestamp", stamp, "Webhook-Signature", standard("m", stamp, body))
	for off, want := range map[time.Duration]bool{0: true, 5 * time.Minute: true, -5 * time.Minute: true, 301 * time.Second: false, -301 * time.Second: false} {
		if _, err := signature.Check(&db.Token{SigningSecret: whsec}, h, []byte(body), noon.Add(off)); (err == nil) != want {
			t.Errorf("%v later: %v, want signed %v", off, err, want)
		}
	}
}

// Whatever a body holds, its signature is taken, and that of no other body or secret is; only Grafana's time must not stand before it.
func TestCheckAnyBody(t *testing.T) {
	check := func(secret, body []byte, flip uint16) bool {
		if len(body) == 0 || body[0] >= '0' && body[0] <= '9' {
			return true
		}
		token := &db.Token{SigningSecret: "secret " + string(secret)}
		h := headers("X-Hub-Signature-256", hex.EncodeToString(sum([]byte(token.SigningSecret), string(body))))
		if _, err := signature.Check(token, h, body, noon); err != nil {
			return false
		}
		other := append([]byte{}, body...)
		other[int(flip)%len(other)] ^= 1
		_, byOther := signature.Check(token, h, other, noon)
		_, bySecret := signature.Check(&db.Token{SigningSecret: token.SigningSecret + "x"}, h, body, noon)
		return byOther != nil && bySecret != nil
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 500}); err != nil {
		t.Error(err)
	}
}

func TestRetried(t *testing.T) {
	for name, row := range map[string]struct {
		sent, first time.Duration // before now
		want        bool
	}{
		"just now":                   {-1, 10 * time.Second, true},
		"kept for two minutes":       {-1, 2 * time.Minute, false},
		"signed anew":                {time.Second, 5 * time.Minute, true},
		"signed once, kept":          {5 * time.Minute, 5 * time.Minute, false},
		"by a clock that is behind":  {3 * time.Minute, 10 * time.Second, true},
		"a step of the clock behind": {-1, -2 * time.Minute, false},
	} {
		d := signature.Delivery{Once: "x"}
		if row.sent >= 0 {
			d.Sent = noon.Add(-row.sent)
		}
		if got := d.Retried(noon.Add(-row.first), noon); got != row.want {
			t.Errorf("%s: Retried = %v, want %v", name, got, row.want)
		}
	}
}
