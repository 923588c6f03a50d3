package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/config"
	"notifer/server/daemon"
)

func configCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "config", Short: "Show all settings and where each one comes from", GroupID: "setup", Args: command.UnknownSubcommand,
		Long: `Show all settings in force and where each one comes from; secrets are masked.

A setting has one name in three forms. For limits.message_bytes:

  [limits]                                in the TOML file
  message_bytes = 131072
  NOTIFER_LIMITS_MESSAGE_BYTES=131072     in the environment
  --limits-message-bytes 131072           as a flag of serve and config

Flags override the environment, which overrides the file, which overrides the
defaults. A secret may also come from a file: for admin.password that is
password_file in TOML, NOTIFER_ADMIN_PASSWORD_FILE in the environment, or
admin.password in systemd's credentials directory.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := app.Load(cmd)
			if err != nil {
				return err
			}
			return printConfig(app, c)
		},
	}
	app.Flags(cmd)
	cmd.AddCommand(configCheckCommand(app), configExampleCommand(app), configApplyCommand(app))
	return cmd
}

// masked is shown instead of a secret.
const masked = "(set, not shown)"

func shown(s config.Setting) string {
	if s.Secret && s.String() != "" {
		return fmt.Sprintf("%q", masked)
	}
	return s.TOML()
}

func printConfig(app *local.App, c *config.Config) error {
	if app.JSON {
		return printConfigJSON(app, c)
	}
	w := tabwriter.NewWriter(app.Stdout, 0, 8, 2, ' ', 0)
	for _, s := range c.Settings() {
		fmt.Fprintf(w, "%s\t= %s\t# %s\n", s.Key, shown(s), c.Origin(s.Key))
	}
	if n := len(c.Users) + len(c.Topics); n > 0 {
		fmt.Fprintf(w, "# declared: %d users, %d topics\t\t# %s\n", len(c.Users), len(c.Topics), c.Path())
	}
	return w.Flush()
}

func printConfigJSON(app *local.App, c *config.Config) error {
	type entry struct {
		Key    string `json:"key"`
		Value  any    `json:"value"`
		Origin string `json:"origin"`
	}
	var list []entry
	for _, s := range c.Settings() {
		e := entry{Key: s.Key, Value: s.Value(), Origin: c.Origin(s.Key)}
		switch v := e.Value.(type) {
		case config.Duration, config.Size, config.Space, config.Mode:
			e.Value = fmt.Sprint(v)
		}
		if s.Secret && s.String() != "" {
			e.Value = masked
		}
		list = append(list, e)
	}
	return app.PrintJSON(list)
}

// whatNext says what to type when a file that the configuration names cannot be used.
func whatNext(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "notifer config check, as the user that the server runs as"
	}
	return "notifer config, which shows where each name comes from"
}

func configCheckCommand(app *local.App) *cobra.Command {
	var reload bool
	cmd := &cobra.Command{
		Use: "check", Short: "Check the configuration and the files it names", Args: command.Words(),
		Long: `Check the configuration, the files it names and the directories it needs. The exit
code is 2 if something is wrong. Run it as the user that the server runs as. It
lists files that were not checked because only the service can read them; to
check these too, run it as root.

With --reload it checks only what a running server reads at SIGHUP: the
configuration and the certificate.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := app.Load(cmd)
			if _, usage := errors.AsType[*config.UsageError](err); err != nil && !usage {
				return config.Usagef(whatNext(err), "%v", err)
			}
			if err != nil {
				return err
			}
			for _, w := range c.Warnings() {
				fmt.Fprintln(app.Stderr, "warning:", w)
			}
			if err := checkFiles(app, c, reload); err != nil {
				return err
			}
			unread := c.Unread(app.Env)
			for _, what := range unread {
				fmt.Fprintln(app.Stderr, "not checked:", what)
			}
			if len(unread) > 0 {
				fmt.Fprintln(app.Stderr, "Only the service can read these files. To check those in /etc/notifer too, run: sudo CREDENTIALS_DIRECTORY=/etc/notifer notifer config check")
			}
			file := c.Path()
			if file == "" {
				file = "no file, defaults and environment"
			}
			app.Printf("ok: %s\n", file)
			return nil
		},
	}
	cmd.Flags().BoolVar(&reload, "reload", false, "check only what a reload reads")
	app.Flags(cmd)
	return cmd
}

// checkFiles checks what the configuration names. A reload uses only the certificate: a running server can do without the rest.
func checkFiles(app *local.App, c *config.Config, reload bool) error {
	var found []error
	if reload {
		if err := daemon.CheckCertificate(c, app.Env); err != nil {
			found = append(found, fmt.Errorf("tls.cert: %w", err))
		}
	} else {
		if err := c.CheckAddresses(c.Listen, c.Metrics.Listen); err != nil {
			return err
		}
		found = daemon.Preflight(c, app.Env)
	}
	if len(found) == 0 {
		return nil
	}
	err := errors.Join(found...)
	return config.Usagef(whatNext(err), "%v", err)
}

func configExampleCommand(app *local.App) *cobra.Command {
	var markdown bool
	cmd := &cobra.Command{
		Use: "example", Short: "Print a configuration file with every key at its default", Args: command.Words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			text := config.Example()
			if markdown {
				text = config.Reference()
			}
			app.Printf("%s", text)
			return nil
		},
	}
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print the keys as a page of documentation instead")
	return cmd
}
