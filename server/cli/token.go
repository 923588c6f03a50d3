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
	"notifer/server"
	"notifer/server/api"
	"notifer/server/config"
	"notifer/server/daemon"
)

func tokenCommand(app *App) *cobra.Command {
	return group("token", "Create, list, show, rotate and revoke topic access tokens", "admin",
		tokenCreateCommand(app), tokenListCommand(app), tokenShowCommand(app), tokenRotateCommand(app), tokenRevokeCommand(app),
		tokenGenerateCommand(app))
}

func tokenCreateCommand(app *App) *cobra.Command {
	var permissions []string
	var expires config.Duration
	var note string
	cmd := &cobra.Command{
		Use: "create TOPIC NAME", Short: "Create a token and print it, once", Args: words("TOPIC", "NAME"),
		Long: `Create a token and print it. This is the only time it is shown.

  notifer token create backups "Backup job"
  notifer token create server-alerts "Wall display" --permissions subscribe --expires-in 90d`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkLife(cmd, expires); err != nil {
				return err
			}
			name, err := checkName(cmd, args[1])
			if err != nil {
				return err
			}
			return app.withStore(cmd, func(ctx context.Context, s *store) error {
				topic, err := s.privateTopic(ctx, args[0])
				if err != nil {
					return err
				}
				t := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: name, CreatedBy: topic.OwnerID, CreatedByName: topic.OwnerName}
				if err := permit(&t, permissions); err != nil {
					return err
				}
				if t.Note, err = server.CheckNote(note); err != nil {
					return usagef("--note TEXT", "%v", err)
				}
				if t.ExpiresAt, err = s.tokenEnd(expires); err != nil {
					return err
				}
				secret, err := s.auth.IssueToken(ctx, &t)
				if err != nil {
					return daemon.TokenError(err, t)
				}
				return app.printIssued(server.WireToken(&t, &topic, s.d.Now()), secret)
			})
		},
	}
	cmd.Flags().StringSliceVar(&permissions, "permissions", []string{"publish"}, "publish, subscribe, or publish,subscribe")
	cmd.Flags().Var(&expires, "expires-in", "life of the token, such as 30d (default tokens.default_expiry, or never)")
	cmd.Flags().StringVar(&note, "note", "", "a note for the token list")
	app.Flags(cmd, "data_dir")
	return cmd
}

// checkLife refuses an --expires-in that would end before it begins. Without the flag there is no end.
func checkLife(cmd *cobra.Command, life config.Duration) error {
	if life <= 0 && cmd.Flags().Changed("expires-in") {
		return usagef("--expires-in 30d", "--expires-in must be more than 0; leave it out for no end")
	}
	return nil
}

// checkName is the name of a token or key in its one spelling.
func checkName(cmd *cobra.Command, text string) (string, error) {
	name, err := server.CheckName(text)
	if err != nil {
		return "", usagef(cmd.CommandPath()+" --help", "%v", err)
	}
	return name, nil
}

// printIssued prints a token's new secret, with --json the token too.
func (a *App) printIssued(t api.Token, secret string) error {
	if !a.JSON {
		a.Printf("%s\n", secret)
		return nil
	}
	t.Token = secret
	return a.PrintJSON(t)
}

// privateTopic finds a topic that may have tokens.
func (s *store) privateTopic(ctx context.Context, name string) (db.Topic, error) {
	t, err := s.topic(ctx, name)
	if err == nil && t.AccessLevel != db.Private {
		err = usagef("notifer topic list", "tokens are for private topics only, and %s is %s", name, t.AccessLevel)
	}
	return t, err
}

// permit gives a new token the permissions named.
func permit(t *db.Token, permissions []string) error {
	for _, word := range permissions {
		switch strings.TrimSpace(word) {
		case "publish":
			t.CanPublish = true
		case "subscribe":
			t.CanSubscribe = true
		default:
			return usagef("--permissions publish,subscribe", "unknown permission %q", word)
		}
	}
	if !t.CanPublish && !t.CanSubscribe {
		return usagef("--permissions publish", "a token needs a permission: publish, subscribe or both")
	}
	return nil
}

// tokenEnd is when a new token of some life expires under the rules of the configuration; the zero time is never.
func (s *store) tokenEnd(life config.Duration) (time.Time, error) {
	if life == 0 {
		life = s.c.Tokens.DefaultExpiry
	}
	if most := s.c.Tokens.MaxExpiry; most > 0 && (life == 0 || life > most) {
		return time.Time{}, usagef("--expires-in "+most.String(), "tokens.max_expiry is %s: name a life within it", most)
	}
	if life == 0 {
		return time.Time{}, nil
	}
	return s.d.Now().Add(time.Duration(life)), nil
}

func tokenListCommand(app *App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list TOPIC", Short: "List a topic's tokens", Args: words("TOPIC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.withStore(cmd, func(ctx context.Context, s *store) error {
				t, err := s.topic(ctx, args[0])
				if err != nil {
					return err
				}
				list, err := s.d.Tokens(ctx, t.ID)
				if err != nil {
					return err
				}
				return app.printTokens(&t, list, s.d.Now())
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func (a *App) printTokens(topic *db.Topic, list []db.Token, now time.Time) error {
	out := make([]api.Token, len(list))
	for i := range list {
		out[i] = server.WireToken(&list[i], topic, now)
	}
	if a.JSON {
		return a.PrintJSON(out)
	}
	w := tabwriter.NewWriter(a.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tHINT\tPERMISSIONS\tSTATE\tREQUESTS\tLAST USED\tEXPIRES\tCREATED BY")
	for i, t := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", t.ID, plain(t.Name), t.Hint, strings.Join(t.Permissions(), ","),
			out[i].Status, t.RequestCount, moment(t.LastUsedAt), moment(t.ExpiresAt), t.CreatedByName)
	}
	return w.Flush()
}

func tokenRevokeCommand(app *App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "revoke TOPIC ID", Short: "Revoke a token, by its id or its name, for good", Args: words("TOPIC", "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.withStore(cmd, func(ctx context.Context, s *store) error {
				_, t, err := s.token(ctx, args[0], args[1])
				if err != nil {
					return err
				}
				t, err = s.d.RevokeToken(t.TopicID, t.ID, cliActor)
				if errors.Is(err, db.ErrNotFound) {
					return usagef("notifer token list "+args[0], "%s has no live token %s", args[0], args[1])
				}
				if err != nil {
					return err
				}
				if app.JSON {
					return app.PrintJSON(map[string]string{"id": t.ID, "status": "revoked"})
				}
				app.Printf("%q is revoked. Anything still using it now gets 401.\n", t.Name)
				return nil
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}
