package contract

import (
	"strings"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth/secrets"
)

// KeyStatus returns the state of an API key at a moment.
func KeyStatus(k *db.Key, now time.Time) api.Status {
	switch {
	case !k.RevokedAt.IsZero():
		return api.Revoked
	case !k.Live(now):
		return api.Expired
	}
	return api.Active
}

// Key is an API key in the form of the contract, without its secret, at a moment.
func Key(k *db.Key, now time.Time) api.Key {
	return api.Key{ID: k.ID, UserID: k.UserID, Name: k.Name, KeyPrefix: secrets.Prefix(k.Hint), Hint: k.Hint,
		Description: k.Description, Scopes: strings.Split(k.Scopes, ","), Topics: k.Topics, Paired: k.Paired, RequestCount: k.RequestCount,
		IsActive: k.RevokedAt.IsZero(), IsValid: k.Live(now), CreatedAt: api.At(k.CreatedAt),
		LastUsed: api.AtPtr(k.LastUsedAt), ExpiresAt: api.AtPtr(k.ExpiresAt)}
}
