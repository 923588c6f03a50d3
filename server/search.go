package server

import (
	"encoding/json"
	"net/http"
	"time"

	"notifer/server/api"
	"notifer/server/request"
	"notifer/server/wire"
)

// handleSearchTopic searches one topic.
func (s *Server) handleSearchTopic(c *request.Call) error {
	return s.answerSearch(c, []int64{c.Topic.ID})
}

// handleSearchAll searches the caller's topics; without parameters it answers the newest messages.
func (s *Server) handleSearchAll(c *request.Call) error {
	ids, err := s.ownTopics(c)
	if err != nil {
		return err
	}
	return s.answerSearch(c, ids)
}

// mostTopics is how many topics one search covers; SQLite takes 32,766 parameters.
const mostTopics = 32_000

// ownTopics are the ids of the caller's topics.
func (s *Server) ownTopics(c *request.Call) ([]int64, error) {
	return s.d.OwnTopicIDs(c.R.Context(), c.Who.User().ID, mostTopics)
}

func (s *Server) answerSearch(c *request.Call, topics []int64) error {
	q, err := s.wire.ReadSearch(c, c.Query, topics)
	if err != nil {
		return err
	}
	out := api.Found{Messages: []json.RawMessage{}}
	if len(topics) == 0 {
		request.WriteJSON(c.W, http.StatusOK, out)
		return nil
	}
	list, next, err := s.d.Search(c.R.Context(), q)
	if err != nil {
		return err
	}
	names, err := s.d.TopicNames(c.R.Context(), topics)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Topic = names[list[i].TopicID]
		out.Messages = append(out.Messages, wire.AppendMessage(nil, &list[i], false))
	}
	out.Total = len(out.Messages)
	if next > 0 {
		out.Next = next.String()
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// handleMessageActivity counts the messages of the caller's topics per day, for charts.
func (s *Server) handleMessageActivity(c *request.Call) error {
	since := s.d.Now().UTC().AddDate(0, 0, -29)
	days, err := s.d.OwnMessageDays(c.R.Context(), c.Who.User().ID, since)
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
