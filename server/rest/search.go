package rest

import (
	"net/http"
	"time"

	"notifer/server/api"
	"notifer/server/manage"
	"notifer/server/request"
)

// SearchTopic searches one topic.
func (a *API) SearchTopic(c *request.Call) error {
	return a.answerSearch(c, []int64{c.Topic.ID})
}

// SearchAll searches the caller's topics; without parameters it answers the newest messages.
func (a *API) SearchAll(c *request.Call) error {
	ids, err := a.ownTopics(c)
	if err != nil {
		return err
	}
	return a.answerSearch(c, ids)
}

// mostTopics is how many topics one search covers; SQLite takes 32,766 parameters.
const mostTopics = 32_000

// ownTopics are the ids of the caller's topics.
func (a *API) ownTopics(c *request.Call) ([]int64, error) {
	return a.db.OwnTopicIDs(c.R.Context(), c.Who.User().ID, mostTopics)
}

func (a *API) answerSearch(c *request.Call, topics []int64) error {
	q, err := request.ReadSearch(c, topics)
	if err != nil {
		return err
	}
	out := api.Found{Messages: []api.Message{}}
	if len(topics) == 0 {
		request.WriteJSON(c.W, http.StatusOK, out)
		return nil
	}
	list, next, err := a.db.Search(c.R.Context(), q)
	if err != nil {
		return err
	}
	names, err := a.db.TopicNames(c.R.Context(), topics)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Topic = names[list[i].TopicID]
		out.Messages = append(out.Messages, manage.APIMessage(&list[i]))
	}
	out.Total = len(out.Messages)
	if next > 0 {
		out.Next = next.String()
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// MessageActivity counts the messages of the caller's topics per day, for charts.
func (a *API) MessageActivity(c *request.Call) error {
	since := a.db.Now().UTC().AddDate(0, 0, -29)
	days, err := a.db.OwnMessageDays(c.R.Context(), c.Who.User().ID, since)
	if err != nil {
		return err
	}
	counts := map[string]int64{}
	for _, d := range days {
		counts[d.Day.Format(time.DateOnly)] = d.Count
	}
	out := make([]api.Activity, 30)
	for i := range out {
		day := since.AddDate(0, 0, i).Format(time.DateOnly)
		out[i] = api.Activity{Day: day, Count: counts[day]}
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}
