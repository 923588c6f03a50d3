package server

import (
	"net/http"
	"strconv"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

const deedsPerPage = 50

func (s *Server) showActivity(c *request.Call) error {
	before, _ := strconv.ParseInt(c.Query.Get("before"), 10, 64)
	list, err := s.d.Activity(c.R.Context(), c.Topic.ID, "", max(before, 0), deedsPerPage)
	if err != nil {
		return err
	}
	v := web.Activity{Settings: settingsOf(c.Topic, "activity"), Lines: deeds(c, list)}
	if len(list) == deedsPerPage {
		v.Older = topicPath(c, "/settings/activity?before="+strconv.FormatInt(list[len(list)-1].ID, 10))
	}
	return s.render(c, http.StatusOK, web.ActivityPage(v))
}

// deeds are lines of the activity log.
func deeds(c *request.Call, list []db.Audit) []web.Deed {
	out := make([]web.Deed, len(list))
	for i, a := range list {
		out[i] = web.Deed{At: a.At, Actor: a.Actor, Verb: a.Verb, Detail: a.Detail}
	}
	return out
}
