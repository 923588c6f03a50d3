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
	key     *ecdsa.PrivateKey
	public  []byte
	contact string
}

func newSigner(ctx context.Context, d *db.DB, contact string) (*signer, error) {
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
	return signerOf(raw, contact)
}

func signerOf(raw []byte, contact string) (*signer, error) {
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, fmt.Errorf("key of web push: %w", err)
	}
	public, err := k.PublicKey.Bytes()
	return &signer{key: k, public: public, contact: contact}, err
}

var b64 = base64.RawURLEncoding

// header is the value of Authorization for a push service.
func (s *signer) header(audience string, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{"aud": audience, "exp": now.Add(tokenTTL).Unix(), "sub": s.contact})
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

// pair is a signature as JWTs write it: both numbers at full length.
func pair(r, s *big.Int) []byte {
	out := make([]byte, 64)
	r.FillBytes(out[:32])
	s.FillBytes(out[32:])
	return out
}
