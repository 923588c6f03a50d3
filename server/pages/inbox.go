package pages

import (
	"net/http"
	"net/url"
	"strings"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

const (
	inboxTopics  = 32_000 // SQLite takes 32,766 parameters
	inboxStreams = 100    // topics that one stream may name: those with the newest messages
)

// ShowInbox shows the messages of all topics of the account in one feed.
func (p *Pages) ShowInbox(c *request.Call) error {
	v := web.Topic{Inbox: true, Manage: true}
	ids, err := p.DB.OwnTopicIDs(c.R.Context(), c.User().ID, inboxTopics)
	if err != nil {
		return err
	}
	wanted := p.readSearch(c, &v.Search, ids)
	v.Part = wanted.After != 0
	if name := c.Query.Get("topic"); name != "" {
		t, err := p.DB.Topic(c.R.Context(), name)
		if err == nil && t.OwnerID == c.User().ID {
			v.Search.Topic, wanted.Topics = t.Name, []int64{t.ID}
		}
	}
	newest, err := p.DB.LastID()
	if err != nil {
		return err
	}
	if c.Query.Get("part") == "count" {
		if v.Left, err = p.DB.Count(c.R.Context(), wanted, web.MostCounted); err != nil {
			return err
		}
		return p.Render(c, http.StatusOK, web.FeedCount(v))
	}
	if err := p.fillFeed(c, &v, wanted, newest); err != nil {
		return err
	}
	if err := p.markUnread(c, &v); err != nil {
		return err
	}
	if c.Query.Get("part") == "feed" {
		return p.Render(c, http.StatusOK, web.FeedPart(v))
	}
	list, err := p.DB.Topics(c.R.Context(), db.TopicFilter{Owner: c.User().ID, Unread: c.User().ID, Limit: inboxStreams})
	if err != nil {
		return err
	}
	rows, err := p.topicRows(c, list)
	if err != nil {
		return err
	}
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
	}
	return p.Render(c, http.StatusOK, web.InboxPage(v, rows, streamOf(names)))
}

// streamOf is the path of a stream of several topics, empty for none.
func streamOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "/sse?topics=" + url.QueryEscape(strings.Join(names, ","))
}

// markUnread names the topic of each message of a feed of several, and says which of them the reader has not seen.
func (p *Pages) markUnread(c *request.Call, v *web.Topic) error {
	visits, err := p.DB.Visits(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	var ids []int64
	for _, m := range v.Messages {
		ids = append(ids, m.TopicID)
	}
	names, err := p.DB.TopicNames(c.R.Context(), ids)
	for i := range v.Messages {
		m := &v.Messages[i]
		id, _ := db.ParseID(m.ID)
		m.Topic, m.New = names[m.TopicID], id > visits[m.TopicID]
	}
	return err
}

// SubmitInboxRead marks everything up to the newest message that the page showed as read.
func (p *Pages) SubmitInboxRead(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	upTo, err := db.ParseID(f.Value("up_to"))
	if err != nil {
		return request.Unprocessable("up_to must be a message id")
	}
	if err := p.DB.VisitAll(c.User().ID, upTo); err != nil {
		return err
	}
	return p.SeeOther(c, "/inbox", "")
}
