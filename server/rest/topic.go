package rest

import (
	"net/http"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/contract"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/request/query"
)

func (a *API) apiTopic(t *db.Topic) api.Topic { return contract.Topic(t, a.hub.Subscribers(t.ID)) }

func (a *API) answerTopics(c *request.Call, f db.TopicFilter) error {
	var err error
	if f.Limit, f.Offset, err = query.Page(c.Query); err != nil {
		return err
	}
	f.Within = c.Who.Within()
	list, err := a.db.Topics(c.R.Context(), f)
	if err != nil {
		return err
	}
	out := make([]any, len(list))
	u := c.Who.User()
	for i := range list {
		t := &list[i]
		if t.AccessLevel == db.Private && !c.Who.Admin() && (u == nil || t.OwnerID != u.ID) {
			out[i] = contract.ListedTopic(t)
		} else {
			out[i] = a.apiTopic(t)
		}
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// Topics lists the topics that the caller can see. An API key needs topics:read.
func (a *API) Topics(c *request.Call) error {
	u, err := a.reader(c)
	if err != nil {
		return err
	}
	switch {
	case u == nil:
		return a.answerTopics(c, db.TopicFilter{Anonymous: true})
	case c.Who.Admin():
		return a.answerTopics(c, db.TopicFilter{All: true})
	}
	return a.answerTopics(c, db.TopicFilter{Visible: u.ID})
}

// reader is the account for which a list is made; nil for what everyone can see.
func (a *API) reader(c *request.Call) (*db.User, error) {
	if k := c.Who.Key(); k != nil && c.Who.Session() == nil && !k.Has("topics:read") {
		return nil, &request.Problem{Status: http.StatusForbidden, Detail: "the API key lacks the scope topics:read: create one that has it"}
	}
	return c.Who.User(), nil
}

// MyTopics lists the caller's own topics.
func (a *API) MyTopics(c *request.Call) error {
	return a.answerTopics(c, db.TopicFilter{Owner: c.Who.User().ID})
}

// Catalog lists discoverable topics: private ones to signed-in callers only.
func (a *API) Catalog(c *request.Call) error {
	u, err := a.reader(c)
	if err != nil {
		return err
	}
	f := db.TopicFilter{Catalog: true}
	if u != nil {
		f.Visible = u.ID
	}
	return a.answerTopics(c, f)
}

func (a *API) Topic(c *request.Call) error {
	t, err := a.manage.FreshTopic(c.R.Context(), c.Topic.PublicID)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, a.apiTopic(&t))
	return nil
}

func (a *API) TopicStats(c *request.Call) error {
	t, err := a.manage.FreshTopic(c.R.Context(), c.Topic.PublicID)
	if err != nil {
		return err
	}
	days, err := a.db.MessageDays(c.R.Context(), t.ID, a.db.Now().UTC().AddDate(0, 0, -29))
	if err != nil {
		return err
	}
	out := api.TopicStats{Name: t.Name, MessageCount: t.MessageCount, SubscriberCount: a.hub.Subscribers(t.ID),
		LastMessageAt: api.AtPtr(t.LastMessageAt), Activity: []api.Activity{}}
	for _, d := range days {
		out.Activity = append(out.Activity, api.Activity{Day: d.Day.Format(time.DateOnly), Count: d.Count})
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

func (a *API) CreateTopic(c *request.Call) error {
	var in api.TopicRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	if in.Name == nil {
		return request.Unprocessable("name is missing")
	}
	t, err := a.manage.CreateTopic(manage.ActorOf(c.Who), *in.Name, topicValues(in))
	if err != nil {
		return a.site.TakenName(c, err)
	}
	request.WriteJSON(c.W, http.StatusCreated, a.apiTopic(&t))
	return nil
}

// UpdateTopic changes a topic. A caller who may not read it gets its name, look and description only.
func (a *API) UpdateTopic(c *request.Call) error {
	var in api.TopicRequest
	if err := request.ReadPatch(c, &in); err != nil {
		return err
	}
	if in.Name != nil && *in.Name != c.Topic.Name {
		return request.Unprocessable("a topic's name never changes: create another topic")
	}
	t, _, err := a.manage.UpdateTopic(manage.ActorOf(c.Who), c.Topic.ID, topicValues(in))
	if err != nil {
		return err
	}
	if !a.auth.May(c.Who, auth.ReadTopic, &t) {
		request.WriteJSON(c.W, http.StatusOK, contract.ListedTopic(&t))
		return nil
	}
	request.WriteJSON(c.W, http.StatusOK, a.apiTopic(&t))
	return nil
}

func topicValues(in api.TopicRequest) manage.TopicValues {
	v := manage.TopicValues{DisplayName: in.DisplayName, Description: in.Description, AccessLevel: in.AccessLevel, IconName: in.IconName,
		IconColor: in.IconColor, Discoverable: in.IsDiscoverable, RetentionBytes: in.RetentionBytes}
	if in.RetentionHours != nil {
		keep := manage.Hours(*in.RetentionHours)
		v.Retention = &keep
	}
	return v
}

func (a *API) DeleteTopic(c *request.Call) error {
	if err := a.manage.DeleteTopic(manage.ActorOf(c.Who), *c.Topic); err != nil {
		return err
	}
	return request.NoContent(c.W)
}
