package auth

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"net/netip"
	"strings"

	"notifer/server/auth/secrets"
)

// Caller is where a try with a password comes from.
type Caller struct {
	Address netip.Addr
	Waited  bool   // for its turn among the tries of its address
	Device  string // the account that has signed in from this browser before, by DeviceAccount; empty: unknown
}

type callerKey struct{}

// WithCaller gives VerifyPassword the origin of an attempt.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// DeviceSecret makes the text of a cookie that says which account has signed in from a browser. It opens nothing: it lets its
// bearer try passwords of that account while strangers slow all others down.
func (a *Auth) DeviceSecret(user string) string {
	body := user + "." + secrets.New()[:16]
	return body + "." + a.deviceMAC(body)
}

// DeviceAccount is the account that a device cookie names, empty when it is not one of ours.
func (a *Auth) DeviceAccount(text string) string {
	i := strings.LastIndexByte(text, '.')
	if i < 0 || !hmac.Equal([]byte(text[i+1:]), []byte(a.deviceMAC(text[:i]))) {
		return ""
	}
	user, _, _ := strings.Cut(text, ".")
	return user
}

func (a *Auth) deviceMAC(body string) string {
	return base64.RawURLEncoding.EncodeToString(a.mac("device " + body))
}
