package demo

import (
	"fmt"
	"time"
)

// declared is the demo's content. The command prints examples with the tokens of the first topic.
const declared = `
[admin]
email = "demo@home.example"
username = "demo"

[[topic]]
name = "doorbell"
owner = "demo"
icon_name = "🔔"
icon_color = "auto"
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
icon_name = "💾"
icon_color = "auto"
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
icon_name = "🏠"
icon_color = "auto"
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

  [[topic.token]]
  name = "Heat pump"
  permissions = ["publish"]

[[topic]]
name = "server-alerts"
owner = "demo"
icon_name = "🖥️"
icon_color = "auto"
access_level = "protected"
description = "What breaks in the basement"

[[topic]]
name = "garden"
owner = "demo"
icon_name = "🌱"
icon_color = "auto"
access_level = "public"
is_discoverable = true
description = "The weather station on the shed"
`

// message is one message of the past. Its sender is the name of a token of the topic, of one of keys, or of an account; empty for a message
// without a credential.
type message struct {
	hours             float64 // ago
	topic, sender     string
	priority          int
	title, text, tags string
	markdown          bool
	link              string // of the button: its URL, a space and its label
}

// keys are API keys of the owner; topics that are not private take no tokens.
var keys = []string{"Uptime monitor", "Server monitoring"}

// story are the messages that tell a story; history adds the daily ones.
var story = []message{
	{217, "backups", "NAS nightly job", 4, "Laptop", "ann-laptop was not seen for 7 days", "warning,laptop", false, ""},
	{77, "server-alerts", "Server monitoring", 3, "Updates", "**3 packages** can be updated on `pi-rack`:\n\n| package | from | to |\n|---|---|---|\n| linux-image | 6.1.90 | 6.1.94 |\n| openssl | 3.0.14 | 3.0.15 |\n| curl | 7.88.1 | 7.88.2 |\n\nA restart is needed.", "arrow_up", true, ""},
	{59, "garden", "", 4, "Frost", "Below 2 °C tonight: bring the lemon tree in", "snowflake", false, ""},
	{57, "backups", "Router config", 5, "Router", "Connection refused. The last good copy is 3 days old.", "rotating_light,router", false, ""},
	{33, "backups", "Router config", 3, "Router", "Works again, 4 MB in 2 seconds", "white_check_mark,router", false, ""},
	{27, "garden", "ann", 2, "", "Tomatoes are watered, and the last six picked", "tomato", false, ""},
	{24.1, "server-alerts", "Uptime monitor", 2, "photos.home.example is up again", "Down for 62 minutes", "white_check_mark,photos", false, ""},
	{4, "server-alerts", "Server monitoring", 4, "Power", "On battery for 6 minutes, then back", "zap,ups", false, ""},
	{1, "doorbell", "Front door", 3, "", "Someone is ringing at the front door", "bell", false, "https://camera.home.example/door Look through the camera"},
	{0.6, "server-alerts", "Server monitoring", 5, "Disk failing on nas", "`/dev/sdb` has **8 bad sectors**, 3 more than yesterday. Order a new drive:\n\n1. 4 TB, same model\n2. a spare for `sda`", "rotating_light,nas,smart", true, "https://grafana.home.example/d/disk Open Grafana"},
	{0.05, "server-alerts", "demo", 3, "Drive ordered", "It comes on Tuesday. I take the old one out of the array tonight.", "nas", false, ""},
}

// repeated are the messages that a monitor repeats: from hours ago until that many hours ago, with this pause.
var repeated = []struct {
	message
	until, every float64
}{
	{message{25.1, "server-alerts", "Uptime monitor", 4, "photos.home.example is down", "HTTP 502 Bad Gateway", "photos", false, ""}, 24.2, 0.25},
	{message{1.9, "server-alerts", "Uptime monitor", 4, "backup.home.example is down", "No answer on port 443 for 30 seconds", "backup", false, ""}, 0.2, 0.15},
}

// days is how far back the daily messages go.
const days = 14

// history is all messages of the past: the story, and what comes every day.
func history() []message {
	all := append([]message(nil), story...)
	for _, r := range repeated {
		for ; r.hours > r.until; r.hours -= r.every {
			all = append(all, r.message)
		}
	}
	for day := range days {
		ago := float64(24 * (days - day))
		all = append(all,
			message{ago - 15, "backups", "NAS nightly job", 2, "NAS", fmt.Sprintf("%d GB in %d minutes", 204+day, 36+day*5%9), "white_check_mark,nas", false, ""},
			message{ago - 6, "doorbell", "Front door", 3, "", []string{"A parcel is at the front door", "Someone is ringing at the front door"}[day%2], []string{"package", "bell"}[day%2], false, ""},
			message{ago - 9, "garden", "", 1, "", fmt.Sprintf("%.1f °C, %d %% humidity", 18.4-0.6*float64(day), 61+day), "thermometer", false, ""})
		for part := range 3 {
			all = append(all, message{ago - 2 - float64(part*8), "home", "Climate sensor", 1, "Living room", climate(day*3 + part), "thermometer", false, ""})
		}
		if day%4 == 1 {
			all = append(all, message{ago - 11, "home", "Home Assistant", 3, "Washing machine", "Finished", "basket", false, ""})
		}
	}
	return all
}

// climate is the n-th reading of the sensor.
func climate(n int) string {
	return fmt.Sprintf("%.1f °C, %d %% humidity", 20.6+float64(n*7%13)/10, 43+n*5%9)
}

func hoursAgo(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }
