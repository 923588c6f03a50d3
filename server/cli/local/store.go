// Package local is what commands share that run on the server's machine: the configuration with its flags, the store, which they open
// even while the server is running, and the wait until that server has noticed their changes.
package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/cli/owner"
	"notifer/server/config"
	"notifer/server/daemon"
	"notifer/server/manage"
)

// Store is the store as a command opens it, with or without a running server.
type Store struct {
	daemon.Store

	Manage *manage.Manager
}

// WithStore opens the store for one command and closes it afterwards. A directory without a store is a usage error: it may be mistyped.
func (a *App) WithStore(cmd *cobra.Command, fn func(ctx context.Context, s *Store) error) error {
	c, err := a.Load(cmd)
	if err == nil {
		err = CheckStore(cmd, c)
	}
	if err != nil {
		return err
	}
	return a.OnStore(cmd, c, time.Now, fn)
}

// WithNewStore is WithStore for commands that may come first: it creates a missing store.
func (a *App) WithNewStore(cmd *cobra.Command, fn func(ctx context.Context, s *Store) error) error {
	c, err := a.Load(cmd)
	if err != nil {
		return err
	}
	return a.OnStore(cmd, c, time.Now, fn)
}

// OnStore opens the store with this clock, creates it when there is none, and closes it after fn.
func (a *App) OnStore(cmd *cobra.Command, c *config.Config, now func() time.Time, fn func(ctx context.Context, s *Store) error) error {
	return owner.Do(c.DataDir, func() error { return a.onOwnStore(cmd, c, now, fn) })
}

func (a *App) onOwnStore(cmd *cobra.Command, c *config.Config, now func() time.Time, fn func(ctx context.Context, s *Store) error) (err error) {
	d, err := db.Open(c.DataDir, db.Options{Now: now})
	if err != nil {
		return daemon.ExplainOpen(c, err)
	}
	defer func() { err = errors.Join(daemon.ExplainDamage(c, err), d.Close()) }()
	ctx := cmd.Context()
	authority, err := auth.New(ctx, d, daemon.AuthOptions(c))
	if err != nil {
		return err
	}
	rules, err := daemon.Rules(c)
	if err != nil {
		return err
	}
	if err := fn(ctx, &Store{daemon.Store{Config: c, DB: d, Auth: authority, Env: a.Env}, manage.New(d, authority, rules)}); err != nil {
		return err
	}
	awaitServer(ctx, cmd, c.DataDir)
	return nil
}

// Actor is the command line acting for an account.
func Actor(u db.User) manage.Actor { return manage.Actor{User: u, By: By()} }

// By is the command line as the activity log names it.
func By() db.By { return db.By{Name: "command line"} }

// Provision creates and updates what the configuration declares, and reports each change; with dry it only reports.
func (s *Store) Provision(ctx context.Context, dry bool, report func(daemon.Change)) error {
	return daemon.Provision(ctx, s.Store, dry, report)
}

// CheckStore refuses a data directory without a store.
func CheckStore(cmd *cobra.Command, c *config.Config) error {
	_, err := os.Stat(filepath.Join(c.DataDir, db.FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return config.Usagef("--data-dir DIR with the directory of the database", "no database in %s", c.DataDir)
	}
	return err
}
