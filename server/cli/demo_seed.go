package cli

import (
	"context"
	"crypto/rand"
	"strings"
	"sync/atomic"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/config"
)

// demoDeclared is what a demo holds; the tokens of the first topic are those of the lines that are printed.
const demoDeclared = `
[admin]
email = "demo@home.example"
username = "demo"

[[topic]]
name = "doorbell"
owner = "demo"
description = "Who rings"

  [[topic.token]]
  name = "Front door"
  permissions = ["publish"]

  [[topic.token]]
  name = "Hallway display"
  permissions = ["subscribe"]

[[topic]]
name = "backups"
owner = "demo"
description = "Every night: NAS, laptops, router"

  [[topic.token]]
  name = "NAS nightly job"
  permissions = ["publish", "subscribe"]

[[topic]]
name = "server-alerts"
owner = "demo"
access_level = "protected"
description = "What breaks in the basement"

[[topic]]
name = "garden"
owner = "demo"
access_level = "public"
is_discoverable = true
description = "The weather station on the shed"
`

// declareDemo puts what a demo holds into its configuration, with fresh secrets.
func declareDemo(c *config.Config) error {
	_, err := toml.Decode(demoDeclared, c)
	c.Admin.Password = strings.ToLower(rand.Text()[:16])
	for _, t := range c.Topics {
		for i := range t.Tokens {
			t.Tokens[i].Hash = auth.NewToken()
		}
	}
	return err
}

type demoMessage struct {
	hours             int64 // ago
	topic             string
	priority          int
	title, text, tags string
	markdown          bool
}

// demoMessages are the messages of a demo, oldest first.
var demoMessages = []demoMessage{
	{129, "backups", 2, "NAS", "214 GB in 38 minutes", "white_check_mark,nas", false},
	{122, "garden", 1, "", "18.4 °C, 61 % humidity", "thermometer", false},
	{99, "doorbell", 3, "", "A parcel lies at the front door", "package", false},
	{81, "backups", 4, "Laptop", "ann-laptop was not seen for 7 days", "warning,laptop", false},
	{77, "server-alerts", 3, "Updates", "**3 packages** can be updated on `pi-rack`:\n\n- linux-image\n- openssl\n- curl\n\nA restart is needed.", "arrow_up", true},
	{59, "garden", 4, "Frost", "Below 2 °C tonight: bring the lemon tree in", "snowflake", false},
	{57, "backups", 5, "Router", "Connection refused. The last good copy is 3 days old.", "rotating_light,router", false},
	{33, "backups", 3, "Router", "Works again, 4 MB in 2 seconds", "white_check_mark,router", false},
	{28, "server-alerts", 5, "Disk", "`/dev/sdb` has **8 bad sectors**. Order a new one:\n\n1. 4 TB, same model\n2. a spare for `sda`", "rotating_light,nas", true},
	{9, "backups", 2, "NAS", "215 GB in 41 minutes", "white_check_mark,nas", false},
	{4, "server-alerts", 4, "Power", "On battery for 6 minutes, then back", "zap,ups", false},
	{2, "garden", 1, "", "9.7 °C, 74 % humidity", "thermometer", false},
	{1, "doorbell", 3, "", "Somebody rings at the front door", "bell", false},
}

// seed makes the demo's store. Its clock stands where the messages say, so that everything in it has a past.
func (a *App) seed(cmd *cobra.Command, c *config.Config) error {
	now := time.Now()
	var hours atomic.Int64
	hours.Store(24 * 7)
	past := func() time.Time { return now.Add(-time.Duration(hours.Load()) * time.Hour) }
	return a.onStore(cmd, c, past, func(ctx context.Context, s *store) error {
		err := s.provision(ctx, false, func(string) {})
		for i := range demoMessages {
			hours.Store(demoMessages[i].hours)
			if err == nil {
				err = s.send(ctx, &demoMessages[i])
			}
		}
		return err
	})
}

func (s *store) send(ctx context.Context, m *demoMessage) error {
	t, err := s.auth.Topic(ctx, m.topic)
	if err != nil {
		return err
	}
	out := db.Message{TopicID: t.ID, Topic: m.topic, Priority: m.priority, Title: m.title, HasTitle: m.title != "", Body: m.text, Tags: m.tags}
	out.SetExtras(db.Extras{Markdown: m.markdown})
	return s.d.Publish(&out, nil)
}
