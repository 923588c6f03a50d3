package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/config"
	"notifer/server/contract"
	"notifer/server/manage"
)

func userCommand(app *local.App) *cobra.Command {
	return command.Group("user", "Add, list, change and delete accounts", "admin",
		userAddCommand(app), userListCommand(app), userPasswdCommand(app),
		userSwitchCommand(app, "disable", "Disable an account: its sign-ins, its keys and its topics' tokens", true),
		userSwitchCommand(app, "enable", "Enable a disabled account", false),
		userFactorOffCommand(app), userDeleteCommand(app))
}

func userAddCommand(app *local.App) *cobra.Command {
	var username, file string
	var admin bool
	cmd := &cobra.Command{
		Use: "add EMAIL", Short: "Add an account", Args: command.Words("EMAIL"),
		Long: `Add an account. The password is asked for at a terminal; in a script it comes from
a file, or from standard input with -.

  notifer user add ann@home.example --admin
  notifer user add ann@home.example --username ann --password-file - --admin`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if username == "" {
				username = config.UsernameOf(args[0])
			}
			if err := auth.CheckAccount(args[0], strings.TrimSpace(username)); err != nil { // before a password is asked for
				return config.Usagef("notifer user add EMAIL --username NAME", "%s", config.RuleOf(err))
			}
			password, err := app.Password(cmd.Context(), file)
			if err != nil {
				return err
			}
			return app.WithNewStore(cmd, func(ctx context.Context, s *local.Store) error {
				u, err := s.Manage.CreateAccount(ctx, manage.AccountValues{Email: args[0], Username: username, Password: password, Admin: admin, By: local.By()})
				if err != nil {
					return refusal(cmd, err)
				}
				if app.JSON {
					return app.PrintJSON(contract.User(&u))
				}
				app.Printf("Added %s (%s)%s.\n", u.Username, u.Email, adminWord(u))
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&username, "username", "", "name of the account (default the part before @)")
	cmd.Flags().StringVar(&file, "password-file", "", "file that holds the password; - reads standard input")
	cmd.Flags().BoolVar(&admin, "admin", false, "make the user an admin")
	app.Flags(cmd, "data_dir")
	return cmd
}

func adminWord(u db.User) string {
	if u.IsAdmin {
		return ", an admin"
	}
	return ""
}

func userListCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the accounts", Args: command.Words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				list, err := s.DB.Users(ctx)
				if err != nil {
					return err
				}
				return printUsers(app, list)
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func printUsers(app *local.App, list []db.User) error {
	if app.JSON {
		out := make([]api.User, len(list))
		for i := range list {
			out[i] = contract.User(&list[i])
		}
		return app.PrintJSON(out)
	}
	w := tabwriter.NewWriter(app.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "USERNAME\tEMAIL\tROLE\tSTATE\tSECOND FACTOR\tLAST SIGN-IN")
	for _, u := range list {
		role, state := "user", "active"
		if u.IsAdmin {
			role = "admin"
		}
		switch {
		case u.Disabled:
			state = "disabled"
		case u.MustChange:
			state = "new password due"
		}
		factor := "-"
		if u.Factor {
			factor = "on"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", u.Username, u.Email, role, state, factor, moment(u.LastLoginAt))
	}
	return w.Flush()
}

func userPasswdCommand(app *local.App) *cobra.Command {
	var file string
	var own, keys bool
	cmd := &cobra.Command{
		Use: "passwd USER", Short: "Set an account's password and end its sessions", Args: command.Words("USER"),
		Long: `Set an account's password and end its sessions. At the next sign-in its owner has to
choose another one that nobody else knows; with --own the password stays.

  notifer user passwd ann
  notifer user passwd ann --own
  notifer user passwd ann --revoke-keys`,
		RunE: func(cmd *cobra.Command, args []string) error {
			read := func() (string, error) { return app.Password(cmd.Context(), file) }
			if file != "" { // read as the caller: the owner of the data directory may not be able to read it
				password, err := read()
				if err != nil {
					return err
				}
				read = func() (string, error) { return password, nil }
			}
			return changeUser(app, cmd, args[0], "The password is set and all sessions have ended.", func(ctx context.Context, s *local.Store, u *db.User) error {
				password, err := read()
				if err != nil {
					return err
				}
				_, err = s.Manage.UpdateAccount(ctx, u.ID, manage.AccountChange{Password: &password, RevokeKeys: keys, Final: own, By: local.By()})
				return err
			})
		},
	}
	cmd.Flags().StringVar(&file, "password-file", "", "file that holds the password; - reads standard input")
	cmd.Flags().BoolVar(&own, "own", false, "the account is yours: the password need not be changed at the next sign-in")
	cmd.Flags().BoolVar(&keys, "revoke-keys", false, "revoke the account's API keys too")
	app.Flags(cmd, "data_dir")
	return cmd
}

func userFactorOffCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "totp-off USER", Short: "Turn off the second factor of a user who has lost it", Args: command.Words("USER"),
		Long: `Turn off the second factor of an account whose owner has lost the authenticator app and
the recovery codes. All its sessions end, and the password alone is enough to sign in.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return changeUser(app, cmd, args[0], "The second factor is off and all sessions have ended.", func(ctx context.Context, s *local.Store, u *db.User) error {
				err := s.Manage.DisableSecondFactor(u, "", local.By())
				if errors.Is(err, auth.ErrConflict) {
					return config.Usagef("notifer user list", "%s has no second factor", u.Username)
				}
				u.Factor = false
				return err
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func userSwitchCommand(app *local.App, name, short string, disabled bool) *cobra.Command {
	cmd := &cobra.Command{
		Use: name + " USER", Short: short, Args: command.Words("USER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return changeUser(app, cmd, args[0], "The account is "+name+"d.", func(ctx context.Context, s *local.Store, u *db.User) error {
				u.Disabled = disabled
				_, err := s.Manage.UpdateAccount(ctx, u.ID, manage.AccountChange{Disabled: &disabled, By: local.By()})
				return err
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func userDeleteCommand(app *local.App) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "delete USER", Short: "Delete an account with its topics and their messages", Args: command.Words("USER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !yes {
				return config.Usagef("notifer user delete "+config.ShellWord(args[0])+" --yes", "this deletes the account, its topics and their messages for good")
			}
			return changeUser(app, cmd, args[0], "The account is deleted.", func(ctx context.Context, s *local.Store, u *db.User) error {
				return s.Manage.DeleteAccount(u.ID, local.By())
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "confirm the deletion")
	app.Flags(cmd, "data_dir")
	return cmd
}

// changeUser finds an account, changes it, and prints what was done.
func changeUser(app *local.App, cmd *cobra.Command, login, done string, change func(context.Context, *local.Store, *db.User) error) error {
	return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
		u, err := findUser(ctx, s, login)
		if err != nil {
			return err
		}
		if err := change(ctx, s, &u); err != nil {
			return refusal(cmd, err)
		}
		if app.JSON {
			return app.PrintJSON(contract.User(&u))
		}
		app.Printf("%s: %s\n", u.Username, done)
		return nil
	})
}
