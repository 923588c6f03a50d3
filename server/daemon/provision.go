package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/config"
	"notifer/server/manage"
)

// declared is the configuration in the activity log.
var declared = db.By{Name: "configuration"}

// Change is one change that makes the store agree with the configuration.
type Change struct {
	Text    string
	LeftOut bool // what is declared cannot be, and must not keep the server from starting

	do func(ctx context.Context) error
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
func Provision(ctx context.Context, in Store, dry bool, report func(Change)) error {
	rules, err := Rules(in.Config)
	if err != nil {
		return err
	}
	rules.MaxTopics = 0 // an account that has filled its own must not keep the server from starting
	s := &provisioner{in.Config, in.DB, in.Auth, in.Env, manage.New(in.DB, in.Auth, rules)}
	for _, plan := range []func(context.Context) ([]Change, error){s.planUsers, s.planTopics, s.planTokens} {
		changes, err := plan(ctx)
		if err != nil {
			return err
		}
		for _, ch := range changes {
			if !dry {
				if err := ch.do(ctx); err != nil {
					return fmt.Errorf("%s: %w", ch.Text, err)
				}
			}
			report(ch)
		}
	}
	return nil
}

type provisioner struct {
	c    *config.Config
	d    *db.DB
	auth *auth.Auth
	env  config.Environment
	m    *manage.Manager
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
		_, err = s.d.UserByLogin(ctx, cmp.Or(a.Username, config.UsernameOf(a.Email))) // its email may have changed since
	}
	if errors.Is(err, db.ErrNotFound) {
		return append([]config.User{{Email: a.Email, Username: a.Username, Admin: true}}, s.c.Users...), nil
	}
	return s.c.Users, err
}

func (s *provisioner) planUsers(ctx context.Context) ([]Change, error) {
	list, err := s.users(ctx)
	if err != nil {
		return nil, err
	}
	admins, err := s.m.EnabledAdmins(ctx)
	if err != nil {
		return nil, err
	}
	var changes []Change
	var demoted []db.User // looked at when all new admins are known
	var shut string       // a new admin who is declared disabled
	for _, u := range list {
		if u.Username == "" {
			u.Username = config.UsernameOf(u.Email)
		}
		have, err := s.d.UserByLogin(ctx, u.Email)
		if errors.Is(err, db.ErrNotFound) {
			// An account with this name alone may be somebody else's, who must not get the rights declared here.
			if other, found := s.d.UserByLogin(ctx, u.Username); found == nil {
				changes = append(changes, leave(fmt.Sprintf("leave out user %s: the account of this name has the email %s, not %s", u.Username, other.Email, u.Email)))
				continue
			}
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return nil, err
		}
		administers := u.Admin && !u.Disabled
		switch {
		case err != nil:
			changes = append(changes, planned("add user "+u.Username, func(ctx context.Context) error { return s.addUser(ctx, u) }))
		case admins[have.ID] && !administers:
			have.IsAdmin, have.Disabled = u.Admin, u.Disabled
			demoted = append(demoted, have)
		case have.IsAdmin != u.Admin || have.Disabled != u.Disabled:
			changes = append(changes, s.changeRole(have, u.Admin, u.Disabled))
		}
		if err != nil && u.Admin && u.Disabled {
			shut = u.Email
		}
		if administers {
			admins[cmp.Or(have.ID, u.Email)] = true
		}
	}
	if len(admins) == 0 && shut != "" {
		return nil, &config.Passing{Err: s.c.DeclaredError("[[user]] %s: disabled, although there is no other admin: remove disabled, or declare another admin", shut)}
	}
	for _, u := range demoted {
		if len(admins) == 1 {
			changes = append(changes, leave(fmt.Sprintf("leave user %s as it is: it is the last admin", u.Username)))
			continue
		}
		delete(admins, u.ID)
		changes = append(changes, s.changeRole(u, u.IsAdmin, u.Disabled))
	}
	return changes, nil
}

func planned(text string, do func(context.Context) error) Change { return Change{Text: text, do: do} }

func leave(text string) Change {
	return Change{Text: text, LeftOut: true, do: func(context.Context) error { return nil }}
}

func (s *provisioner) changeRole(have db.User, admin, disabled bool) Change {
	text := fmt.Sprintf("change user %s: admin %v, disabled %v", have.Username, admin, disabled)
	return planned(text, func(ctx context.Context) error {
		_, err := s.m.UpdateAccount(ctx, have.ID, manage.AccountChange{Admin: &admin, Disabled: &disabled, By: declared})
		return err
	})
}

func (s *provisioner) addUser(ctx context.Context, u config.User) error {
	var password string
	var err error
	switch {
	case u.PasswordFile != "":
		password, err = s.c.SecretFile(u.PasswordFile, s.env)
	case u.PasswordHash == "" && strings.EqualFold(u.Email, s.c.Admin.Email):
		password, err = s.c.Admin.Password, s.c.UnreadSecret("admin.password")
	}
	if err != nil {
		return err
	}
	if password == "" && u.PasswordHash == "" {
		return errors.New("no password: set password_file")
	}
	_, err = s.m.CreateAccount(ctx, manage.AccountValues{Email: u.Email, Username: u.Username, Password: password, PasswordHash: u.PasswordHash,
		Admin: u.Admin, Disabled: u.Disabled, By: declared})
	return err
}

func (s *provisioner) planTopics(ctx context.Context) ([]Change, error) {
	var changes []Change
	for _, t := range s.c.Topics {
		have, err := s.d.Topic(ctx, t.Name)
		switch {
		case errors.Is(err, db.ErrNotFound):
			changes = append(changes, planned("add topic "+t.Name, func(ctx context.Context) error { return s.addTopic(ctx, t) }))
		case err != nil:
			return nil, err
		default:
			changed, err := s.m.PlanTopic(have, topicValues(t))
			if err != nil {
				return nil, s.c.DeclaredError("[[topic]] %s: %v", t.Name, err)
			}
			if len(changed) > 0 {
				text := "change topic " + t.Name + ": " + strings.Join(changed, ", ")
				changes = append(changes, planned(text, func(context.Context) error { return s.changeTopic(have.ID, t) }))
			}
		}
	}
	return changes, nil
}

func (s *provisioner) changeTopic(id int64, t config.Topic) error {
	_, _, err := s.m.UpdateTopic(manage.Actor{By: declared}, id, topicValues(t))
	return err
}

func (s *provisioner) addTopic(ctx context.Context, t config.Topic) error {
	owner, err := s.d.UserByLogin(ctx, t.Owner)
	if errors.Is(err, db.ErrNotFound) {
		return &config.Passing{Err: config.Usagef("notifer user list", "no account %q", t.Owner)} // or the disk with the store is not mounted
	}
	if err != nil {
		return err
	}
	_, err = s.m.CreateTopic(manage.Actor{User: owner, By: declared}, t.Name, topicValues(t))
	return err
}

func (s *provisioner) planTokens(ctx context.Context) ([]Change, error) {
	var changes []Change
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
			more, err := s.planToken(ctx, topic, live, t.Name, k)
			if err != nil {
				return nil, err
			}
			changes = append(changes, more...)
		}
	}
	return changes, nil
}

// planToken adds a token that is not there, and replaces one of that name that has another secret. A secret that has ended by hand
// stays ended: somebody may have ended it because it leaked.
func (s *provisioner) planToken(ctx context.Context, topic db.Topic, all []db.Token, name string, k config.TopicToken) ([]Change, error) {
	secret, err := s.declaredSecret(k)
	if err != nil {
		return nil, err
	}
	switch ended, err := s.auth.SecretEnded(ctx, secret); {
	case err != nil:
		return nil, err
	case ended:
		return []Change{leave(fmt.Sprintf("leave out token %q of %s: its secret was rotated, was revoked or has expired, and stays ended: "+
			"declare a new secret, or remove the declaration", k.Name, name))}, nil
	}
	if topic.ID == 0 { // made just before, unless nothing is to be changed
		topic = db.Topic{Name: name, AccessLevel: db.Private}
	}
	actor := manage.Actor{User: db.User{ID: topic.OwnerID, Username: topic.OwnerName}, By: declared}
	want, invalid := s.m.NewDeclaredToken(actor, &topic, tokenValues(k))
	for _, have := range all {
		if auth.SameSecret(have, secret) {
			return s.planKnownToken(actor, &topic, &have, &want)
		}
	}
	if invalid != nil {
		return nil, s.c.DeclaredError("[[topic]] %s: [[topic.token]] %q: %v", name, k.Name, invalid)
	}
	var changes []Change
	for _, have := range all {
		if db.SameTokenName(have.Name, want.Name) && have.RevokedAt.IsZero() {
			changes = append(changes, planned(fmt.Sprintf("revoke token %q of %s, which is declared with another secret", k.Name, name), func(context.Context) error {
				_, err := s.m.RevokeToken(actor, &topic, have.ID)
				return err
			}))
		}
	}
	return append(changes, planned(fmt.Sprintf("add token %q of %s", k.Name, name), func(ctx context.Context) error {
		_, err := s.m.ImportToken(ctx, actor, &topic, tokenValues(k), secret)
		return err
	})), nil
}

// planKnownToken changes the shape of a live token that has the declared secret.
func (s *provisioner) planKnownToken(actor manage.Actor, topic *db.Topic, have, want *db.Token) ([]Change, error) {
	switch {
	case have.CanPublish != want.CanPublish || have.CanSubscribe != want.CanSubscribe:
		return nil, config.Usagef("notifer token generate", "token %q of %s: the permissions of a token cannot be changed: give it a new secret", want.Name, topic.Name)
	case want.Shape == "" || want.Shape == have.Shape:
		return nil, nil
	}
	return []Change{planned(fmt.Sprintf("change token %q of %s: shape", want.Name, topic.Name), func(context.Context) error {
		_, err := s.m.UpdateToken(actor, topic, have.ID, manage.TokenValues{Shape: &want.Shape})
		return err
	})}, nil
}

// declaredSecret is the text of a declared token, or its digest.
func (s *provisioner) declaredSecret(k config.TopicToken) (string, error) {
	if k.TokenFile == "" {
		return k.Hash, nil
	}
	return s.c.SecretFile(k.TokenFile, s.env)
}
