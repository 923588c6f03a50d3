package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

const (
	messagesPerPage = 50
	listedBeside    = 30 // topics next to a feed
)

func (p *Pages) ShowTopic(c *request.Call) error {
	return p.topicView(c, http.StatusOK, web.Topic{})
}

// topicView completes and answers with a topic's page; the publish box is the caller's.
func (p *Pages) topicView(c *request.Call, status int, v web.Topic) error {
	t := c.Topic
	v.Name, v.Display, v.Description, v.Access, v.Owner = t.Name, t.DisplayName, t.Description, t.AccessLevel, t.OwnerName
	v.Manage = c.User() != nil && (c.User().ID == t.OwnerID || c.User().IsAdmin)
	v.MayPublish = c.User() != nil
	wanted := p.readSearch(c, &v.Search, []int64{t.ID})
	if wanted.Scans() {
		if err := c.BeginSearch(); err != nil {
			return err
		}
	}
	if err := c.BeginPage(); err != nil {
		return err
	}
	v.Part = wanted.After != 0
	newest, err := p.DB.NewestID(c.R.Context(), t.ID)
	if err != nil {
		return err
	}
	if c.Query.Get("part") == "count" {
		if v.Left, err = p.DB.Count(c.R.Context(), wanted, web.MostCounted); err != nil {
			return err
		}
		return p.Render(c, status, web.FeedCount(v))
	}
	if err := p.fillFeed(c, &v, wanted, newest); err != nil {
		return err
	}
	if c.User() != nil && newest != 0 && v.Search == (web.Search{}) {
		visited, err := p.DB.Visited(c.R.Context(), c.User().ID, t.ID)
		if err != nil {
			return err
		}
		if visited != 0 && visited < newest {
			v.Visited = visited.String()
		}
		if err := p.DB.Visit(c.User().ID, t.ID, newest); err != nil {
			return err
		}
	}
	if c.Query.Get("part") == "feed" {
		return p.Render(c, status, web.FeedPart(v))
	}
	if v.Beside, err = p.besideTopics(c); err != nil {
		return err
	}
	return p.Render(c, status, web.TopicPage(v))
}

// besideTopics are the reader's own topics, for the list next to a feed; empty for a visitor.
func (p *Pages) besideTopics(c *request.Call) ([]web.TopicRow, error) {
	if c.User() == nil {
		return nil, nil
	}
	list, err := p.DB.Topics(c.R.Context(), db.TopicFilter{Owner: c.User().ID, Unread: c.User().ID, Limit: listedBeside})
	if err != nil {
		return nil, err
	}
	return p.topicRows(c, list)
}

// fillFeed reads one page of the messages that are wanted, and says how far it reaches and how many more there are.
// newest was read before: what comes later is announced to the page's stream.
func (p *Pages) fillFeed(c *request.Call, v *web.Topic, wanted db.Search, newest db.ID) error {
	list, next, err := p.DB.Search(c.R.Context(), wanted)
	if err != nil {
		return err
	}
	if wanted.Oldest {
		slices.Reverse(list)
	}
	v.Messages = webMessages(list)
	if len(list) > 0 {
		newest = max(newest, list[0].ID)
	}
	if next != 0 {
		v.Next = next.String()
	}
	rest := wanted
	if wanted.Oldest && next != 0 {
		newest, rest.After = next, next
	} else {
		rest.Before = next
	}
	if newest != 0 {
		v.Cursor = newest.String()
	}
	if wanted.After != 0 && next != 0 {
		v.Left, err = p.DB.Count(c.R.Context(), rest, web.MostCounted)
	}
	return err
}

// readSearch reads what is asked for from the query; what makes no sense is left out.
func (p *Pages) readSearch(c *request.Call, shown *web.Search, topics []int64) db.Search {
	q := c.Query
	wanted := db.Search{Topics: topics, Limit: messagesPerPage}
	shown.Text = clipRunes(q.Get("q"), 200)
	wanted.Text = shown.Text
	if tag := strings.ToLower(strings.TrimSpace(q.Get("tag"))); tag != "" {
		shown.Tag = clipRunes(tag, 64)
		wanted.Tags = []string{shown.Tag}
	}
	if n, err := strconv.Atoi(q.Get("priority_min")); err == nil && n >= 1 && n <= 5 {
		shown.Priority, wanted.PriorityMin = strconv.Itoa(n), n
	}
	zone := p.ReaderZone(c)
	if day, err := time.ParseInLocation(time.DateOnly, q.Get("from"), zone); err == nil {
		shown.From, wanted.Since = q.Get("from"), day
	}
	if day, err := time.ParseInLocation(time.DateOnly, q.Get("to"), zone); err == nil {
		shown.To, wanted.Until = q.Get("to"), day.AddDate(0, 0, 1).Add(-time.Millisecond)
	}
	if id, err := db.ParseID(q.Get("before")); err == nil {
		shown.Before, wanted.Before = id.String(), id
	}
	if id, err := db.ParseID(q.Get("after")); err == nil {
		wanted.After, wanted.Oldest = id, wanted.Before == 0
	}
	return wanted
}

func clipRunes(s string, n int) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), n)])
}
