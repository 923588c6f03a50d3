package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/cli/remote"
	"notifer/server/config"
	"notifer/server/daemon"
	"notifer/server/doctor"
)

const doctorLong = `Check the clock, the disk, the files, the last backup, the replica, the configuration
and the public URL. To check the URL, a message is sent through it to a temporary
topic and received by server-sent events and WebSocket. The exit code is 1 if a check
failed. To check the database itself, use "notifer check".

  notifer doctor
  notifer doctor --url https://home.example`

func doctorCommand(app *local.App) *cobra.Command {
	var public string
	cmd := &cobra.Command{
		Use: "doctor", Short: "Diagnose the server, its environment and the reverse proxy", GroupID: "admin", Long: doctorLong,
		Args: command.Words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := config.CheckBaseURL(public); err != nil && !strings.HasPrefix(public, "unix:") {
				return config.Usagef("notifer doctor --url https://home.example", "--url: %v", err)
			}
			var list []daemon.Diagnosis
			err := app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				if public == "" {
					public = s.Config.BaseURL
				}
				list = append(daemon.Diagnose(s.Config, s.DB), outside(ctx, s, strings.TrimRight(public, "/"))...)
				return nil
			})
			if err != nil {
				return err
			}
			return printDiagnoses(app, list)
		},
	}
	cmd.Flags().StringVar(&public, "url", "", "public URL to check (default base_url, or the name of the certificate)")
	app.Flags(cmd, "data_dir", "listen", "base_url", "trusted_proxies", "backup.dir")
	return cmd
}

// outside examines the path from the public URL. If there is none, it is the name of the certificate, or this machine's own address.
func outside(ctx context.Context, s *local.Store, public string) []daemon.Diagnosis {
	if public == "" {
		public = daemon.CertifiedURL(s.Config, localAddress(s.Config))
	}
	d := &doctor.Server{DB: s.DB, Manage: s.Manage, By: local.Actor, Reason: remote.Error,
		Await: func(ctx context.Context) { local.Pause(ctx, local.NoticeTime) }}
	return d.Outside(ctx, public)
}

func printDiagnoses(app *local.App, list []daemon.Diagnosis) error {
	bad := 0
	for i := range list {
		list[i].Text = strings.ReplaceAll(list[i].Text, "`", "")
		f := list[i]
		if f.State == daemon.Bad {
			bad++
		}
		if !app.JSON {
			app.Printf("%-7s  %-18s  %s\n", f.State, f.Name, f.Text)
		}
	}
	if app.JSON {
		if err := app.PrintJSON(list); err != nil {
			return err
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d checks failed", bad, len(list))
	}
	return nil
}
