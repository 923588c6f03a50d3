package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth"
)

// declaredBy names the configuration in the activity log.
const declaredBy = "configuration"

// step is one change that makes the store agree with the configuration.
type step struct {
	Text string
	do   func(ctx context.Context) error
}

// declare brings the store in line with the declared users, topics and tokens and reports each change. A step may need the
// one before it, so each part is planned after the last one is applied; with dry set nothing is, and what would hang on a
// thing not yet there is planned as new.
func (s *store) declare(ctx context.Context, dry bool, tell func(string)) error {
	for _, plan := range []func(context.Context) ([]step, error){s.planUsers, s.planTopics, s.planTokens} {
		steps, err := plan(ctx)
		if err != nil {
			return err
		}
		for _, st := range steps {
			tell(st.Text)
			if dry {
				continue
			}
			if err := st.do(ctx); err != nil {
				return fmt.Errorf("%s: %w", st.Text, accountError(err))
			}
		}
	}
	return nil
}

// users are the declared ones, and first, while there is no such account, the admin of the [admin] table: it is made once,
// and what is done to it later stays.
func (s *store) users(ctx context.Context) ([]User, error) {
	a := s.c.Admin
	if a.Email == "" {
		return s.c.Users, nil
	}
	_, err := s.d.UserByLogin(ctx, a.Email)
	if errors.Is(err, db.ErrNotFound) {
		return append([]User{{Email: a.Email, Username: a.Username, Admin: true}}, s.c.Users...), nil
	}
	return s.c.Users, err
}

func (s *store) planUsers(ctx context.Context) ([]step, error) {
	list, err := s.users(ctx)
	if err != nil {
		return nil, err
	}
	var steps []step
	for _, u := range list {
		if u.Username == "" {
			u.Username = usernameOf(u.Email)
		}
		have, err := s.d.UserByLogin(ctx, u.Email)
		switch {
		case errors.Is(err, db.ErrNotFound):
			steps = append(steps, step{"add user " + u.Username, func(ctx context.Context) error { return s.addUser(ctx, u) }})
		case err != nil:
			return nil, err
		case have.IsAdmin != u.Admin || have.Disabled != u.Disabled:
			id := have.ID
			text := fmt.Sprintf("change user %s: admin %v, disabled %v", have.Username, u.Admin, u.Disabled)
			steps = append(steps, step{text, func(context.Context) error { return s.setRole(id, u.Admin, u.Disabled) }})
		}
	}
	return steps, nil
}

func (s *store) addUser(ctx context.Context, u User) error {
	if u.PasswordHash != "" {
		if err := auth.CheckAccount(u.Email, u.Username); err != nil {
			return err
		}
		return s.d.CreateUser(&db.User{Email: db.FoldEmail(u.Email), Username: u.Username, PasswordHash: u.PasswordHash, IsAdmin: u.Admin, Disabled: u.Disabled})
	}
	password := s.c.Admin.Password
	if u.PasswordFile != "" {
		var err error
		if password, err = readSecret(resolvePath(s.c.path, u.PasswordFile, s.env)); err != nil {
			return err
		}
	}
	if password == "" {
		return fmt.Errorf("no password: set password_file")
	}
	made, err := s.auth.Register(ctx, u.Email, u.Username, password, u.Admin)
	if err == nil && u.Disabled {
		err = s.setRole(made.ID, u.Admin, true)
	}
	return err
}

func (s *store) setRole(id string, admin, disabled bool) error {
	_, err := s.d.UpdateUser(id, func(u *db.User) error {
		u.IsAdmin, u.Disabled = admin, disabled
		return nil
	})
	return err
}

func (s *store) planTopics(ctx context.Context) ([]step, error) {
	var steps []step
	for _, t := range s.c.Topics {
		have, err := s.d.Topic(ctx, t.Name)
		switch {
		case errors.Is(err, db.ErrNotFound):
			steps = append(steps, step{"add topic " + t.Name, func(ctx context.Context) error { return s.addTopic(ctx, t) }})
		case err != nil:
			return nil, err
		default:
			id := have.ID
			if changed := t.fill(&have); len(changed) > 0 {
				text := "change topic " + t.Name + ": " + strings.Join(changed, ", ")
				steps = append(steps, step{text, func(context.Context) error { return s.changeTopic(id, t) }})
			}
		}
	}
	return steps, nil
}

func (s *store) changeTopic(id int64, t Topic) error {
	_, err := s.d.UpdateTopic(id, declaredBy, func(to *db.Topic) ([]string, error) { return t.fill(to), nil })
	return err
}

func (s *store) addTopic(ctx context.Context, t Topic) error {
	owner, err := s.user(ctx, t.Owner)
	if err != nil {
		return err
	}
	made := db.NewTopic(t.Name, owner)
	t.fill(&made)
	return s.d.CreateTopic(&made, declaredBy)
}

// fill writes the declared fields into a topic and lists those that differed. What is not declared stays.
func (t Topic) fill(to *db.Topic) []string {
	var changed []string
	put := func(name string, field *string, value string) {
		if value != "" && *field != value {
			*field, changed = value, append(changed, name)
		}
	}
	put("access_level", &to.AccessLevel, t.AccessLevel)
	put("description", &to.Description, t.Description)
	put("display_name", &to.DisplayName, t.DisplayName)
	if t.Discoverable && !to.Discoverable {
		to.Discoverable, changed = true, append(changed, "is_discoverable")
	}
	if keep := time.Duration(t.Retention); keep > 0 && to.Retention != keep {
		to.Retention, changed = keep, append(changed, "retention")
	}
	return changed
}

func (s *store) planTokens(ctx context.Context) ([]step, error) {
	var steps []step
	for _, t := range s.c.Topics {
		topic, err := s.d.Topic(ctx, t.Name)
		var live []db.Token
		if err == nil {
			live, err = s.d.Tokens(ctx, topic.ID)
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return nil, err
		}
		for _, k := range t.Tokens {
			more, err := s.planToken(topic, live, t.Name, k)
			if err != nil {
				return nil, err
			}
			steps = append(steps, more...)
		}
	}
	return steps, nil
}

// planToken adds a token that is not there, and replaces one of that name that has another secret.
func (s *store) planToken(topic db.Topic, all []db.Token, name string, k TopicToken) ([]step, error) {
	secret, err := s.declaredSecret(k)
	if err != nil {
		return nil, err
	}
	want := db.Token{TopicID: topic.ID, Topic: name, Name: k.Name, CreatedBy: topic.OwnerID, CreatedByName: topic.OwnerName,
		CanPublish: slices.Contains(k.Permissions, "publish"), CanSubscribe: slices.Contains(k.Permissions, "subscribe")}
	add := step{fmt.Sprintf("add token %q of %s", k.Name, name), func(ctx context.Context) error {
		return tokenError(s.auth.AdoptToken(ctx, &want, secret), want)
	}}
	for _, have := range all {
		same := auth.SameSecret(have, secret)
		switch {
		case same && !have.RevokedAt.IsZero():
			return nil, nil // revoked by hand: a restart must not revive it
		case same && (have.CanPublish != want.CanPublish || have.CanSubscribe != want.CanSubscribe):
			return nil, usagef("notifer token generate", "token %q of %s: the permissions of a token cannot be changed: give it a new secret", k.Name, name)
		case same:
			return nil, nil
		case have.Name != k.Name || !have.RevokedAt.IsZero():
			continue
		}
		revoke := step{fmt.Sprintf("revoke token %q of %s, which is declared with another secret", k.Name, name), func(context.Context) error {
			_, err := s.d.RevokeToken(topic.ID, have.ID, declaredBy)
			return err
		}}
		return []step{revoke, add}, nil
	}
	return []step{add}, nil
}

// declaredSecret is the text of a declared token, or its digest.
func (s *store) declaredSecret(k TopicToken) (string, error) {
	if k.TokenFile == "" {
		return k.Hash, nil
	}
	return readSecret(resolvePath(s.c.path, k.TokenFile, s.env))
}
