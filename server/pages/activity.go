package pages

import (
	"net/http"
	"slices"
	"strconv"

	"notifer/db"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

const activityPerPage = 50

func (p *Pages) ShowActivity(c *request.Call) error {
	before, _ := strconv.ParseInt(c.Query.Get("before"), 10, 64)
	v := web.Activity{Settings: frame.SettingsOf(c.Topic, "activity"), Kind: c.Query.Get("kind")}
	if !slices.Contains([]string{"token", "topic", "message"}, v.Kind) {
		v.Kind = ""
	}
	list, err := p.DB.Activity(c.R.Context(), c.Topic.ID, db.ActivityFilter{Kind: v.Kind, Before: max(before, 0), Limit: activityPerPage})
	if err != nil {
		return err
	}
	v.Lines = frame.ActivityLines(list)
	if len(list) == activityPerPage {
		v.Older = frame.TopicPath(c, "/settings/activity?kind="+v.Kind+"&before="+strconv.FormatInt(list[len(list)-1].ID, 10))
	}
	return p.Render(c, http.StatusOK, web.ActivityPage(v))
}
