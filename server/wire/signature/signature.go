// Package signature checks the signatures of webhooks: those of GitHub and of what does as it does, of Grafana, and of Standard
// Webhooks. It knows the headers and the body of a request; what is refused is a refusal of the token.
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
)

// Tolerance is how far the time of a signed request may be from ours. It is half of the time for which the request is remembered, so
// that one from the future is still known when its own time comes to its end.
const Tolerance = db.IdempotencyWindow / 2

// Headers of signatures that are a digest of the body in hexadecimal: those of GitHub (and of most that do as GitHub does), Gitea,
// Forgejo, Gogs and Grafana.
var signatureHeaders = [...]string{"X-Hub-Signature-256", "X-Gitea-Signature", "X-Forgejo-Signature", "X-Gogs-Signature", grafanaSignature}

// Headers of Grafana. The name of the second is chosen by its user; /docs/webhooks names this one.
const (
	grafanaSignature = "X-Grafana-Alerting-Signature"
	grafanaTime      = "X-Grafana-Alerting-Timestamp"
)

// retryWithin is how long after a delivery its sender may send it once more, since the answer was lost or came too late.
const retryWithin = time.Minute

// Delivery is a signed request.
type Delivery struct {
	Once string    // identifies it: what has come before has the same; empty for a request that needs no signature
	Sent time.Time // the time that is signed with it; zero for none
}

// Retried reports whether a delivery that came before, at first, is sent once more by its sender: soon after the first time, or signed
// with a time of its own just now. A replay by a person who has recorded it is neither.
func (d Delivery) Retried(first, now time.Time) bool {
	return now.Sub(first).Abs() < retryWithin || !d.Sent.IsZero() && now.Sub(d.Sent).Abs() < retryWithin
}

// Check demands that the body is signed with the token's signing secret, where it has one: as GitHub, Gitea and Grafana do,
// or as Standard Webhooks does.
func Check(t *db.Token, h http.Header, body []byte, now time.Time) (Delivery, error) {
	for _, head := range [...]string{"Webhook-", "Svix-"} { // the second is the older name
		if signatures := h.Get(head + "Signature"); signatures != "" {
			return checkStandard(t, now, h.Get(head+"Id"), h.Get(head+"Timestamp"), signatures, body)
		}
	}
	for _, name := range signatureHeaders {
		given := h.Get(name)
		if prefix := "sha256="; len(given) >= len(prefix) && strings.EqualFold(given[:len(prefix)], prefix) {
			given = given[len(prefix):]
		}
		if given == "" {
			continue
		}
		before, sent := "", time.Time{}
		if stamp := h.Get(grafanaTime); name == grafanaSignature && stamp != "" {
			var err error
			if sent, err = checkTime(t, now, grafanaTime, stamp); err != nil {
				return Delivery{}, err
			}
			before = stamp + ":"
		} else if beginsWithTime.Match(body) {
			return Delivery{}, Refused(t, wrongSignature) // an old request of Grafana, its time moved into the body
		}
		sum, err := hex.DecodeString(given)
		if err != nil || !hmac.Equal(sum, sign([]byte(t.SigningSecret), []byte(before), body)) && !hmac.Equal(sum, sign([]byte(t.SigningSecret), formPayload(h, body))) {
			return Delivery{}, Refused(t, wrongSignature)
		}
		return Delivery{"signed " + hex.EncodeToString(sum), sent}, nil // not as it was sent: that text has several spellings
	}
	if h.Get("X-Hub-Signature") != "" {
		return Delivery{}, Refused(t, "X-Hub-Signature alone is SHA-1: the token demands X-Hub-Signature-256")
	}
	return Delivery{}, Refused(t, "the request is not signed, and its token demands a signature: X-Hub-Signature-256, or webhook-id, webhook-timestamp and webhook-signature")
}

var beginsWithTime = regexp.MustCompile(`^\d+:`)

// formPayload is the field payload of a form, of which Gitea, Forgejo and Gogs sign the text; of another body it is all.
func formPayload(h http.Header, body []byte) []byte {
	if strings.HasPrefix(h.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if values, err := url.ParseQuery(string(body)); err == nil && len(values) == 1 && values.Get("payload") != "" {
			return []byte(values.Get("payload"))
		}
	}
	return body
}

const wrongSignature = "the signature is wrong: the signing secret of the token and that of the sender differ"

// checkTime demands that a signed time is not far from ours.
func checkTime(t *db.Token, now time.Time, name, stamp string) (time.Time, error) {
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return time.Time{}, Refused(t, name+" must be seconds since 1970")
	}
	sent := time.Unix(seconds, 0)
	if off := now.Sub(sent); off > Tolerance || off < -Tolerance {
		return time.Time{}, Refused(t, name+" is more than 5 minutes from the time here: an old request, or a clock that is wrong")
	}
	return sent, nil
}

// checkStandard is the check of https://www.standardwebhooks.com.
func checkStandard(t *db.Token, now time.Time, id, stamp, signatures string, body []byte) (Delivery, error) {
	if id == "" {
		return Delivery{}, Refused(t, "webhook-id is missing")
	}
	sent, err := checkTime(t, now, "webhook-timestamp", stamp)
	if err != nil {
		return Delivery{}, err
	}
	for _, key := range manage.SigningKeys(t.SigningSecret) {
		want := sign(key, []byte(id+"."+stamp+"."), body)
		for one := range strings.FieldsSeq(signatures) {
			text, isFirst := strings.CutPrefix(one, "v1,")
			sum, err := base64.StdEncoding.DecodeString(text)
			if isFirst && err == nil && hmac.Equal(sum, want) {
				digest := sha256.Sum256([]byte(id))
				return Delivery{"signed " + hex.EncodeToString(digest[:]), sent}, nil
			}
		}
	}
	return Delivery{}, Refused(t, wrongSignature)
}

func sign(key []byte, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, key)
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// Refused is the refusal of a request for what is wrong with its signature.
func Refused(t *db.Token, detail string) error {
	return &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.BadSignature, Detail: detail, TokenID: t.ID, SecretHint: t.Hint}
}

// Replayed is the refusal of a signed request that has come before and is no retry.
func Replayed(t *db.Token) error {
	return Refused(t, "this signed request was received before: each is accepted only once")
}
