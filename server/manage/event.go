package manage

import (
	"context"
	"errors"
	"slices"
	"strings"

	"notifer/db"
)

// EventKinds are the kinds of events of accounts, each with its verbs.
var EventKinds = map[string][]string{
	"sign-ins": {"account.sign_in", "account.sign_in_failed", "account.sign_out", "account.recovery_code_used"},
	"secrets": {"account.password", "account.password_reset", "account.second_factor_on", "account.second_factor_off",
		"account.second_factor_reset", "account.recovery_codes"},
	"accounts": {"account.create", "account.delete", "account.rename", "account.email", "account.promote", "account.demote",
		"account.disable", "account.enable"},
	"topics": {"topic.delete"},
	"keys":   {"key.create", "key.pair", "key.update", "key.revoke", "key.delete"},
}

// EventQuery selects events of accounts.
type EventQuery struct {
	User   string // username, email or id of an account that acted or was acted on; empty: all
	Kind   string // of EventKinds; empty: all
	Before int64  // id of an event; 0: from the newest
	Limit  int    // events; there is no default
}

// Events lists the newest events first, and says whether there are more. An unknown kind or account is an error of the kind ErrInvalid.
func (m *Manager) Events(ctx context.Context, q EventQuery) (list []db.Audit, more bool, err error) {
	f := db.EventFilter{User: q.User, Before: max(q.Before, 0), Limit: q.Limit + 1}
	if q.Kind != "" {
		if f.Verbs = EventKinds[q.Kind]; f.Verbs == nil {
			return nil, false, invalid("kind", "kind must be sign-ins, secrets, accounts, keys or topics")
		}
	}
	if q.User != "" && !strings.HasPrefix(q.User, "user_") { // a deleted account is found by its id only
		u, err := m.d.UserByLogin(ctx, q.User)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return nil, false, err
		}
		if err != nil {
			return nil, false, invalid("user", "there is no account of this name; one that is deleted is found by its id")
		}
		f.User = u.ID
	}
	list, err = m.d.AccountEvents(ctx, f)
	if more = len(list) > q.Limit; more {
		list = slices.Delete(list, q.Limit, len(list))
	}
	return list, more, err
}
