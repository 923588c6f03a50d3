// Package demo is what `notifer serve --demo` shows: sample topics with two weeks of messages, tokens in every state, a sensor that keeps
// publishing, and a link that signs in. It is for a server on loopback whose data is deleted afterwards.
package demo

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/BurntSushi/toml"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/auth/secrets"
	"notifer/server/config"
	"notifer/server/manage"
)

// Demo is the content of one demo. Its methods are called one after the other, by the goroutine that starts the server.
type Demo struct {
	Config *config.Config
	Code   string // of the link that signs in

	now     time.Time
	ago     atomic.Int64 // nanoseconds by which Clock is behind now
	revoked string       // secret of a revoked token that a script still uses
}

// New declares the demo's account, topics and tokens in a configuration, with new secrets.
func New(c *config.Config) (*Demo, error) {
	_, err := toml.Decode(declared, c)
	c.Admin.Password = strings.ToLower(rand.Text()[:16])
	for _, t := range c.Topics {
		for i := range t.Tokens {
			t.Tokens[i].Hash = secrets.NewToken()
		}
	}
	return &Demo{Config: c, Code: rand.Text(), now: time.Now()}, err
}

// Clock is the store's clock while it is filled. It moves through the past, so that everything in the store has a history.
func (d *Demo) Clock() time.Time { return d.now.Add(-time.Duration(d.ago.Load())) }

// at sets Clock.
func (d *Demo) at(ago time.Duration) { d.ago.Store(int64(ago)) }

// beginning is when the accounts and tokens were made: long enough ago for a token to have fallen idle.
const beginning = 130 * 24 * time.Hour

// Store is an open store and the rules over it.
type Store struct {
	DB        *db.DB
	Auth      *auth.Auth
	Manage    *manage.Manager
	Provision func(context.Context) error // creates what the configuration declares
}

// Seed fills the store from the oldest event to the newest. The store must have been opened with Clock.
func (d *Demo) Seed(ctx context.Context, s Store) error {
	d.at(beginning)
	if err := s.Provision(ctx); err != nil {
		return err
	}
	u, err := s.DB.UserByLogin(ctx, d.Config.Admin.Username)
	if err != nil {
		return err
	}
	demo := manage.Actor{User: u, By: db.By{ID: u.ID, Name: u.Username}}
	for _, e := range d.events(s, demo) {
		d.at(e.ago)
		if err := e.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// event is something that happened in the past.
type event struct {
	ago time.Duration
	do  func(context.Context) error
}

// events are all events, the oldest first.
func (d *Demo) events(s Store, by manage.Actor) []event {
	list := []event{
		// A declared token is not rotated here: each start would say that its secret has ended.
		{125 * 24 * time.Hour, func(ctx context.Context) error {
			_, err := s.create(ctx, by, "Router config")
			return err
		}},
		{120 * 24 * time.Hour, func(ctx context.Context) error {
			return s.send(ctx, message{topic: "backups", sender: "Old desktop", priority: 3, text: "81 GB in 20 minutes"})
		}},
		{100 * 24 * time.Hour, func(ctx context.Context) error { return s.addKeys(ctx, by) }},
		{7 * time.Hour, func(context.Context) error { return s.visit(by.User.ID) }},
		{20 * 24 * time.Hour, func(ctx context.Context) error { return d.otherAccount(ctx, s) }},
		{6 * 24 * time.Hour, func(ctx context.Context) error { return d.revokedToken(ctx, s, by) }},
		{50 * time.Hour, func(ctx context.Context) error {
			t, err := s.token(ctx, "home", "Wall tablet")
			if err != nil {
				return err
			}
			return s.Manage.ReportLeak(by, &t, "found in a public repository")
		}},
		{3 * time.Hour, func(ctx context.Context) error {
			t, err := s.token(ctx, "backups", "Router config")
			if err != nil {
				return err
			}
			topic := db.Topic{ID: t.TopicID, Name: t.Topic, AccessLevel: db.Private}
			_, _, err = s.Manage.RotateToken(ctx, by, &topic, t.ID, manage.DefaultGrace)
			return err
		}},
	}
	for _, msg := range history() {
		list = append(list, event{hoursAgo(msg.hours), func(ctx context.Context) error { return s.send(ctx, msg) }})
	}
	slices.SortStableFunc(list, func(a, b event) int { return cmp.Compare(b.ago, a.ago) })
	return list
}

// otherAccount creates a second account with a topic.
func (d *Demo) otherAccount(ctx context.Context, s Store) error {
	u, err := s.Manage.CreateAccount(ctx, manage.AccountValues{Email: "ann@home.example", Username: "ann", Password: rand.Text()})
	if err != nil {
		return err
	}
	description := "Printer, scanner, laptop"
	_, err = s.Manage.CreateTopic(manage.Actor{User: u, By: db.By{ID: u.ID, Name: u.Username}}, "study", manage.TopicValues{Description: &description})
	if err != nil {
		return err
	}
	return s.send(ctx, message{topic: "study", sender: "ann", priority: 3, title: "Printer", text: "Toner is low"})
}

// revokedToken creates and revokes the token of a script that still runs.
func (d *Demo) revokedToken(ctx context.Context, s Store, by manage.Actor) (err error) {
	if d.revoked, err = s.create(ctx, by, "Attic server"); err != nil {
		return err
	}
	t, err := s.token(ctx, "backups", "Attic server")
	if err != nil {
		return err
	}
	_, err = s.Manage.RevokeToken(by, &db.Topic{ID: t.TopicID, Name: t.Topic}, t.ID)
	return err
}

// addKeys creates the API keys that publish to topics that are not private.
func (s Store) addKeys(ctx context.Context, by manage.Actor) error {
	for _, name := range keys {
		if _, _, err := s.Manage.CreateKey(ctx, by, manage.KeyValues{Name: name, Scopes: []string{auth.ScopePublish}}); err != nil {
			return err
		}
	}
	return nil
}

// visit marks everything so far as read, and pins a topic.
func (s Store) visit(user string) error {
	last, err := s.DB.LastID()
	if err == nil {
		err = s.DB.VisitAll(user, last)
	}
	if err != nil {
		return err
	}
	topic, err := s.DB.Topic(context.Background(), "server-alerts")
	if err != nil {
		return err
	}
	return s.DB.Pin(user, topic.ID, true)
}

// create creates a token that can publish to backups, and returns its secret.
func (s Store) create(ctx context.Context, by manage.Actor, name string) (string, error) {
	topic, err := s.DB.Topic(ctx, "backups")
	if err != nil {
		return "", err
	}
	_, secret, err := s.Manage.CreateToken(ctx, by, &topic, manage.TokenValues{Name: &name, Permissions: []string{manage.Publish}})
	return secret, err
}

// addresses are the IP addresses that tokens are used from.
var addresses = map[string]string{"Front door": "192.168.1.41", "NAS nightly job": "192.168.1.20", "Router config": "192.168.1.1",
	"Old desktop": "192.168.1.33", "Climate sensor": "192.168.1.57", "Home Assistant": "192.168.1.30"}

// sender finds who sends a message, and counts the use of the token or key; nil without a credential.
func (s Store) sender(ctx context.Context, topic *db.Topic, name string) (*db.Sender, error) {
	if name == "" {
		return nil, nil
	}
	if u, err := s.DB.UserByLogin(ctx, name); err == nil {
		return &db.Sender{Kind: db.SentByAccount, ID: u.ID, Name: u.Username}, nil
	}
	list, err := s.DB.Keys(ctx, topic.OwnerID)
	if err != nil {
		return nil, err
	}
	for _, k := range list {
		if k.Name == name {
			s.DB.CountKey(k.ID)
			return &db.Sender{Kind: db.SentByKey, ID: k.ID, Name: k.Name}, nil
		}
	}
	t, err := s.token(ctx, topic.Name, name)
	if err != nil {
		return nil, err
	}
	s.DB.CountToken(t.ID, db.Use{Address: netip.MustParseAddr(addresses[name]), Via: "publish"})
	return &db.Sender{Kind: db.SentByToken, ID: t.ID, Name: t.Name}, nil
}

// send stores a message, and counts the use of the token or key it is sent with.
func (s Store) send(ctx context.Context, m message) error {
	topic, err := s.DB.Topic(ctx, m.topic)
	if err != nil {
		return err
	}
	sender, err := s.sender(ctx, &topic, m.sender)
	if err != nil {
		return err
	}
	d := manage.Draft{Text: m.text, Title: m.title, Priority: strconv.Itoa(m.priority), Tags: strings.Split(m.tags, ","), Markdown: strconv.FormatBool(m.markdown)}
	d.URL, d.URLTitle, _ = strings.Cut(m.link, " ")
	out, err := d.Message(len(m.text))
	if err != nil {
		return err
	}
	out.TopicID, out.Topic, out.Sender = topic.ID, topic.Name, sender
	return s.DB.Publish(out, nil)
}

// token finds a token of a topic by its name.
func (s Store) token(ctx context.Context, topic, name string) (db.Token, error) {
	t, err := s.DB.Topic(ctx, topic)
	if err != nil {
		return db.Token{}, err
	}
	list, err := s.DB.Tokens(ctx, t.ID)
	i := slices.IndexFunc(list, func(t db.Token) bool { return t.Name == name })
	if err == nil && i < 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return db.Token{}, err
	}
	return list[i], nil
}
