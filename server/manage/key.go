package manage

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
)

const maxKeyDescription = 500 // characters

// KeyValues are what is said about a new API key.
type KeyValues struct {
	Name        string
	Description string
	Scopes      []string  // nil: all
	Expires     time.Time // the zero time is never
}

// NewKey is an API key of these values for the actor, without a secret, and what is wrong with it. A key never hands out
// scopes that it lacks itself.
func (m *Manager) NewKey(a Actor, v KeyValues) (db.Key, error) {
	k := db.Key{UserID: a.User.ID, Description: CleanLine(v.Description), ExpiresAt: v.Expires}
	var p Problems
	name, err := CheckName(v.Name)
	p.add(err)
	k.Name = name
	if utf8.RuneCountInString(k.Description) > maxKeyDescription {
		p.add(invalid("description", "description must have at most %d characters", maxKeyDescription))
	}
	k.Scopes, err = checkScopes(a, v.Scopes)
	p.add(err)
	p.add(m.checkExpiry(v.Expires))
	return k, p.or()
}

func checkScopes(a Actor, list []string) (string, error) {
	if list == nil {
		list = []string{auth.ScopeAll}
	}
	if len(list) == 0 {
		return "", invalid("scopes", "scopes must hold some of %s: leave it out for all", strings.Join(auth.Scopes, ", "))
	}
	for _, scope := range list {
		if !slices.Contains(auth.Scopes, scope) {
			return "", invalid("scopes", "scopes may hold %s", strings.Join(auth.Scopes, ", "))
		}
	}
	if scope := a.lacks(list...); scope != "" {
		return "", forbidden("an API key cannot give the scope %s, which it lacks", scope)
	}
	list = slices.Sorted(slices.Values(list))
	return strings.Join(slices.Compact(list), ","), nil
}

// CreateKey makes an API key for the actor and returns its secret, which is kept nowhere.
func (m *Manager) CreateKey(ctx context.Context, a Actor, v KeyValues) (db.Key, string, error) {
	k, err := m.NewKey(a, v)
	if err != nil {
		return k, "", err
	}
	secret, err := m.auth.IssueKey(ctx, &k)
	return k, secret, err
}

// APIKey is an API key in the form of the contract, without its secret, as it stands at a moment.
func APIKey(k *db.Key, now time.Time) api.Key {
	return api.Key{ID: k.ID, UserID: k.UserID, Name: k.Name, KeyPrefix: auth.Prefix(k.Hint), Hint: k.Hint,
		Description: k.Description, Scopes: strings.Split(k.Scopes, ","), RequestCount: k.RequestCount,
		IsActive: k.RevokedAt.IsZero(), IsValid: k.Live(now), CreatedAt: api.At(k.CreatedAt),
		LastUsed: api.AtPtr(k.LastUsedAt), ExpiresAt: api.AtPtr(k.ExpiresAt)}
}
