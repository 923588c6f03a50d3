package frame

import (
	"time"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

// ChartDays is how many days a small chart shows.
const ChartDays = 14

// ChartStart counts back in UTC, as the days of the store do: a local day may have 23 or 25 hours.
func ChartStart(now time.Time) time.Time { return now.UTC().AddDate(0, 0, 1-ChartDays) }

// TopicPath is the path of a page of the topic at hand.
func TopicPath(c *request.Call, rest string) string { return "/topic/" + c.Topic.Name + rest }

// SettingsOf is what the tabs of a topic's settings have in common.
func SettingsOf(t *db.Topic, tab string) web.Settings {
	return web.Settings{Topic: t.Name, Display: t.DisplayName, Access: t.AccessLevel, Tab: tab}
}

// ActivityLines are lines of the activity log.
func ActivityLines(list []db.Audit) []web.ActivityLine {
	out := make([]web.ActivityLine, len(list))
	for i, a := range list {
		out[i] = web.ActivityLine{At: a.At, Actor: a.By.Name, ActorID: a.By.ID, Via: a.By.Via, Address: a.By.Address, Verb: a.Verb, Detail: a.Detail}
	}
	return out
}
