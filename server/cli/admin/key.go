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

func keyCommand(app *local.App) *cobra.Command {
	return command.Group("key", "Create, list and revoke an account's API keys", "admin",
		keyCreateCommand(app), keyListCommand(app), keyTopicsCommand(app), keyRevokeCommand(app))
}

func keyCreateCommand(app *local.App) *cobra.Command {
	var scopes, topics []string
	var expires config.Duration
	cmd := &cobra.Command{
		Use: "create USER NAME", Short: "Create an API key and print it, once", Args: command.Words("USER", "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				u, err := findUser(ctx, s, args[0])
				if err != nil {
					return err
				}
				v := manage.KeyValues{Name: args[1], Scopes: append([]string{}, scopes...)}
				if cmd.Flags().Changed("topics") {
					v.Topics = append([]string{}, topics...)
				}
				if end := expiresAt(s, cmd, expires); end != nil {
					v.Expires = *end
				}
				k, secret, err := s.Manage.CreateKey(ctx, local.Actor(u), v)
				if err != nil {
					return refusal(cmd, err)
				}
				if app.JSON {
					out := contract.Key(&k, s.DB.Now())
					out.Key = secret
					return app.PrintJSON(out)
				}
				app.Printf("%s\n", secret)
				return nil
			})
		},
	}
	cmd.Flags().StringSliceVar(&scopes, "scopes", []string{auth.ScopeAll}, "what the key can do: "+strings.Join(auth.Scopes, ", "))
	command.CompleteFlag(cmd, "scopes", auth.Scopes...)
	cmd.Flags().StringSliceVar(&topics, "topics", nil, "limit it to these topics and patterns, such as door,backup-* (default: all topics of the account)")
	cmd.Flags().Var(&expires, "expires-in", "lifetime of the key, such as 30d (default: never expires)")
	app.Flags(cmd, "data_dir")
	return cmd
}

func keyListCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list USER", Short: "List an account's API keys", Args: command.Words("USER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				u, err := findUser(ctx, s, args[0])
				if err != nil {
					return err
				}
				list, err := s.DB.Keys(ctx, u.ID)
				if err != nil {
					return err
				}
				return printKeys(app, list, s.DB.Now())
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func printKeys(app *local.App, list []db.Key, now time.Time) error {
	if app.JSON {
		out := make([]api.Key, len(list))
		for i := range list {
			out[i] = contract.Key(&list[i], now)
		}
		return app.PrintJSON(out)
	}
	w := tabwriter.NewWriter(app.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tHINT\tSCOPES\tTOPICS\tREQUESTS\tLAST USED\tEXPIRES\tREVOKED")
	for _, k := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", k.ID, command.Plain(k.Name), k.Hint, k.Scopes, topicsOf(k), k.RequestCount,
			moment(k.LastUsedAt), moment(k.ExpiresAt), moment(k.RevokedAt))
	}
	return w.Flush()
}

func topicsOf(k db.Key) string {
	if !k.Limited() {
		return "all"
	}
	return strings.Join(k.Topics, ",")
}

func keyTopicsCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "topics USER ID TOPICS", Short: "Limit an API key to topics and patterns, or to all with \"all\"", Args: command.Words("USER", "ID", "TOPICS"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				u, err := findUser(ctx, s, args[0])
				if err != nil {
					return err
				}
				var topics []string
				if args[2] != "all" {
					topics = strings.Split(args[2], ",")
				}
				k, err := s.Manage.UpdateKey(local.Actor(u), args[1], manage.KeyChange{Topics: &topics})
				if errors.Is(err, db.ErrNotFound) {
					return config.Usagef("notifer key list "+config.ShellWord(args[0]), "%s has no key %s that works", args[0], args[1])
				}
				if err != nil {
					return refusal(cmd, err)
				}
				if app.JSON {
					return app.PrintJSON(contract.Key(&k, s.DB.Now()))
				}
				app.Printf("The key reaches: %s\n", topicsOf(k))
				return nil
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func keyRevokeCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "revoke USER ID", Short: "Revoke an API key for good", Args: command.Words("USER", "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				u, err := findUser(ctx, s, args[0])
				if err != nil {
					return err
				}
				if _, err := s.Manage.RevokeKey(ctx, local.Actor(u), args[1]); err != nil {
					if errors.Is(err, db.ErrNotFound) {
						return config.Usagef("notifer key list "+config.ShellWord(args[0]), "%s has no key %s", args[0], args[1])
					}
					return err
				}
				if app.JSON {
					return app.PrintJSON(map[string]any{"id": args[1], "status": api.Revoked})
				}
				app.Printf("The key is revoked. Anything still using it now gets 401.\n")
				return nil
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}
