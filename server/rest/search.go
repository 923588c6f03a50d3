package rest

import (
	"net/http"
	"strconv"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/contract"
	"notifer/server/request"
	"notifer/server/request/query"
)

// SearchTopic searches one topic.
func (a *API) SearchTopic(c *request.Call) error {
	return a.answerSearch(c, []int64{c.Topic.ID}, a.site.Auth.Manages(c.Who, c.Topic))
}

// SearchAll searches the caller's topics; without parameters it answers with their newest messages.
func (a *API) SearchAll(c *request.Call) error {
	ids, err := a.ownTopics(c)
	if err != nil {
		return err
	}
	return a.answerSearch(c, ids, c.Who.ManagesOwn())
}

// mostTopics is how many topics one search covers; SQLite takes 32,766 parameters.
const mostTopics = 32_000

// ownTopics are the ids of the caller's topics; with a limited key, of those that it reaches.
func (a *API) ownTopics(c *request.Call) ([]int64, error) {
	return a.db.OwnTopicIDs(c.R.Context(), c.Who.User().ID, c.Who.Within(), mostTopics)
}

func (a *API) answerSearch(c *request.Call, topics []int64, managed bool) error {
	q, err := query.Search(c, topics, managed)
	if err != nil {
		return err
	}
	if q.Scans() {
		if err := c.BeginSearch(); err != nil {
			return err
		}
	}
	return c.WritePage(func(dst []byte) ([]byte, error) { return a.appendFound(c, dst, q, managed) })
}

// appendFound appends an api.Found. A page also ends after request.PageBytes.
func (a *API) appendFound(c *request.Call, dst []byte, q db.Search, managed bool) ([]byte, error) {
	var list []db.Message
	var next db.ID
	var names map[int64]string
	var err error
	if len(q.Topics) > 0 {
		if list, next, err = a.db.Search(c.R.Context(), q); err != nil {
			return nil, err
		}
		if names, err = a.db.TopicNames(c.R.Context(), q.Topics); err != nil {
			return nil, err
		}
	}
	if managed {
		if err := a.db.NameSenders(c.R.Context(), list); err != nil {
			return nil, err
		}
	}
	write := contract.Appender(managed)
	dst = append(dst, `{"messages":[`...)
	total := 0
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		list[i].Topic = names[list[i].TopicID]
		total++
		if dst = write(dst, &list[i], api.UTF8); len(dst) >= request.PageBytes && i+1 < len(list) {
			next = list[i].ID
			break
		}
	}
	dst = strconv.AppendInt(append(dst, `],"total":`...), int64(total), 10)
	if next > 0 {
		dst = append(next.Append(append(dst, `,"next":"`...)), '"')
	}
	return append(dst, "}\n"...), nil
}

// MessageActivity counts the messages of the caller's topics on each of the last 30 days.
func (a *API) MessageActivity(c *request.Call) error {
	since := a.db.Now().UTC().AddDate(0, 0, -29)
	days, err := a.db.OwnMessageDays(c.R.Context(), c.Who.User().ID, c.Who.Within(), since)
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
