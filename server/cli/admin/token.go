package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

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

func tokenCommand(app *local.App) *cobra.Command {
	return command.Group("token", "Create, list, show, rotate and revoke topic access tokens", "admin",
		tokenCreateCommand(app), tokenListCommand(app), tokenShowCommand(app), tokenRotateCommand(app), tokenRevokeCommand(app),
		tokenShapeCommand(app), tokenGenerateCommand(app))
}

func tokenCreateCommand(app *local.App) *cobra.Command {
	var permissions []string
	var expires config.Duration
	var note, shape string
	cmd := &cobra.Command{
		Use: "create TOPIC NAME", Short: "Create a token and print it, once", Args: command.Words("TOPIC", "NAME"),
		Long: `Create a token and print it. This is the only time it is shown.

  notifer token create backups "Backup job"
  notifer token create server-alerts "Wall display" --permissions subscribe --expires-in 90d
  notifer token create server-alerts Grafana --shape grafana`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				topic, err := findTopic(ctx, s, args[0])
				if err != nil {
					return err
				}
				v := manage.TokenValues{Name: &args[1], Note: &note, Permissions: permissions, Expires: expiresAt(s, cmd, expires)}
				if cmd.Flags().Changed("shape") {
					v.Shape = &shape
				}
				t, secret, err := s.Manage.CreateToken(ctx, local.Actor(ownerOf(&topic)), &topic, v)
				if err != nil {
					return refusal(cmd, err)
				}
				return printIssued(app, contract.Token(&t, &topic, s.DB.Now()), secret)
			})
		},
	}
	cmd.Flags().StringSliceVar(&permissions, "permissions", []string{"publish"}, "publish, subscribe, or publish,subscribe")
	cmd.Flags().Var(&expires, "expires-in", "lifetime of the token, such as 30d (default tokens.default_expiry, or never)")
	cmd.Flags().StringVar(&note, "note", "", "a note for the token list")
	cmd.Flags().StringVar(&shape, "shape", "", "the program that will send with it: grafana, alertmanager, github ... (list: notifer token shape)")
	command.CompleteFlag(cmd, "permissions", manage.Publish, manage.Subscribe, manage.Publish+","+manage.Subscribe)
	_ = cmd.RegisterFlagCompletionFunc("shape", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { // the flag is there
		return shapeIDs(), cobra.ShellCompDirectiveNoFileComp
	})
	app.Flags(cmd, "data_dir")
	return cmd
}

// expiresAt is the end of a lifetime that --expires-in gives; nil without that flag.
func expiresAt(s *local.Store, cmd *cobra.Command, lifetime config.Duration) *time.Time {
	if !cmd.Flags().Changed("expires-in") {
		return nil
	}
	at := s.DB.Now().Add(time.Duration(lifetime))
	return &at
}

// printIssued prints a token's new secret, or with --json the token with its secret.
func printIssued(app *local.App, t api.Token, secret string) error {
	if !app.JSON {
		app.Printf("%s\n", secret)
		return nil
	}
	t.Token = secret
	return app.PrintJSON(t)
}

func tokenListCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list TOPIC", Short: "List a topic's tokens", Args: command.Words("TOPIC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				t, err := findTopic(ctx, s, args[0])
				if err != nil {
					return err
				}
				list, err := s.Manage.Tokens(ctx, &t)
				if err != nil {
					return err
				}
				return printTokens(app, &t, list, s.DB.Now())
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func printTokens(app *local.App, topic *db.Topic, list []db.Token, now time.Time) error {
	out := make([]api.Token, len(list))
	for i := range list {
		out[i] = contract.Token(&list[i], topic, now)
	}
	if app.JSON {
		return app.PrintJSON(out)
	}
	w := tabwriter.NewWriter(app.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tHINT\tPERMISSIONS\tSTATE\tREQUESTS\tLAST USED\tEXPIRES\tCREATED BY")
	for i, t := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", t.ID, command.Plain(t.Name), t.Hint, strings.Join(t.Permissions(), ","),
			out[i].Status, t.RequestCount, moment(t.LastUsedAt), moment(t.ExpiresAt), t.CreatedByName)
	}
	return w.Flush()
}

func tokenRevokeCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "revoke TOPIC TOKEN", Short: "Revoke a token, by its id or its name, for good", Args: command.Words("TOPIC", "TOKEN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				topic, t, err := findToken(ctx, s, args[0], args[1])
				if err != nil {
					return err
				}
				t, err = s.Manage.RevokeToken(local.Actor(ownerOf(&topic)), &topic, t.ID)
				if errors.Is(err, auth.ErrNotFound) {
					return config.Usagef("notifer token list "+config.ShellWord(args[0]), "%s has no live token %s", args[0], args[1])
				}
				if err != nil {
					return err
				}
				if app.JSON {
					return app.PrintJSON(map[string]any{"id": t.ID, "status": api.Revoked})
				}
				app.Printf("%q is revoked. Anything still using it now gets 401.\n", t.Name)
				return nil
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}
