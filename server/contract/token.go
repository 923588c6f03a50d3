// Package contract writes what is stored in the form of the contract, as the HTTP interface and the command line answer with it:
// values of package api, never a secret. It decides nothing and reads nothing from the store.
package contract

import (
	"strings"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth/secrets"
	"notifer/server/manage"
)

const (
	idleAfter  = 90 * 24 * time.Hour
	expiringIn = 7 * 24 * time.Hour
)

// TokenStatus returns the state of a token at a moment: of several that apply, the one that its owner should know first.
func TokenStatus(t *db.Token, now time.Time) api.Status {
	switch {
	case !t.RevokedAt.IsZero():
		return api.Revoked
	case t.Expired(now):
		return api.Expired
	case !t.LeakedAt.IsZero():
		return api.Leaked
	case now.Before(t.PrevUntil):
		return api.Rotating
	case !t.ExpiresAt.IsZero() && t.ExpiresAt.Sub(now) <= expiringIn:
		return api.Expiring
	case t.LastUsedAt.IsZero():
		return api.Unused
	case now.Sub(t.LastUsedAt) > idleAfter:
		return api.Idle
	}
	return api.Active
}

// Token is a token of a topic in both forms of the contract, without its secret, at a moment.
func Token(t *db.Token, topic *db.Topic, now time.Time) api.Token {
	live := t.Live(now)
	out := api.Token{ID: t.ID, Name: t.Name, Note: t.Note, Topic: topic.Name, TopicID: topic.PublicID, UserID: t.CreatedBy,
		Permissions: t.Permissions(), AccessLevel: tokenAccess(t), TokenPrefix: secrets.Prefix(t.Hint), Hint: t.Hint,
		Status: TokenStatus(t, now), IsActive: t.RevokedAt.IsZero(), IsValid: live && topic.AccessLevel == db.Private && !topic.OwnerDisabled,
		CanRead: t.CanSubscribe, CanWrite: t.CanPublish, CreatedAt: api.At(t.CreatedAt),
		CreatedBy: api.Creator{ID: t.CreatedBy, Username: t.CreatedByName}, ExpiresAt: api.AtPtr(t.ExpiresAt),
		RevokedAt: api.AtPtr(t.RevokedAt), LastUsedAt: api.AtPtr(t.LastUsedAt), LastUsed: api.AtPtr(t.LastUsedAt),
		LastUsedIP: t.LastUsedIP, LastUsedVia: t.LastUsedVia, RequestCount: t.RequestCount, RefusedCount: t.RefusedCount,
		WarningCount: t.WarningCount, LastWarning: t.LastWarning, WarningAt: api.AtPtr(t.LastWarningAt),
		URLSeenAt: api.AtPtr(t.URLSeenAt), RefuseInURL: t.RefuseInURL, Networks: splitList(t.Networks), Tags: splitList(t.DefaultTags),
		Shape: t.Shape, Signed: t.SigningSecret != "", SecretHint: manage.MaskedSecret(t.SigningSecret)}
	if templates, err := manage.ReadTemplates(t.Template); err == nil && t.Template != "" {
		out.Template = (*api.Template)(&templates)
	}
	if t.DefaultPriority > 0 {
		out.Priority = &t.DefaultPriority
	}
	if now.Before(t.PrevUntil) {
		out.PrevHint, out.PrevUntil, out.PrevLastUsed = t.PrevHint, api.AtPtr(t.PrevUntil), api.AtPtr(t.PrevLastUsedAt)
	}
	return out
}

func tokenAccess(t *db.Token) string {
	switch {
	case t.CanPublish && t.CanSubscribe:
		return "read_write"
	case t.CanPublish:
		return "write"
	}
	return "read"
}

// TokenUsage is what a token did, by day and by address, in the form of the contract.
func TokenUsage(days []db.TokenDay, addresses []db.TokenAddress) api.TokenUsage {
	out := api.TokenUsage{Days: []api.UsageDay{}, Addresses: []api.UsageAddress{}}
	for _, d := range days {
		out.Days = append(out.Days, api.UsageDay{Day: d.Day.Format(time.DateOnly), OK: d.OK, Refused: d.Refused})
	}
	for _, a := range addresses {
		out.Addresses = append(out.Addresses, api.UsageAddress{Address: a.Address, LastAt: api.At(a.LastAt), Count: a.Count})
	}
	return out
}

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
