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
	inboxStreams = 100    // topics that one stream may name: the first of the list
)

// ShowInbox answers with the messages of all topics of the account in one feed.
func (p *Pages) ShowInbox(c *request.Call) error {
	if c.User() == nil {
		return p.SeeOther(c, "/", "") // an installed app starts here; a paired device has a list of topics instead
	}
	v := web.Topic{Inbox: true, Manage: true}
	ids, err := p.DB.OwnTopicIDs(c.R.Context(), c.User().ID, nil, inboxTopics)
	if err != nil {
		return err
	}
	visits, err := p.DB.Visits(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	wanted := p.inboxSearch(c, &v, ids, visits)
	newest, err := p.DB.LastID()
	if err != nil {
		return err
	}
	if err := beginFeed(c, wanted); err != nil {
		return err
	}
	if answered, err := p.answerPart(c, v, wanted); answered {
		return err
	}
	if err := p.fillFeed(c, &v, wanted, newest); err != nil {
		return err
	}
	if err := p.markUnread(c, &v, visits); err != nil {
		return err
	}
	if c.Query.Get("part") == "feed" {
		return p.Render(c, http.StatusOK, web.FeedPart(v))
	}
	if err := p.fillFilters(c, &v, wanted, ids); err != nil {
		return err
	}
	return p.inboxPage(c, v)
}

// inboxSearch reads from the query which messages of the account's topics are wanted.
func (p *Pages) inboxSearch(c *request.Call, v *web.Topic, ids []int64, visits map[int64]db.ID) db.Search {
	wanted := p.readSearch(c, v, ids)
	v.Part = wanted.After != 0 && v.Search.After == ""
	if name := c.Query.Get("topic"); name != "" {
		t, err := p.DB.Topic(c.R.Context(), name)
		if err == nil && t.OwnerID == c.User().ID {
			v.Search.Topic, wanted.Topics = t.Name, []int64{t.ID}
		}
	}
	if c.Query.Get("unread") != "" {
		v.Search.Unread, wanted.Newer = true, visits
	}
	return wanted
}

// inboxPage answers with the whole page: the feed, and the topics beside it.
func (p *Pages) inboxPage(c *request.Call, v web.Topic) error {
	list, err := p.DB.Topics(c.R.Context(), db.TopicFilter{Owner: c.User().ID, Unread: c.User().ID, Limit: inboxStreams})
	if err != nil {
		return err
	}
	if v.Beside, err = p.topicRows(c, list); err != nil {
		return err
	}
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
		v.Unread += v.Beside[i].Unread
	}
	if v.Search.After != "" && v.Next == "" {
		return p.SeeOther(c, v.Latest(), "")
	}
	return p.Render(c, http.StatusOK, web.InboxPage(v, streamOf(names)))
}

// streamOf is the path of a stream of several topics, empty for none.
func streamOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "/sse?topics=" + url.QueryEscape(strings.Join(names, ","))
}

// markUnread adds to each message of the inbox its topic, and whether the reader has not seen it.
func (p *Pages) markUnread(c *request.Call, v *web.Topic, visits map[int64]db.ID) error {
	var ids []int64
	for _, m := range v.Messages {
		ids = append(ids, m.TopicID)
	}
	single := make([]db.ID, len(v.Messages))
	for i := range v.Messages {
		single[i], _ = db.ParseID(v.Messages[i].ID)
	}
	read, err := p.DB.ReadAmong(c.R.Context(), c.User().ID, nil, single)
	if err != nil {
		return err
	}
	labels, err := p.DB.TopicLabels(c.R.Context(), ids)
	if err != nil {
		return err
	}
	for i := range v.Messages {
		m := &v.Messages[i]
		topic := labels[m.TopicID]
		m.Topic, m.Sign = topic.Name, web.Sign{Icon: topic.IconName, Color: topic.IconColor}
		m.New = single[i] > visits[m.TopicID] && !read[single[i]]
	}
	return nil
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
