package daemon

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/config"
)

// The states of a Diagnosis.
const (
	Fine    = "ok"
	Warning = "warn"
	Bad     = "bad"
	Skipped = "skipped"
)

// Diagnosis is the result of one check. In its text, backquotes enclose what is typed, such as commands and settings.
type Diagnosis struct {
	Name  string `json:"name"`
	State string `json:"state"`
	Text  string `json:"text"`
}

// Diagnose runs the checks that need nothing but the machine. Admins see them in the browser too.
func Diagnose(c *config.Config, d *db.DB) []Diagnosis {
	list := []Diagnosis{clockDiagnosis(d), diskDiagnosis(d), filesDiagnosis(d), backupDiagnosis(c, d)}
	if damaged, err := d.Damaged(context.Background()); err == nil && len(damaged) > 0 {
		list = append(list, Diagnosis{"messages", Bad, damageText(damaged)})
	}
	if c.Replica.Socket != "" {
		list = append(list, replicaDiagnosis(c, d))
	}
	if c.TLS.Cert != "" {
		list = append(list, certificateDiagnosis(c.TLS.Cert, time.Now()))
	}
	return append(list, secureDiagnosis(c), proxyDiagnosis(c))
}

// serverChecks is Diagnose as the server's page shows them.
func serverChecks(c *config.Config, d *db.DB) func() []server.Check {
	return func() []server.Check {
		var list []server.Check
		for _, f := range Diagnose(c, d) {
			list = append(list, server.Check{Name: f.Name, State: f.State, Text: sentence(f.Text)})
		}
		return list
	}
}

// sentence is a text that begins with a capital letter, unless it begins with what is typed.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// clockDiagnosis compares the clock with the newest message's id, which holds the time it was stored at.
func clockDiagnosis(d *db.DB) Diagnosis {
	now := time.Now()
	last, err := d.LastID()
	switch {
	case err != nil:
		return Diagnosis{"clock", Bad, err.Error()}
	case now.Year() < 2026:
		return Diagnosis{"clock", Bad, moment(now) + " is too early: is there a time server?"}
	case last.Time().After(now.Add(time.Minute)):
		return Diagnosis{"clock", Bad, "the newest message is from " + moment(last.Time()) + ": the clock has gone back"}
	}
	return Diagnosis{"clock", Fine, moment(now) + now.Format(" MST")}
}

func diskDiagnosis(d *db.DB) Diagnosis {
	free, total, ok := d.DiskFree()
	unit, name := float64(1<<30), "GiB"
	if total < 1<<30 {
		unit, name = 1<<20, "MiB"
	}
	text := fmt.Sprintf("%.1f of %.1f %s free", float64(free)/unit, float64(total)/unit, name)
	switch {
	case !ok:
		return Diagnosis{"disk", Skipped, "the free space cannot be read"}
	case free < 64<<20 || free < total/50:
		return Diagnosis{"disk", Bad, text + ": publishing will soon be refused"}
	case free < total/10:
		return Diagnosis{"disk", Warning, text}
	}
	return Diagnosis{"disk", Fine, text}
}

// filesDiagnosis says whether others on the machine can read the database.
func filesDiagnosis(d *db.DB) Diagnosis {
	if err := db.ClosedToOthers(filepath.Dir(d.Path())); err != nil {
		return Diagnosis{"file modes", Bad, err.Error()}
	}
	return Diagnosis{"file modes", Fine, "only the owner can read the data"}
}

func backupDiagnosis(c *config.Config, d *db.DB) Diagnosis {
	due := 7 * 24 * time.Hour
	if c.Backup.Dir != "" {
		due = 2 * min(time.Duration(c.Backup.Every), math.MaxInt64/2)
	}
	last, err := d.LastBackup(context.Background()) // those made by hand too
	if err != nil {
		return Diagnosis{"backup", Bad, err.Error()}
	}
	age := backupAge(c.Backup.Dir, d.Now())
	ahead := last.After(d.Now().Add(time.Minute))
	if !ahead {
		age = min(age, d.Now().Sub(last))
	}
	switch {
	case ahead && age > due:
		return Diagnosis{"backup", Warning, "the last backup was made at " + moment(last) + ", which is in the future: the clock has gone back"}
	case age > 10*365*24*time.Hour:
		return Diagnosis{"backup", Warning, "there is no backup yet: run `notifer backup FILE`, or set `backup.dir`"}
	case age > due:
		return Diagnosis{"backup", Bad, "the last backup was made at " + moment(d.Now().Add(-age)) + ", which is too old"}
	}
	text := "the last backup was made at " + moment(d.Now().Add(-age))
	if tried := lastVerified(context.Background(), d); !tried.IsZero() {
		text += ", and one was restored for a trial at " + moment(tried)
	}
	return Diagnosis{"backup", Fine, text}
}

func secureDiagnosis(c *config.Config) Diagnosis {
	switch {
	case c.BaseURL == "":
		return Diagnosis{"base_url", Warning, "not set: links are derived from each request"}
	case !c.HTTPSBase():
		return Diagnosis{"base_url", Warning, "`base_url` does not use https: browsers refuse notifications, and tokens travel unencrypted"}
	}
	return Diagnosis{"base_url", Fine, "links begin with " + c.BaseURL}
}

func proxyDiagnosis(c *config.Config) Diagnosis {
	if !c.Secure() && c.HTTPSBase() && len(c.TrustedProxies) == 0 {
		return Diagnosis{"proxy trust", Bad, "https comes from a proxy that is not in `trusted_proxies`: all clients share its address"}
	}
	if len(c.TrustedProxies) == 0 {
		return Diagnosis{"proxy trust", Fine, "no proxy is trusted: clients are identified by the address they connect from"}
	}
	return Diagnosis{"proxy trust", Fine, "trusted to report the client's address: " + c.TrustedProxies.String()}
}

func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
