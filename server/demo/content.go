package demo

import (
	"fmt"
	"time"
)

// declared is what a demo holds; the tokens of the first topic are those of the lines that are printed.
const declared = `
[admin]
email = "demo@home.example"
username = "demo"

[[topic]]
name = "doorbell"
owner = "demo"
description = "Who is at the door"

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
  permissions = ["publish"]

  [[topic.token]]
  name = "Old desktop"
  permissions = ["publish"]

[[topic]]
name = "home"
owner = "demo"
description = "Climate and power, from Home Assistant"

  [[topic.token]]
  name = "Climate sensor"
  permissions = ["publish"]

  [[topic.token]]
  name = "Home Assistant"
  permissions = ["publish", "subscribe"]

  [[topic.token]]
  name = "Wall tablet"
  permissions = ["subscribe"]

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

// message is one message of the past, and the token that sent it, by name; none for the account itself.
type message struct {
	hours             float64 // ago
	topic, token      string
	priority          int
	title, text, tags string
	markdown          bool
}

// told are the messages that tell a story; history adds the daily ones.
var told = []message{
	{217, "backups", "NAS nightly job", 4, "Laptop", "ann-laptop was not seen for 7 days", "warning,laptop", false},
	{77, "server-alerts", "", 3, "Updates", "**3 packages** can be updated on `pi-rack`:\n\n| package | from | to |\n|---|---|---|\n| linux-image | 6.1.90 | 6.1.94 |\n| openssl | 3.0.14 | 3.0.15 |\n| curl | 7.88.1 | 7.88.2 |\n\nA restart is needed.", "arrow_up", true},
	{59, "garden", "", 4, "Frost", "Below 2 °C tonight: bring the lemon tree in", "snowflake", false},
	{57, "backups", "Router config", 5, "Router", "Connection refused. The last good copy is 3 days old.", "rotating_light,router", false},
	{33, "backups", "Router config", 3, "Router", "Works again, 4 MB in 2 seconds", "white_check_mark,router", false},
	{28, "server-alerts", "", 5, "Disk", "`/dev/sdb` has **8 bad sectors**. Order a new one:\n\n1. 4 TB, same model\n2. a spare for `sda`", "rotating_light,nas", true},
	{20.4, "server-alerts", "", 4, "Photos is down", "HTTP 502 from photos.home.example", "uptime", false},
	{20.3, "server-alerts", "", 4, "Photos is down", "HTTP 502 from photos.home.example", "uptime", false},
	{20.2, "server-alerts", "", 4, "Photos is down", "HTTP 502 from photos.home.example", "uptime", false},
	{20.1, "server-alerts", "", 2, "Photos is up", "Down for 18 minutes", "uptime,white_check_mark", false},
	{4, "server-alerts", "", 4, "Power", "On battery for 6 minutes, then back", "zap,ups", false},
	{1, "doorbell", "Front door", 3, "", "Someone is ringing at the front door", "bell", false},
}

// days is how far back the daily messages go.
const days = 14

// history is the whole past of a demo: what was told, and what comes every day.
func history() []message {
	all := append([]message(nil), told...)
	for day := range days {
		ago := float64(24 * (days - day))
		all = append(all,
			message{ago - 15, "backups", "NAS nightly job", 2, "NAS", fmt.Sprintf("%d GB in %d minutes", 204+day, 36+day*5%9), "white_check_mark,nas", false},
			message{ago - 6, "doorbell", "Front door", 3, "", []string{"A parcel is at the front door", "Someone is ringing at the front door"}[day%2], []string{"package", "bell"}[day%2], false},
			message{ago - 9, "garden", "", 1, "", fmt.Sprintf("%.1f °C, %d %% humidity", 18.4-0.6*float64(day), 61+day), "thermometer", false})
		for part := range 3 {
			all = append(all, message{ago - 2 - float64(part*8), "home", "Climate sensor", 1, "Living room", climate(day*3 + part), "thermometer", false})
		}
		if day%4 == 1 {
			all = append(all, message{ago - 11, "home", "Home Assistant", 3, "Washing machine", "Finished", "basket", false})
		}
	}
	return all
}

// climate is the n-th reading of the sensor.
func climate(n int) string {
	return fmt.Sprintf("%.1f °C, %d %% humidity", 20.6+float64(n*7%13)/10, 43+n*5%9)
}

func hoursAgo(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }
