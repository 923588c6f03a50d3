package cli

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server"
)

// The states of a diagnosis.
const (
	fine    = "ok"
	warning = "warn"
	wrong   = "bad"
	skipped = "skipped"
)

// diagnosis is the result of one look.
type diagnosis struct {
	Name  string `json:"name"`
	State string `json:"state"`
	Text  string `json:"text"`
}

const doctorLong = `Examine the clock, the disk, the files, the last copy, the configuration, and the
way from outside: with a topic of its own, which is deleted afterwards, it sends a
message to the public address and receives it by server-sent events and WebSocket.
The exit code is 1 when something is bad. "notifer check" reads the database itself.

  notifer doctor
  notifer doctor --url https://home.example`

func doctorCommand(app *App) *cobra.Command {
	var public string
	cmd := &cobra.Command{
		Use: "doctor", Short: "Examine the server, its surroundings and the way through the proxy", GroupID: "admin", Long: doctorLong,
		Args: words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			var list []diagnosis
			err := app.withStore(cmd, func(ctx context.Context, s *store) error {
				if public == "" {
					public = s.c.BaseURL
				}
				list = append(localDiagnoses(s.c, s.d), s.outside(ctx, strings.TrimRight(public, "/"))...)
				return nil
			})
			if err != nil {
				return err
			}
			return app.printDiagnoses(list)
		},
	}
	cmd.Flags().StringVar(&public, "url", "", "public address to examine (default base_url)")
	app.Flags(cmd, "data_dir", "listen", "base_url", "trusted_proxies", "backup.dir")
	return cmd
}

func (a *App) printDiagnoses(list []diagnosis) error {
	bad := 0
	for _, f := range list {
		if f.State == wrong {
			bad++
		}
		if !a.JSON {
			a.Printf("%-7s  %-16s  %s\n", f.State, f.Name, f.Text)
		}
	}
	if a.JSON {
		if err := a.PrintJSON(list); err != nil {
			return err
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d things are bad", bad, len(list))
	}
	return nil
}

// localDiagnoses are those that need nothing but the machine: also shown to admins in the browser.
func localDiagnoses(c *Config, d *db.DB) []diagnosis {
	return []diagnosis{clockDiagnosis(d), diskDiagnosis(d), filesDiagnosis(d), backupDiagnosis(c, d), secureDiagnosis(c), proxyDiagnosis(c)}
}

// serverChecks is localDiagnoses as the server's page shows them.
func serverChecks(c *Config, d *db.DB) func() []server.Check {
	return func() []server.Check {
		var list []server.Check
		for _, f := range localDiagnoses(c, d) {
			list = append(list, server.Check{Name: f.Name, State: f.State, Text: sentence(f.Text)})
		}
		return list
	}
}

// sentence is a text that begins as a sentence does.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// clockDiagnosis compares the clock with the newest message's id, which holds the time it was stored at.
func clockDiagnosis(d *db.DB) diagnosis {
	now := time.Now()
	last, err := d.LastID()
	switch {
	case err != nil:
		return diagnosis{"clock", wrong, err.Error()}
	case now.Year() < 2026:
		return diagnosis{"clock", wrong, "it says " + moment(now) + ", which is too early: is there no time server?"}
	case last.Time().After(now.Add(time.Minute)):
		return diagnosis{"clock", wrong, "the newest message is of " + moment(last.Time()) + ": the clock has gone back"}
	}
	return diagnosis{"clock", fine, "it says " + moment(now) + now.Format(" MST")}
}

func diskDiagnosis(d *db.DB) diagnosis {
	free, total, ok := d.DiskFree()
	text := fmt.Sprintf("%.1f of %.1f GiB free", float64(free)/(1<<30), float64(total)/(1<<30))
	switch {
	case !ok:
		return diagnosis{"disk", skipped, "the free space cannot be read"}
	case free < 64<<20 || free < total/50:
		return diagnosis{"disk", wrong, text + ": publishing will soon be refused"}
	case free < total/10:
		return diagnosis{"disk", warning, text}
	}
	return diagnosis{"disk", fine, text}
}

// filesDiagnosis says whether others on the machine can read the database.
func filesDiagnosis(d *db.DB) diagnosis {
	if err := db.ClosedToOthers(filepath.Dir(d.Path())); err != nil {
		return diagnosis{"file modes", wrong, err.Error()}
	}
	return diagnosis{"file modes", fine, "only the owner can read the data"}
}

func backupDiagnosis(c *Config, d *db.DB) diagnosis {
	due := 7 * 24 * time.Hour
	if c.Backup.Dir != "" {
		due = 2 * time.Duration(c.Backup.Every)
	}
	last, err := d.LastBackup(context.Background()) // those made by hand too
	if err != nil {
		return diagnosis{"backup", wrong, err.Error()}
	}
	age := min(backupAge(c.Backup.Dir, d.Now()), d.Now().Sub(last))
	switch {
	case age > 10*365*24*time.Hour:
		return diagnosis{"backup", warning, "there is no copy yet: notifer backup FILE, or set backup.dir"}
	case age > due:
		return diagnosis{"backup", wrong, "the last copy is of " + moment(d.Now().Add(-age)) + ", which is too old"}
	}
	return diagnosis{"backup", fine, "the last copy is of " + moment(d.Now().Add(-age))}
}

func secureDiagnosis(c *Config) diagnosis {
	u, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || c.BaseURL == "":
		return diagnosis{"base_url", warning, "it is not set: links are made from what each request says"}
	case u.Scheme != "https":
		return diagnosis{"base_url", warning, "it is no https address: browsers refuse notifications, and tokens travel in the clear"}
	}
	return diagnosis{"base_url", fine, "links begin with " + c.BaseURL}
}

func proxyDiagnosis(c *Config) diagnosis {
	direct := c.TLS.Cert != "" || len(c.ACME.Domains) > 0
	if !direct && strings.HasPrefix(c.BaseURL, "https:") && len(c.TrustedProxies) == 0 {
		return diagnosis{"proxy trust", wrong, "https comes from a proxy that is not in trusted_proxies: all clients share its address"}
	}
	if len(c.TrustedProxies) == 0 {
		return diagnosis{"proxy trust", fine, "none is trusted: clients are known by the address they connect from"}
	}
	return diagnosis{"proxy trust", fine, "these may say where a client is: " + c.TrustedProxies.String()}
}
