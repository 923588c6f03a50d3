package cli

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
	"notifer/server/config"
	"notifer/server/manage"
)

// token finds a token of a topic by its id, or a live one by its name.
func (s *store) token(ctx context.Context, topic, which string) (db.Topic, db.Token, error) {
	p, err := s.topic(ctx, topic)
	if err != nil {
		return p, db.Token{}, err
	}
	list, err := s.d.Tokens(ctx, p.ID)
	if err != nil {
		return p, db.Token{}, err
	}
	for _, t := range list {
		if t.ID == which || t.Live(s.d.Now()) && db.SameTokenName(t.Name, which) {
			return p, t, nil
		}
	}
	return p, db.Token{}, config.Usagef("notifer token list "+topic, "%s has no token %q", topic, which)
}

func tokenRotateCommand(app *App) *cobra.Command {
	grace := config.Duration(24 * time.Hour)
	cmd := &cobra.Command{
		Use: "rotate TOPIC ID", Short: "Give a token a new secret and print it, once", Args: command.Words("TOPIC", "ID"),
		Long: `Give a token a new secret and print it. Name, permissions and counters stay, and
the old secret works for the time of --grace. ID may be the token's name.

  notifer token rotate backups "Backup job"
  notifer token rotate backups token_abc --grace 0`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.withStore(cmd, func(ctx context.Context, s *store) error {
				topic, t, err := s.token(ctx, args[0], args[1])
				if err != nil {
					return err
				}
				t, secret, err := s.m.RotateToken(ctx, by(ownerOf(&topic)), &topic, t.ID, time.Duration(grace))
				if errors.Is(err, auth.ErrConflict) {
					return config.Usagef("notifer token create "+args[0]+" NAME", "the token has ended")
				}
				if err != nil {
					return refusal(cmd, err)
				}
				return app.printIssued(manage.APIToken(&t, &topic, s.d.Now()), secret)
			})
		},
	}
	cmd.Flags().Var(&grace, "grace", "how long the old secret works, at most 7d")
	app.Flags(cmd, "data_dir")
	return cmd
}

// shownToken is a token with its use, as --json prints it.
type shownToken struct {
	api.Token
	Usage api.TokenUsage `json:"usage"`
}

func tokenShowCommand(app *App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show TOPIC ID", Short: "Show one token with its use", Args: command.Words("TOPIC", "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.withStore(cmd, func(ctx context.Context, s *store) error {
				topic, t, err := s.token(ctx, args[0], args[1])
				if err != nil {
					return err
				}
				shown := shownToken{Token: manage.APIToken(&t, &topic, s.d.Now())}
				if shown.Usage, err = s.usage(ctx, t.ID); err != nil {
					return err
				}
				if app.JSON {
					return app.PrintJSON(shown)
				}
				return app.printShown(t, shown)
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

// usage reads what a token did in the last thirty days, and from where.
func (s *store) usage(ctx context.Context, id string) (api.TokenUsage, error) {
	days, err := s.d.TokenDays(ctx, id, s.d.Now().UTC().AddDate(0, 0, -29))
	if err != nil {
		return api.TokenUsage{}, err
	}
	addresses, err := s.d.TokenAddresses(ctx, id)
	return manage.APIUsage(days, addresses), err
}

func (a *App) printShown(t db.Token, shown shownToken) error {
	w := tabwriter.NewWriter(a.Stdout, 0, 4, 2, ' ', 0)
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
