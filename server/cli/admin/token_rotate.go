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
)

func tokenRotateCommand(app *local.App) *cobra.Command {
	grace := config.Duration(24 * time.Hour)
	cmd := &cobra.Command{
		Use: "rotate TOPIC TOKEN", Short: "Give a token a new secret and print it, once", Args: command.Words("TOPIC", "TOKEN"),
		Long: `Give a token a new secret and print it. TOKEN is the token's id or its name. Name,
permissions and counters stay, and the old secret keeps working until --grace is over.

  notifer token rotate backups "Backup job"
  notifer token rotate backups token_abc --grace 0`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				topic, t, err := findToken(ctx, s, args[0], args[1])
				if err != nil {
					return err
				}
				t, secret, err := s.Manage.RotateToken(ctx, local.Actor(ownerOf(&topic)), &topic, t.ID, time.Duration(grace))
				if errors.Is(err, auth.ErrConflict) {
					return config.Usagef("notifer token create "+config.ShellWord(args[0])+" NAME", "the token has ended")
				}
				if err != nil {
					return refusal(cmd, err)
				}
				return printIssued(app, contract.Token(&t, &topic, s.DB.Now()), secret)
			})
		},
	}
	cmd.Flags().Var(&grace, "grace", "how long the old secret works, at most 7d")
	app.Flags(cmd, "data_dir")
	return cmd
}

// shownToken is a token with its usage, as --json prints it.
type shownToken struct {
	api.Token
	Usage api.TokenUsage `json:"usage"`
}

func tokenShowCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show TOPIC TOKEN", Short: "Show one token, by its id or its name, with its use", Args: command.Words("TOPIC", "TOKEN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				topic, t, err := findToken(ctx, s, args[0], args[1])
				if err != nil {
					return err
				}
				shown := shownToken{Token: contract.Token(&t, &topic, s.DB.Now())}
				if shown.Usage, err = usage(ctx, s, t.ID); err != nil {
					return err
				}
				if app.JSON {
					return app.PrintJSON(shown)
				}
				return printShown(app, t, shown)
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

// usage reads how often a token was used on each of the last thirty days, and from which addresses.
func usage(ctx context.Context, s *local.Store, id string) (api.TokenUsage, error) {
	days, err := s.DB.TokenDays(ctx, id, s.DB.Now().UTC().AddDate(0, 0, -29))
	if err != nil {
		return api.TokenUsage{}, err
	}
	addresses, err := s.DB.TokenAddresses(ctx, id)
	return contract.TokenUsage(days, addresses), err
}

func printShown(app *local.App, t db.Token, shown shownToken) error {
	w := tabwriter.NewWriter(app.Stdout, 0, 4, 2, ' ', 0)
	for _, line := range [][2]string{
		{"ID", t.ID}, {"Name", command.Plain(t.Name)}, {"Note", command.Plain(t.Note)}, {"Topic", t.Topic}, {"Hint", t.Hint},
		{"Permissions", strings.Join(t.Permissions(), ",")}, {"State", string(shown.Status)}, {"Created", moment(t.CreatedAt) + " by " + t.CreatedByName},
		{"Expires", moment(t.ExpiresAt)}, {"Last used", strings.TrimSpace(moment(t.LastUsedAt) + " " + t.LastUsedIP + " " + t.LastUsedVia)},
		{"Requests", fmt.Sprintf("%d, %d refused", t.RequestCount, t.RefusedCount)}, {"Networks", t.Networks},
	} {
		if line[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", line[0], line[1])
		}
	}
	for _, u := range shown.Usage.Addresses {
		fmt.Fprintf(w, "Used from\t%s (%d)\n", u.Address, u.Count)
	}
	return w.Flush()
}
