package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// recordSize is that of the one record of a push message, which fits whole into what every push service takes (RFC 8291
// section 4): 86 bytes of header, 16 of the seal and one that ends the text leave 3,993 bytes.
const (
	recordSize = 4096
	// MaxPayload is how many bytes of text one push carries: what fits into a record that every push service takes.
	MaxPayload = recordSize - 86 - 16 - 1
	// smallPayload is what a push service is offered that takes less than it must.
	smallPayload = 1000
)

// encrypt seals a text for a device, RFC 8291: by its public key and its secret, with a key pair and a salt of this message.
func encrypt(text, p256dh, secret []byte) ([]byte, error) {
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	return encryptWith(own, salt, text, p256dh, secret)
}

func encryptWith(own *ecdh.PrivateKey, salt, text, p256dh, secret []byte) ([]byte, error) {
	if len(text) > MaxPayload {
		return nil, fmt.Errorf("push of %d bytes is longer than %d", len(text), MaxPayload)
	}
	theirs, err := ecdh.P256().NewPublicKey(p256dh)
	if err != nil {
		return nil, fmt.Errorf("key of the device: %w", err)
	}
	shared, err := own.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(p256dh) + string(own.PublicKey().Bytes())
	material, err := hkdf.Key(sha256.New, shared, secret, info, 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	out := binary.BigEndian.AppendUint32(append([]byte(nil), salt...), recordSize)
	public := own.PublicKey().Bytes()
	out = append(append(out, byte(len(public))), public...)
	return gcm.Seal(out, nonce, append(append([]byte(nil), text...), 2), nil), nil // 2 ends the last record, RFC 8188
}
