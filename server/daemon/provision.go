package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/config"
)

// declaredBy names the configuration in the activity log.
const declaredBy = "configuration"

// change is one change that makes the store agree with the configuration.
type change struct {
	Text string
	do   func(ctx context.Context) error
}

// Store is an open store with what provisioning it needs.
type Store struct {
	Config *config.Config
	DB     *db.DB
	Auth   *auth.Auth
	Env    config.Environment
}

// Provision brings the store in line with the declared users, topics and tokens and reports each change. A change may need
// the one before it, so each part is planned after the last one is applied; with dry set nothing is, and what would hang on
// a thing not yet there is planned as new.
func Provision(ctx context.Context, in Store, dry bool, report func(string)) error {
	s := &provisioner{in.Config, in.DB, in.Auth, in.Env}
	for _, plan := range []func(context.Context) ([]change, error){s.planUsers, s.planTopics, s.planTokens} {
		changes, err := plan(ctx)
		if err != nil {
			return err
		}
		for _, ch := range changes {
			if !dry {
				if err := ch.do(ctx); err != nil {
					return fmt.Errorf("%s: %w", ch.Text, AccountError(err))
				}
			}
			report(ch.Text)
		}
	}
	return nil
}

type provisioner struct {
	c    *config.Config
	d    *db.DB
	auth *auth.Auth
	env  config.Environment
}

// users are the declared ones, and first, while there is no such account, the admin of the [admin] table: it is made once,
// and what is done to it later stays.
func (s *provisioner) users(ctx context.Context) ([]config.User, error) {
	a := s.c.Admin
	if a.Email == "" {
		return s.c.Users, nil
	}
	_, err := s.d.UserByLogin(ctx, a.Email)
	if errors.Is(err, db.ErrNotFound) {
		return append([]config.User{{Email: a.Email, Username: a.Username, Admin: true}}, s.c.Users...), nil
	}
	return s.c.Users, err
}

func (s *provisioner) planUsers(ctx context.Context) ([]change, error) {
	list, err := s.users(ctx)
	if err != nil {
		return nil, err
	}
	var changes []change
	for _, u := range list {
		if u.Username == "" {
			u.Username = config.UsernameOf(u.Email)
		}
		have, err := s.d.UserByLogin(ctx, u.Email)
		switch {
		case errors.Is(err, db.ErrNotFound):
			changes = append(changes, change{"add user " + u.Username, func(ctx context.Context) error { return s.addUser(ctx, u) }})
		case err != nil:
			return nil, err
		case have.IsAdmin != u.Admin || have.Disabled != u.Disabled:
			id := have.ID
			text := fmt.Sprintf("change user %s: admin %v, disabled %v", have.Username, u.Admin, u.Disabled)
			changes = append(changes, change{text, func(context.Context) error { return s.setRole(id, u.Admin, u.Disabled) }})
		}
	}
	return changes, nil
}

func (s *provisioner) addUser(ctx context.Context, u config.User) error {
	if u.PasswordHash != "" {
		if err := auth.CheckAccount(u.Email, u.Username); err != nil {
			return err
		}
		return s.d.CreateUser(&db.User{Email: db.FoldEmail(u.Email), Username: u.Username, PasswordHash: u.PasswordHash, IsAdmin: u.Admin, Disabled: u.Disabled})
	}
	password := s.c.Admin.Password
	if u.PasswordFile != "" {
		var err error
		if password, err = s.c.SecretFile(u.PasswordFile, s.env); err != nil {
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

func (s *provisioner) setRole(id string, admin, disabled bool) error {
	_, err := s.d.UpdateUser(id, func(u *db.User) error {
		u.IsAdmin, u.Disabled = admin, disabled
		return nil
	})
	return err
}

func (s *provisioner) planTopics(ctx context.Context) ([]change, error) {
	var changes []change
	for _, t := range s.c.Topics {
		have, err := s.d.Topic(ctx, t.Name)
		switch {
		case errors.Is(err, db.ErrNotFound):
			changes = append(changes, change{"add topic " + t.Name, func(ctx context.Context) error { return s.addTopic(ctx, t) }})
		case err != nil:
			return nil, err
		default:
			id := have.ID
			if changed := fill(t, &have); len(changed) > 0 {
				text := "change topic " + t.Name + ": " + strings.Join(changed, ", ")
				changes = append(changes, change{text, func(context.Context) error { return s.changeTopic(id, t) }})
			}
		}
	}
	return changes, nil
}

func (s *provisioner) changeTopic(id int64, t config.Topic) error {
	_, err := s.d.UpdateTopic(id, declaredBy, func(to *db.Topic) ([]string, error) { return fill(t, to), nil })
	return err
}

func (s *provisioner) addTopic(ctx context.Context, t config.Topic) error {
	owner, err := s.d.UserByLogin(ctx, t.Owner)
	if errors.Is(err, db.ErrNotFound) {
		return config.Usagef("notifer user list", "no account %q", t.Owner)
	}
	if err != nil {
		return err
	}
	made := db.NewTopic(t.Name, owner)
	fill(t, &made)
	return s.d.CreateTopic(&made, declaredBy)
}

// fill writes the declared fields into a topic and lists those that differed. What is not declared stays.
func fill(t config.Topic, to *db.Topic) []string {
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

func (s *provisioner) planTokens(ctx context.Context) ([]change, error) {
	var changes []change
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
			changes = append(changes, more...)
		}
	}
	return changes, nil
}

// planToken adds a token that is not there, and replaces one of that name that has another secret.
func (s *provisioner) planToken(topic db.Topic, all []db.Token, name string, k config.TopicToken) ([]change, error) {
	secret, err := s.declaredSecret(k)
	if err != nil {
		return nil, err
	}
	want := db.Token{TopicID: topic.ID, Topic: name, Name: k.Name, CreatedBy: topic.OwnerID, CreatedByName: topic.OwnerName,
		CanPublish: slices.Contains(k.Permissions, "publish"), CanSubscribe: slices.Contains(k.Permissions, "subscribe")}
	add := change{fmt.Sprintf("add token %q of %s", k.Name, name), func(ctx context.Context) error {
		return TokenError(s.auth.ImportToken(ctx, &want, secret), want)
	}}
	for _, have := range all {
		same := auth.SameSecret(have, secret)
		switch {
		case same && !have.RevokedAt.IsZero():
			return nil, nil // revoked by hand: a restart must not revive it
		case same && (have.CanPublish != want.CanPublish || have.CanSubscribe != want.CanSubscribe):
			return nil, config.Usagef("notifer token generate", "token %q of %s: the permissions of a token cannot be changed: give it a new secret", k.Name, name)
		case same:
			return nil, nil
		case have.Name != k.Name || !have.RevokedAt.IsZero():
			continue
		}
		revoke := change{fmt.Sprintf("revoke token %q of %s, which is declared with another secret", k.Name, name), func(context.Context) error {
			_, err := s.d.RevokeToken(topic.ID, have.ID, declaredBy)
			return err
		}}
		return []change{revoke, add}, nil
	}
	return []change{add}, nil
}

// declaredSecret is the text of a declared token, or its digest.
func (s *provisioner) declaredSecret(k config.TopicToken) (string, error) {
	if k.TokenFile == "" {
		return k.Hash, nil
	}
	return s.c.SecretFile(k.TokenFile, s.env)
}

// AccountError says what is wrong with an account that was to be made or changed.
func AccountError(err error) error {
	switch {
	case errors.Is(err, db.ErrTaken):
		return fmt.Errorf("the e-mail address or the username is taken")
	case errors.Is(err, auth.ErrInvalid):
		return config.Usagef("notifer user --help", "%s", config.RuleOf(err))
	case errors.Is(err, db.ErrLast):
		return fmt.Errorf("the last admin can be neither deleted nor disabled: make another admin first")
	}
	return err
}

// TokenError says what is wrong with a token that was to be made.
func TokenError(err error, t db.Token) error {
	switch {
	case errors.Is(err, db.ErrTaken):
		return fmt.Errorf("%s already has a live token called %q", t.Topic, t.Name)
	case errors.Is(err, db.ErrLimit):
		return fmt.Errorf("%s has as many live tokens as it may: revoke one first", t.Topic)
	}
	return err
}
