package cli

import (
	"cmp"
	"context"
	"errors"
	"net"
	"time"

	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/cli/command"
	"notifer/server/cli/owner"
	"notifer/server/config"
	"notifer/server/daemon"
	"notifer/server/manage"
)

// store is the data directory opened by an admin command, beside a running server or without one.
type store struct {
	c    *config.Config
	d    *db.DB
	auth *auth.Auth
	env  config.Environment
	m    *manage.Manager
}

// withStore opens the store for one command and closes it afterwards. It makes none: a mistyped directory is an error.
func (a *App) withStore(cmd *cobra.Command, fn func(ctx context.Context, s *store) error) error {
	c, err := a.Load(cmd)
	if err == nil {
		err = findStore(cmd, c)
	}
	if err != nil {
		return err
	}
	return a.onStore(cmd, c, time.Now, fn)
}

// withNewStore is withStore for the commands that make the first thing in a store: it makes a missing one.
func (a *App) withNewStore(cmd *cobra.Command, fn func(ctx context.Context, s *store) error) error {
	c, err := a.Load(cmd)
	if err != nil {
		return err
	}
	return a.onStore(cmd, c, time.Now, fn)
}

// onStore opens the store with this clock, makes it when there is none, and closes it after fn.
func (a *App) onStore(cmd *cobra.Command, c *config.Config, now func() time.Time, fn func(ctx context.Context, s *store) error) error {
	return owner.Do(c.DataDir, func() error { return a.onOwnStore(cmd, c, now, fn) })
}

func (a *App) onOwnStore(cmd *cobra.Command, c *config.Config, now func() time.Time, fn func(ctx context.Context, s *store) error) (err error) {
	d, err := db.Open(c.DataDir, db.Options{Now: now})
	if err != nil {
		return daemon.ExplainOpen(c, err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	ctx := cmd.Context()
	authority, err := auth.New(ctx, d, daemon.AuthOptions(c))
	if err != nil {
		return err
	}
	rules, err := daemon.Rules(c)
	if err != nil {
		return err
	}
	if err := fn(ctx, &store{c, d, authority, a.Env, manage.New(d, authority, rules)}); err != nil {
		return err
	}
	awaitServer(ctx, cmd, c.DataDir)
	return nil
}

// by is the command line, which acts for an account.
func by(u db.User) manage.Actor { return manage.Actor{User: u, By: byCLI} }

// byCLI is the command line in the activity log.
var byCLI = db.By{Name: cliActor}

// ownerOf is the account that a topic belongs to.
func ownerOf(t *db.Topic) db.User { return db.User{ID: t.OwnerID, Username: t.OwnerName} }

// tries says what to type when a value is refused.
var tries = map[string]string{"expires_at": "--expires-in 30d", "permissions": "--permissions publish,subscribe", "note": "--note TEXT",
	"access_level": "--access private", "topics": "--topics door,backup-*", "description": "--description TEXT", "scopes": "--scopes publish,topics:read",
	"grace_seconds": "--grace 24h"}

// refusal is an error of the rules as a mistake of the caller, with what to type next.
func refusal(cmd *cobra.Command, err error) error {
	e, ok := errors.AsType[*manage.Error](err)
	if !ok || e.Kind == auth.ErrConflict {
		return err
	}
	return config.Usagef(cmp.Or(tries[e.Field], cmd.CommandPath()+" --help"), "%v", e)
}

// provision makes what the configuration declares.
func (s *store) provision(ctx context.Context, dry bool, report func(string)) error {
	return daemon.Provision(ctx, daemon.Store{Config: s.c, DB: s.d, Auth: s.auth, Env: s.env}, dry, report)
}

// user finds an account by e-mail or username.
func (s *store) user(ctx context.Context, login string) (db.User, error) {
	u, err := s.d.UserByLogin(ctx, login)
	if errors.Is(err, db.ErrNotFound) {
		return u, config.Usagef("notifer user list", "no account %q", login)
	}
	return u, err
}

// owner is the account a thing is made for: the named one, or the only one there is.
func (s *store) owner(ctx context.Context, login string) (db.User, error) {
	if login != "" {
		return s.user(ctx, login)
	}
	all, err := s.d.Users(ctx)
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

func (s *store) topic(ctx context.Context, name string) (db.Topic, error) {
	t, err := s.d.Topic(ctx, name)
	if errors.Is(err, db.ErrNotFound) {
		return t, config.Usagef("notifer topic list", "no topic %q", name)
	}
	return t, err
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// pageAddress is the configured address at which pages are opened: beside TLS port 80 only redirects.
func pageAddress(c *config.Config) string {
	for _, l := range c.Listen {
		if _, port, err := net.SplitHostPort(l); err == nil && !(c.Secure() && port == "80") {
			return l
		}
	}
	return ""
}

func setupLinkCommand(app *App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "setup-link", Short: "Print a new one-time link for creating the first admin", GroupID: "admin", Args: command.Words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.withStore(cmd, func(ctx context.Context, s *store) error {
				code, err := auth.NewSetupCode(ctx, s.d)
				if errors.Is(err, db.ErrSetUp) {
					return config.Usagef("notifer user add EMAIL --username NAME --password-file FILE --admin", "the server has an admin already")
				}
				if err != nil {
					return err
				}
				links := daemon.SetupLinks(s.c, pageAddress(s.c), code)
				if app.JSON {
					return app.PrintJSON(map[string]any{"link": links[0], "links": links})
				}
				for _, link := range links {
					app.Printf("%s\n", link)
				}
				return nil
			})
		},
	}
	app.Flags(cmd, "data_dir", "listen", "base_url")
	return cmd
}
