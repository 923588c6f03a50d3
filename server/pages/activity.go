package pages

import (
	"net/http"
	"strconv"

	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

const activityPerPage = 50

func (p *Pages) ShowActivity(c *request.Call) error {
	before, _ := strconv.ParseInt(c.Query.Get("before"), 10, 64)
	list, err := p.DB.Activity(c.R.Context(), c.Topic.ID, "", max(before, 0), activityPerPage)
	if err != nil {
		return err
	}
	v := web.Activity{Settings: frame.SettingsOf(c.Topic, "activity"), Lines: frame.ActivityLines(list)}
	if len(list) == activityPerPage {
		v.Older = frame.TopicPath(c, "/settings/activity?before="+strconv.FormatInt(list[len(list)-1].ID, 10))
	}
	return p.Render(c, http.StatusOK, web.ActivityPage(v))
}
