package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"notifer/server/cli/local"
	"notifer/server/config"
	"notifer/server/daemon"
	"notifer/server/demo"
)

// demoSettings are the settings that a demo takes from flags and the environment.
var demoSettings = []string{"listen", "log_level", "log_format"}

// serveDemo serves sample topics on this machine until it is interrupted, from a directory that it then removes.
func serveDemo(app *local.App, cmd *cobra.Command) (err error) {
	d, err := demoConfig(app, cmd)
	if err != nil {
		return err
	}
	c := d.Config
	// A server takes SIGHUP as a request to reload, so a demo would outlive its terminal.
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGHUP)
	defer stop()
	c.DataDir = filepath.Join(os.TempDir(), "notifer-demo-"+rand.Text())
	if err := os.Mkdir(c.DataDir, 0o700); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.DataDir)) }()
	if err := seed(app, cmd, d); err != nil {
		return err
	}
	o := options(app, c)
	o.Loopback, o.Wrap = true, d.SignIn
	var alive sync.WaitGroup
	ctx, end := context.WithCancel(ctx)
	o.Ready = func(address string) {
		present(app, d, address)
		alive.Go(func() { d.Run(ctx, address) })
	}
	err = daemon.Run(ctx, o)
	end()
	alive.Wait()
	return err
}

// seed fills the demo's store.
func seed(app *local.App, cmd *cobra.Command, d *demo.Demo) error {
	return app.OnStore(cmd, d.Config, d.Clock, func(ctx context.Context, s *local.Store) error {
		return d.Seed(ctx, demo.Store{DB: s.DB, Auth: s.Auth, Manage: s.Manage,
			Provision: func(ctx context.Context) error { return s.Provision(ctx, false, func(daemon.Change) {}) }})
	})
}

// demoConfig is the default configuration on loopback. It reads no file, and only the variables of demoSettings: the others name the
// store, the backups and the public URL of a real server.
func demoConfig(app *local.App, cmd *cobra.Command) (*demo.Demo, error) {
	c := config.Default()
	c.Listen = config.List{"127.0.0.1:8080"}
	c.LogLevel = "warn" // the demo's refused requests would look like faults
	err := notWithDemo(cmd, "config")
	for _, s := range c.Settings() {
		switch {
		case err != nil:
		case slices.Contains(demoSettings, s.Key):
			err = c.Override(s, app.Env, cmd.Flags())
		default:
			err = notWithDemo(cmd, s.Flag())
		}
	}
	var d *demo.Demo
	if err == nil {
		d, err = demo.New(c)
	}
	if err == nil {
		err = c.Validate()
	}
	if err == nil {
		err = checkLoopback(c.Listen)
	}
	if _, passed := app.Env("LISTEN_FDS"); passed && err == nil {
		err = config.Usagef("notifer serve --demo", "--demo takes no sockets from systemd: it can be reached from this machine only")
	}
	return d, err
}

func notWithDemo(cmd *cobra.Command, flag string) error {
	if !cmd.Flags().Changed(flag) {
		return nil
	}
	return config.Usagef("notifer serve --demo", "--demo takes no --%s: it uses the default settings and a directory of its own, "+
		"which it removes at the end", flag)
}

// checkLoopback refuses addresses that can be reached from another machine.
func checkLoopback(listen config.List) error {
	for _, address := range listen {
		host, _, _ := net.SplitHostPort(address)
		if host != "localhost" && !net.ParseIP(host).IsLoopback() {
			return config.Usagef("notifer serve --demo --listen localhost:8080",
				"%s is not a loopback address, and a demo must not be reachable from other machines", address)
		}
	}
	return nil
}

// present prints how to look at a demo.
func present(app *local.App, d *demo.Demo, address string) {
	c, t := d.Config, &d.Config.Topics[0]
	app.Printf(`Open this link, which signs you in:
  %s
Sign in at %s as %s with the password %s
Publish:   curl -d "Someone is at the door" -H "X-Topic-Token: %s" %[2]s/%[6]s
Subscribe: curl -N -H "X-Topic-Token: %[7]s" %[2]s/%[6]s/sse
This demo is reachable from this machine only. Everything in it is deleted when it stops.
`, d.Link(address), address, c.Admin.Username, c.Admin.Password, t.Tokens[0].Hash, t.Name, t.Tokens[1].Hash)
}
