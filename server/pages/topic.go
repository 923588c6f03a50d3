package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/plaintext"
	"notifer/server/request"
	"notifer/web"
)

const (
	messagesPerPage = 50
	messagesOffline = 200 // that a device keeps for when it has no network
)

func (p *Pages) ShowTopic(c *request.Call) error {
	return p.topicView(c, http.StatusOK, web.Topic{})
}

// topicView completes v, which may contain the publish form, and answers with the topic's page.
func (p *Pages) topicView(c *request.Call, status int, v web.Topic) error {
	t := c.Topic
	v.Name, v.Display, v.Description, v.Access = t.Name, t.DisplayName, t.Description, t.AccessLevel
	v.Sign = signOf(t)
	v.Manage = c.User() != nil && (c.User().ID == t.OwnerID || c.User().IsAdmin)
	v.MessageBytes = p.Site.MessageBytes()
	v.MayPublish = c.User() != nil || c.Reader() != nil && c.Who.Key().Has(auth.ScopePublish) && c.Who.Key().Reaches(t.Name)
	wanted := p.readSearch(c, &v, []int64{t.ID})
	if err := beginFeed(c, wanted); err != nil {
		return err
	}
	v.Part = wanted.After != 0 && v.Search.After == ""
	newest, err := p.DB.NewestID(c.R.Context(), t.ID)
	if err != nil {
		return err
	}
	if answered, err := p.answerPart(c, v, wanted); answered {
		return err
	}
	if err := p.fillFeed(c, &v, wanted, newest); err != nil {
		return err
	}
	if marker := c.Marker(); marker != "" && newest != 0 && v.Search == (web.Search{}) && !c.Asked("offline") {
		visited, err := p.DB.Visited(c.R.Context(), marker, t.ID)
		if err != nil {
			return err
		}
		if visited != 0 && visited < newest {
			v.Visited = visited.String()
			for i := range v.Messages {
				v.Messages[i].New = v.Messages[i].ID > v.Visited // ids sort as text
			}
		}
		if err := p.DB.Visit(marker, t.ID, newest); err != nil {
			return err
		}
	}
	if v.Manage && !v.Part && len(v.Messages) == 0 {
		if v.Tokens, err = p.LiveTokens(c); err != nil {
			return err
		}
	}
	if c.Query.Get("part") == "feed" {
		return p.Render(c, status, web.FeedPart(v))
	}
	if err := p.fillFilters(c, &v, wanted, []int64{t.ID}); err != nil {
		return err
	}
	if v.Beside, err = p.besideTopics(c); err != nil {
		return err
	}
	if v.Search.After != "" && v.Next == "" {
		return p.SeeOther(c, v.Latest(), "")
	}
	return p.Render(c, status, web.TopicPage(v))
}

// beginFeed waits for the places that reading messages for a page takes.
func beginFeed(c *request.Call, wanted db.Search) error {
	if wanted.Scans() {
		if err := c.BeginSearch(); err != nil {
			return err
		}
	}
	return c.BeginPage()
}

// answerPart answers with what the query asks for of a feed beside its messages, and reports whether it asks for that.
func (p *Pages) answerPart(c *request.Call, v web.Topic, wanted db.Search) (answered bool, err error) {
	switch c.Query.Get("part") {
	case "count":
		return true, p.feedCount(c, v, wanted)
	case "ids":
		return true, p.feedIDs(c, v, wanted)
	case "beside":
		return true, p.besidePart(c, v)
	}
	return false, nil
}

// feedCount answers with the number of wanted messages.
func (p *Pages) feedCount(c *request.Call, v web.Topic, wanted db.Search) (err error) {
	if v.Left, v.LeftMore, err = p.DB.Count(c.R.Context(), wanted, web.MostCounted); err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, web.FeedCount(v))
}

// mostIDs is how many ids are answered at a time; a page keeps no more messages.
const mostIDs = 2500

// feedIDs answers with the ids of the messages after a given one, so that a page can remove those that were deleted.
func (p *Pages) feedIDs(c *request.Call, v web.Topic, wanted db.Search) error {
	last, err := p.DB.LastID()
	if err != nil {
		return err
	}
	wanted.Limit, wanted.Oldest = mostIDs, true
	list, next, err := p.DB.Search(c.R.Context(), wanted)
	if err != nil {
		return err
	}
	if next != 0 {
		last = next
	}
	v.Cursor = last.String()
	for _, m := range list {
		v.IDs = append(v.IDs, m.ID.String())
	}
	return p.Render(c, http.StatusOK, web.FeedIDs(v))
}

// listedSenders is how many senders the filter offers.
const listedSenders = 200

// fillFilters counts the hits of a search, and lists the senders to choose from.
func (p *Pages) fillFilters(c *request.Call, v *web.Topic, wanted db.Search, topics []int64) (err error) {
	if v.Manage {
		list, err := p.DB.Senders(c.R.Context(), topics, listedSenders)
		if err != nil {
			return err
		}
		for _, s := range list {
			v.Senders = append(v.Senders, web.Sender{Kind: s.Kind, Name: s.Name})
		}
	}
	if v.Search.Active() {
		wanted.Before, wanted.After, wanted.Oldest = 0, 0, false
		v.Hits, v.HitsMore, err = p.DB.Count(c.R.Context(), wanted, web.MostCounted)
	}
	return err
}

// besideTopics are the reader's own topics, for the list next to a feed; empty for a visitor.
func (p *Pages) besideTopics(c *request.Call) ([]web.TopicRow, error) {
	u := c.Reader()
	if u == nil {
		return nil, nil
	}
	list, err := p.DB.Topics(c.R.Context(), db.TopicFilter{Owner: u.ID, Within: c.Who.Within(), Unread: c.Marker(), Limit: web.MostBeside})
	if err != nil {
		return nil, err
	}
	// The open one is always there: in a long list it would be gone as soon as it is read.
	if t := c.Topic; t != nil && t.OwnerID == u.ID && !slices.ContainsFunc(list, func(v db.Topic) bool { return v.ID == t.ID }) {
		open, err := p.DB.Topic(c.R.Context(), t.Name)
		if err != nil {
			return nil, err
		}
		list = append(list, open)
	}
	return p.topicRows(c, list)
}

// besidePart answers with the list next to a feed alone.
func (p *Pages) besidePart(c *request.Call, v web.Topic) (err error) {
	if v.Beside, err = p.besideTopics(c); err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, web.BesidePart(v))
}

// fillFeed reads one page of the wanted messages, where the next one begins, and how many more there are. newest must have been read
// before: later messages reach the page by its stream.
func (p *Pages) fillFeed(c *request.Call, v *web.Topic, wanted db.Search, newest db.ID) error {
	list, next, err := p.DB.Search(c.R.Context(), wanted)
	if err != nil {
		return err
	}
	if wanted.Oldest {
		slices.Reverse(list)
	}
	if v.Manage {
		if err := p.DB.NameSenders(c.R.Context(), list); err != nil {
			return err
		}
	}
	v.Messages = webMessages(list)
	if err := p.markAlerts(c, list, v.Messages); err != nil {
		return err
	}
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
		v.Left, v.LeftMore, err = p.DB.Count(c.R.Context(), rest, web.MostCounted)
	}
	return err
}

// readSearch reads from the query which messages are wanted. It ignores what is invalid or not for this reader.
func (p *Pages) readSearch(c *request.Call, v *web.Topic, topics []int64) db.Search {
	q, shown := c.Query, &v.Search
	wanted := db.Search{Topics: topics, Limit: messagesPerPage}
	if c.Asked("offline") {
		wanted.Limit = messagesOffline
	}
	shown.Text = plaintext.First(q.Get("q"), 200)
	wanted.Text = shown.Text
	if tag := strings.ToLower(strings.TrimSpace(q.Get("tag"))); tag != "" {
		shown.Tag = plaintext.First(tag, 64)
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
	if v.Manage {
		shown.Sender = plaintext.First(strings.TrimSpace(q.Get("sender")), 100)
		wanted.Sender = shown.Sender
	}
	if day, err := time.ParseInLocation(time.DateOnly, q.Get("day"), zone); err == nil {
		id := db.FirstID(day.AddDate(0, 0, 1))
		v.Day, shown.Before, wanted.Before = q.Get("day"), id.String(), id
	}
	if v.Day != "" && shown.Before > db.FirstID(p.DB.Now()).String() { // ids sort as text
		v.Day, shown.Before, wanted.Before = "", "", 0 // the day is not over: its newest messages are the newest of all
	}
	if id, err := db.ParseID(q.Get("before")); err == nil {
		shown.Before, wanted.Before = id.String(), max(id, 1) // 0 would be no bound
	}
	if id, err := db.ParseID(q.Get("after")); err == nil {
		wanted.After, wanted.Oldest = id, wanted.Before == 0
		if q.Get("part") == "" && wanted.Oldest && id != 0 {
			shown.After = id.String()
		}
	}
	return wanted
}
