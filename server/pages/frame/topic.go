package frame

import (
	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

// TopicPath is the path of a page of the topic at hand.
func TopicPath(c *request.Call, rest string) string { return "/topic/" + c.Topic.Name + rest }

// SettingsOf is what the tabs of a topic's settings have in common.
func SettingsOf(t *db.Topic, tab string) web.Settings {
	return web.Settings{Topic: t.Name, Display: t.DisplayName, Access: t.AccessLevel, Tab: tab}
}

// LiveTokens counts the tokens of the topic at hand that work.
func (p *Frame) LiveTokens(c *request.Call) (n int, err error) {
	list, err := p.DB.Tokens(c.R.Context(), c.Topic.ID)
	if err != nil {
		return 0, err
	}
	for i := range list {
		if list[i].Live(p.DB.Now()) {
			n++
		}
	}
	return n, nil
}

// ActivityLines are lines of the activity log.
func ActivityLines(list []db.Audit) []web.ActivityLine {
	out := make([]web.ActivityLine, len(list))
	for i, a := range list {
		out[i] = web.ActivityLine{At: a.At, Actor: a.By.Name, ActorID: a.By.ID, Via: a.By.Via, Address: a.By.Address, Verb: a.Verb, Detail: a.Detail}
	}
	return out
}
