package admin

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/config"
	"notifer/server/manage"
	"notifer/server/qr"
)

func deviceCommand(app *local.App) *cobra.Command {
	return command.Group("device", "Pair phones and tablets, and list them", "admin", deviceAddCommand(app), deviceListCommand(app))
}

func deviceAddCommand(app *local.App) *cobra.Command {
	var owner, url string
	v := manage.PairingValues{}
	cmd := &cobra.Command{
		Use: "add", Short: "Show a QR code that pairs a phone for some topics", Args: command.Words(),
		Long: "Show a QR code that pairs a phone for some topics, once and within five minutes.\n" +
			"The phone can read these topics, and nothing else of the account. It is listed by\n" +
			"\"notifer device list\" and removed by \"notifer key revoke\".\n\n" +
			"  notifer device add --topics server-alerts,backup-* --name \"Kitchen tablet\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(v.Topics) == 0 {
				return config.Usagef("notifer device add --topics door,backup-*", "--topics is missing")
			}
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				u, err := findOwner(ctx, s, owner)
				if err != nil {
					return err
				}
				if url == "" {
					url = s.Config.BaseURL
				}
				if url == "" {
					return config.Usagef("--url https://notify.example.org", "the phone needs the URL of the server: base_url is not set")
				}
				if err := config.CheckBaseURL(url); err != nil {
					return config.Usagef("--url https://notify.example.org", "--url: %v", err)
				}
				offer, code, err := s.Manage.OfferPairing(local.Actor(u), v)
				if err != nil {
					return refusal(cmd, err)
				}
				if strings.HasPrefix(url, "http:") {
					fmt.Fprintln(app.Stderr, "notifer device add: over http the code and the messages travel unencrypted, and browsers show no notifications: use https if you can")
				}
				return showPairing(ctx, app, s, u, offer, strings.TrimRight(url, "/")+"/devices/join", code)
			})
		},
	}
	cmd.Flags().StringSliceVar(&v.Topics, "topics", nil, "topics and patterns that it can read, such as door,backup-*")
	cmd.Flags().StringVar(&v.Name, "name", "Phone", "name of the device")
	cmd.Flags().BoolVar(&v.Publish, "publish", false, "let it publish to these topics too")
	cmd.Flags().BoolVar(&v.OwnReader, "own", false, "messages read on it count as read on the account's other devices")
	cmd.Flags().StringVar(&owner, "owner", "", "account to pair it with (default the only account)")
	cmd.Flags().StringVar(&url, "url", "", "URL at which the phone can reach the server (default base_url)")
	app.Flags(cmd, "data_dir")
	return cmd
}

// showPairing prints the code. At a terminal it waits until the code has been used or has expired.
func showPairing(ctx context.Context, app *local.App, s *local.Store, u db.User, offer db.Pairing, url, code string) error {
	if app.JSON {
		return app.PrintJSON(map[string]string{"id": offer.ID, "url": url + "#" + code, "code": code, "expires_at": offer.ExpiresAt.UTC().Format(time.RFC3339)})
	}
	if len(url+"#"+code) > qr.Longest {
		app.Printf("The URL is too long for a QR code. Open %s on the phone and enter the code:\n%s\nIt works once, until %s.\n", url, code, moment(offer.ExpiresAt))
	} else if err := draw(app, url+"#"+code); err != nil {
		return err
	} else {
		app.Printf("Scan this with the phone, or open %s there and enter the code:\n%s\nIt works once, until %s.\n", url, code, moment(offer.ExpiresAt))
	}
	if !app.Terminal() {
		return nil
	}
	for s.DB.Now().Before(offer.ExpiresAt) && ctx.Err() == nil {
		local.Pause(ctx, time.Second)
		now, err := s.DB.Pairing(ctx, offer.UserID, offer.ID)
		if err == nil && now.KeyID != "" {
			app.Printf("Paired as %s. To remove it: notifer key revoke %s %s\n", command.Plain(offer.Name), u.Username, now.KeyID)
			return nil
		}
	}
	return s.DB.EndPairing(offer.UserID, offer.ID) // the code has left the screen
}

// draw prints the QR code of a text.
func draw(app *local.App, text string) error {
	drawn, err := qr.Encode(text)
	if err != nil {
		return err
	}
	for _, line := range drawn.Lines() {
		if app.Terminal() {
			line = qr.OnWhite + line + "\x1b[0m"
		}
		app.Printf("%s\n", line)
	}
	return nil
}

func deviceListCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list USER", Short: "List an account's paired devices", Args: command.Words("USER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				u, err := findUser(ctx, s, args[0])
				if err != nil {
					return err
				}
				keys, err := s.DB.Keys(ctx, u.ID)
				if err != nil {
					return err
				}
				var list []db.Key
				for _, k := range keys {
					if k.Paired {
						list = append(list, k)
					}
				}
				if app.JSON {
					return printKeys(app, list, s.DB.Now())
				}
				sessions, err := s.DB.PairedSessions(ctx, u.ID)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(app.Stdout, 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tNAME\tSCOPES\tTOPICS\tLAST USED\tREVOKED")
				for _, k := range list {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, command.Plain(k.Name), k.Scopes, topicsOf(k), moment(sessions[k.ID].LastUsedAt), moment(k.RevokedAt))
				}
				return w.Flush()
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}
