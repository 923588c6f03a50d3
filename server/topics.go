package server

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/request"
)

// Bounds of a topic's parts, in characters.
const (
	maxDisplayName = 100
	maxDescription = 2000
	maxIcon        = 40
)

// WireTopic is a topic in the form of the contract, with the number of its open streams.
func WireTopic(t *db.Topic, subscribers int) api.Topic {
	return api.Topic{ID: t.PublicID, Name: t.Name, DisplayName: optional(t.DisplayName), OwnerID: t.OwnerID,
		AccessLevel: t.AccessLevel, Description: optional(t.Description), IsDiscoverable: t.Discoverable,
		IconName: t.IconName, IconColor: t.IconColor, MessageCount: t.MessageCount,
		SubscriberCount: subscribers, RetentionHours: hours(t.Retention), RetentionBytes: optionalInt(t.RetentionBytes),
		CreatedAt: api.At(t.CreatedAt), LastMessageAt: api.AtPtr(t.LastMessageAt)}
}

func (s *Server) wireTopic(t *db.Topic) api.Topic { return WireTopic(t, s.hub.Subscribers(t.ID)) }

// listedTopic is what a caller sees of a private topic that is listed but not theirs: name and description only.
func listedTopic(t *db.Topic) api.Topic {
	return api.Topic{ID: t.PublicID, Name: t.Name, DisplayName: optional(t.DisplayName), OwnerID: t.OwnerID,
		AccessLevel: t.AccessLevel, Description: optional(t.Description), IsDiscoverable: true, IconName: t.IconName,
		IconColor: t.IconColor, CreatedAt: api.At(t.CreatedAt)}
}

func (s *Server) answerTopics(c *request.Call, f db.TopicFilter) error {
	var err error
	if f.Limit, f.Offset, err = request.ReadPage(c.Query); err != nil {
		return err
	}
	list, err := s.d.Topics(c.R.Context(), f)
	if err != nil {
		return err
	}
	out := make([]api.Topic, len(list))
	u := c.Who.User()
	for i := range list {
		t := &list[i]
		if t.AccessLevel == db.Private && !c.Who.Admin() && (u == nil || t.OwnerID != u.ID) {
			out[i] = listedTopic(t)
		} else {
			out[i] = s.wireTopic(t)
		}
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// handleTopics lists what the caller may see. An API key needs topics:read.
func (s *Server) handleTopics(c *request.Call) error {
	u, err := s.reader(c)
	if err != nil {
		return err
	}
	switch {
	case u == nil:
		return s.answerTopics(c, db.TopicFilter{Anonymous: true})
	case c.Who.Admin():
		return s.answerTopics(c, db.TopicFilter{All: true})
	}
	return s.answerTopics(c, db.TopicFilter{Visible: u.ID})
}

// reader is the account whose view a list shows; nil shows what anybody sees.
func (s *Server) reader(c *request.Call) (*db.User, error) {
	if k := c.Who.Key(); k != nil && c.Who.Session() == nil && !k.Has("topics:read") {
		return nil, &request.Problem{Status: http.StatusForbidden, Detail: "the API key lacks the scope topics:read: create one that has it"}
	}
	return c.Who.User(), nil
}

// handleMyTopics lists the caller's own topics.
func (s *Server) handleMyTopics(c *request.Call) error {
	return s.answerTopics(c, db.TopicFilter{Owner: c.Who.User().ID})
}

// handleCatalog lists discoverable topics: private ones to signed-in callers only.
func (s *Server) handleCatalog(c *request.Call) error {
	u, err := s.reader(c)
	if err != nil {
		return err
	}
	f := db.TopicFilter{Catalog: true}
	if u != nil {
		f.Visible = u.ID
	}
	return s.answerTopics(c, f)
}

func (s *Server) handleTopic(c *request.Call) error {
	t, err := s.freshTopic(c)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, s.wireTopic(&t))
	return nil
}

// freshTopic reads the call's topic with its counters as they are now.
func (s *Server) freshTopic(c *request.Call) (db.Topic, error) {
	t, err := s.d.TopicByPublicID(c.R.Context(), c.Topic.PublicID)
	return t, topicGone(err)
}

// topicGone answers about a topic that was deleted while the call ran as about one that never was.
func topicGone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return &request.Problem{Status: http.StatusNotFound, Detail: "no such topic"}
	}
	return err
}

func (s *Server) handleTopicStats(c *request.Call) error {
	t, err := s.freshTopic(c)
	if err != nil {
		return err
	}
	days, err := s.d.MessageDays(c.R.Context(), t.ID, s.d.Now().UTC().AddDate(0, 0, -29))
	if err != nil {
		return err
	}
	out := api.TopicStats{Name: t.Name, MessageCount: t.MessageCount, SubscriberCount: s.hub.Subscribers(t.ID),
		LastMessageAt: api.AtPtr(t.LastMessageAt), Activity: []api.Activity{}}
	for _, d := range days {
		out.Activity = append(out.Activity, api.Activity{Day: d.Day.Format(time.DateOnly), Count: d.Count})
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

func (s *Server) handleCreateTopic(c *request.Call) error {
	var in api.TopicRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	t, err := s.createTopic(c, in)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusCreated, s.wireTopic(&t))
	return nil
}

// createTopic makes a topic for the caller, private unless asked otherwise. A name in use is told only so often: it
// shows that a private topic of somebody else exists.
func (s *Server) createTopic(c *request.Call, in api.TopicRequest) (db.Topic, error) {
	if in.Name == nil {
		return db.Topic{}, request.Unprocessable("name is missing")
	}
	t := db.NewTopic(*in.Name, *c.Who.User())
	if err := CheckTopicName(t.Name); err != nil {
		return t, err
	}
	if t.Name == strings.TrimPrefix(s.site.Base, "/") {
		return t, request.Unprocessable("the name %q is reserved: choose another", t.Name)
	}
	if _, err := applyTopic(&t, in); err != nil {
		return t, err
	}
	err := s.d.CreateTopic(&t, c.Who.Actor())
	if errors.Is(err, db.ErrTaken) {
		if err := s.site.LimitConflicts(c, t.OwnerID, "too many names that are taken"); err != nil {
			return t, err
		}
		return t, &request.Problem{Status: http.StatusConflict, Detail: "a topic of this name exists already: choose another"}
	}
	return t, err
}

func (s *Server) handleUpdateTopic(c *request.Call) error {
	var in api.TopicRequest
	if err := request.ReadPatch(c, &in); err != nil {
		return err
	}
	if in.Name != nil && *in.Name != c.Topic.Name {
		return request.Unprocessable("a topic's name never changes: create another topic")
	}
	t, err := s.updateTopic(c, in)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, s.wireTopic(&t))
	return nil
}

// updateTopic changes the fields of the call's topic that a request names.
func (s *Server) updateTopic(c *request.Call, in api.TopicRequest) (db.Topic, error) {
	t, err := s.d.UpdateTopic(c.Topic.ID, c.Who.Actor(), func(t *db.Topic) ([]string, error) { return applyTopic(t, in) })
	return t, topicGone(err)
}

var errInbox = &request.Problem{Status: http.StatusConflict, Detail: "this is an account's inbox: it goes with the account"}

var errInboxOpen = &request.Problem{Status: http.StatusConflict, Detail: "this is an account's inbox: it stays private"}

func (s *Server) handleDeleteTopic(c *request.Call) error {
	if c.Topic.Inbox {
		return errInbox
	}
	if err := s.d.DeleteTopic(*c.Topic, c.Who.Actor()); err != nil {
		return err
	}
	return request.NoContent(c.W)
}

// handleTopicAddress sends browsers to the topic's page, without the query, which may hold a token.
func (s *Server) handleTopicAddress(c *request.Call) error {
	if strings.Contains(c.R.Header.Get("Accept"), "text/html") {
		c.W.Header().Set("Location", s.site.Base+"/topic/"+url.PathEscape(c.R.PathValue("topic")))
		c.W.WriteHeader(http.StatusSeeOther)
		return nil
	}
	c.W.Header().Set("Allow", "POST, PUT, OPTIONS")
	return &request.Problem{Status: http.StatusMethodNotAllowed, Detail: "publish with POST or PUT; read with GET /" + c.R.PathValue("topic") + "/json, /sse or /ws"}
}
