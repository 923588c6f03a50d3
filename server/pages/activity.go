package pages

import (
	"net/http"
	"strconv"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

const activityPerPage = 50

func (p *Pages) ShowActivity(c *request.Call) error {
	before, _ := strconv.ParseInt(c.Query.Get("before"), 10, 64)
	list, err := p.db.Activity(c.R.Context(), c.Topic.ID, "", max(before, 0), activityPerPage)
	if err != nil {
		return err
	}
	v := web.Activity{Settings: settingsOf(c.Topic, "activity"), Lines: activityLines(c, list)}
	if len(list) == activityPerPage {
		v.Older = topicPath(c, "/settings/activity?before="+strconv.FormatInt(list[len(list)-1].ID, 10))
	}
	return p.render(c, http.StatusOK, web.ActivityPage(v))
}

// activityLines are lines of the activity log.
func activityLines(c *request.Call, list []db.Audit) []web.Deed {
	out := make([]web.Deed, len(list))
	for i, a := range list {
		out[i] = web.Deed{At: a.At, Actor: a.Actor, Verb: a.Verb, Detail: a.Detail}
	}
	return out
}
