package push

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"notifer/db"
)

// keySetting is where the server's key pair is kept. It is made on first use; with another one every device would have to
// subscribe again.
const keySetting = "push_key"

// tokenTTL is how long one signed token serves: RFC 8292 allows a day.
const tokenTTL = 12 * time.Hour

// signer signs for the server, RFC 8292: a push service hands on only what the device's subscription was made for.
type signer struct {
	key    *ecdsa.PrivateKey
	public []byte

	mu   sync.Mutex
	made map[[2]string]signed // by audience and contact
}

// signed is a header that serves for a while: a signature for each push would be a quarter of its cost.
type signed struct {
	text  string
	until time.Time
}

func newSigner(ctx context.Context, d *db.DB) (*signer, error) {
	raw, err := d.SettingOr(ctx, keySetting, func() []byte {
		k, err := ecdh.P256().GenerateKey(rand.Reader)
		if err != nil {
			panic(err) // no randomness
		}
		return k.Bytes()
	})
	if err != nil {
		return nil, err
	}
	return signerOf(raw)
}

func signerOf(raw []byte) (*signer, error) {
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, fmt.Errorf("key of web push: %w", err)
	}
	public, err := k.PublicKey.Bytes()
	return &signer{key: k, public: public}, err
}

var b64 = base64.RawURLEncoding

// header returns the value of Authorization for a push service. It is signed again every hour.
func (s *signer) header(audience, contact string, now time.Time) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := [2]string{audience, contact}
	if have := s.made[id]; now.Before(have.until) && now.After(have.until.Add(-2*time.Hour)) {
		return have.text, nil
	}
	text, err := s.sign(audience, contact, now)
	if err == nil {
		if s.made == nil || len(s.made) > 100 {
			s.made = map[[2]string]signed{}
		}
		s.made[id] = signed{text, now.Add(time.Hour)}
	}
	return text, err
}

func (s *signer) sign(audience, contact string, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{"aud": audience, "exp": now.Add(tokenTTL).Unix(), "sub": contact})
	if err != nil {
		return "", err
	}
	text := b64.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + b64.EncodeToString(claims)
	digest := sha256.Sum256([]byte(text))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		return "", err
	}
	return "vapid t=" + text + "." + b64.EncodeToString(pair(r, v)) + ", k=" + b64.EncodeToString(s.public), nil
}

// contact returns whom a push service may write to about what a device is sent. Apple refuses signatures whose contact has no public
// name, so the first that has one is taken: the configured one, the URL of the site, or its URL as the device knows it.
func (o Options) contact(device string) string {
	switch {
	case strings.Contains(o.Contact, "@") && !strings.Contains(o.Contact, ":"):
		return "mailto:" + o.Contact
	case o.Contact != "":
		return o.Contact
	case publicURL(o.Base):
		return o.Base
	case o.Base == "" && publicURL(device):
		return device
	}
	return nobody
}

// nobody is the contact of a server without one.
const nobody = "mailto:admin@localhost.localdomain"

// inside are the endings of names that exist in no public network.
var inside = []string{"local", "lan", "home", "internal", "localdomain", "localhost", "corp", "private", "intranet", "arpa", "test", "example", "invalid"}

// publicURL reports whether a URL has https and a name that may be known everywhere.
func publicURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" {
		return false
	}
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	at := strings.LastIndexByte(name, '.')
	_, err = netip.ParseAddr(name)
	return at > 0 && err != nil && !slices.Contains(inside, name[at+1:])
}

// pair is a signature as JWTs write it: both numbers at full length.
func pair(r, s *big.Int) []byte {
	out := make([]byte, 64)
	r.FillBytes(out[:32])
	s.FillBytes(out[32:])
	return out
}
