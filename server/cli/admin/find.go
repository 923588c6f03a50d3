package admin

import (
	"context"
	"errors"
	"slices"

	"notifer/db"
	"notifer/server/cli/local"
	"notifer/server/config"
)

// findUser finds an account by email or username.
func findUser(ctx context.Context, s *local.Store, login string) (db.User, error) {
	u, err := s.DB.UserByLogin(ctx, login)
	if errors.Is(err, db.ErrNotFound) {
		return u, config.Usagef("notifer user list", "no account %q", login)
	}
	return u, err
}

// findOwner finds the account that is to own something: the named one, or the only one there is.
func findOwner(ctx context.Context, s *local.Store, login string) (db.User, error) {
	if login != "" {
		return findUser(ctx, s, login)
	}
	all, err := s.DB.Users(ctx)
	if err != nil {
		return db.User{}, err
	}
	if len(all) == 0 {
		return db.User{}, config.Usagef("notifer user add ann@home.example --admin", "there is no account yet")
	}
	if len(all) != 1 {
		return db.User{}, config.Usagef("--owner NAME", "there are %d accounts: name the owner", len(all))
	}
	return all[0], nil
}

func findTopic(ctx context.Context, s *local.Store, name string) (db.Topic, error) {
	t, err := s.DB.Topic(ctx, name)
	if errors.Is(err, db.ErrNotFound) {
		return t, config.Usagef("notifer topic list", "no topic %q", name)
	}
	return t, err
}

// findToken finds a token of a topic by its id, or a live one by its name. It returns the topic too.
func findToken(ctx context.Context, s *local.Store, topic, which string) (db.Topic, db.Token, error) {
	p, err := findTopic(ctx, s, topic)
	if err != nil {
		return p, db.Token{}, err
	}
	list, err := s.DB.Tokens(ctx, p.ID)
	if err != nil {
		return p, db.Token{}, err
	}
	i := slices.IndexFunc(list, func(t db.Token) bool { return t.ID == which }) // first: another token may have this id as its name
	if i < 0 {
		i = slices.IndexFunc(list, func(t db.Token) bool { return t.Live(s.DB.Now()) && db.SameTokenName(t.Name, which) })
	}
	if i >= 0 {
		return p, list[i], nil
	}
	return p, db.Token{}, config.Usagef("notifer token list "+topic, "%s has no live token %q", topic, which)
}
