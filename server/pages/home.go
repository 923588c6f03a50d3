package pages

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/plaintext"
	"notifer/server/request"
	"notifer/web"
)

const topicsPerPage = 50

func (p *Pages) showHome(c *request.Call) error {
	v := web.Home{Open: c.Asked("new"), New: web.Form{Values: map[string]string{}}}
	if c.Query.Get("new") == "generate" {
		v.New.Values["name"] = generateName()
	}
	return p.homeView(c, http.StatusOK, v)
}

// homeView completes v, which may contain a form, and answers with the first page.
func (p *Pages) homeView(c *request.Call, status int, v web.Home) error {
	filter, query := db.TopicFilter{Owner: c.User().ID, Unread: c.User().ID}, url.Values{}
	v.Tab = "mine"
	switch c.Query.Get("show") {
	case "all":
		v.Tab, filter = "all", db.TopicFilter{Visible: c.User().ID, All: c.User().IsAdmin, Unread: c.User().ID}
	case "catalog":
		v.Tab, filter = "catalog", db.TopicFilter{Catalog: true, Visible: c.User().ID}
	}
	if v.Tab != "mine" {
		query.Set("show", v.Tab)
	}
	filter.Words = filterWords(c)
	v.Words = filter.Words
	if c.Query.Get("part") == "names" {
		return p.topicNames(c)
	}
	var err error
	if v.Topics, v.Newer, v.Older, err = p.topicPage(c, filter, "/", query); err != nil {
		return err
	}
	v.Stream = streamOf(readable(v.Topics))
	if v.Tab == "mine" && len(v.Topics) == 0 && v.Words == "" {
		v.Open = true
	}
	return p.Render(c, status, web.HomePage(v))
}

// filterWords are the words of the query that the names in a list of topics must contain.
func filterWords(c *request.Call) string {
	return plaintext.First(strings.TrimSpace(c.Query.Get("name")), 100)
}

// jumpTopics is how many topics the menu that jumps to one offers.
const jumpTopics = 1000

// topicNames answers with the topics that the reader can read, for the menu that jumps to one.
func (p *Pages) topicNames(c *request.Call) error {
	list, err := p.DB.Topics(c.R.Context(), db.TopicFilter{Visible: c.User().ID, All: c.User().IsAdmin, Unread: c.User().ID, Limit: jumpTopics})
	if err != nil {
		return err
	}
	var rows []web.TopicRow
	for i := range list {
		if p.Auth.May(c.Who, auth.ReadHistory, &list[i]) {
			rows = append(rows, web.TopicRow{Name: list[i].Name, Display: list[i].DisplayName})
		}
	}
	return p.Render(c, http.StatusOK, web.TopicNames(rows))
}

// SubmitPin pins a topic to the top of the reader's lists, or unpins it.
func (p *Pages) SubmitPin(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	t, err := p.Auth.Topic(c.R.Context(), f.Value("topic"))
	if err != nil {
		return err
	}
	if t == nil || !p.Auth.May(c.Who, auth.ReadHistory, t) {
		return request.Unprocessable("topic must name a topic that you may read")
	}
	if err := p.DB.Pin(c.User().ID, t.ID, f.Value("on") == "1"); err != nil {
		return err
	}
	return p.SeeOther(c, "/", "")
}

// readable are the names of the topics that the reader can read.
func readable(rows []web.TopicRow) []string {
	var names []string
	for _, r := range rows {
		if r.Readable {
			names = append(names, r.Name)
		}
	}
	return names
}

// topicPage reads one page of a list of topics. newer and older are the paths of the neighbours: the path of the list with its query and
// the words of the filter.
func (p *Pages) topicPage(c *request.Call, f db.TopicFilter, path string, query url.Values) (rows []web.TopicRow, newer, older string, err error) {
	list, newer, older, err := p.listTopics(c, f, path, query)
	if err != nil {
		return nil, "", "", err
	}
	rows, err = p.topicRows(c, list)
	return rows, newer, older, err
}

// listTopics is topicPage without the rows.
func (p *Pages) listTopics(c *request.Call, f db.TopicFilter, path string, query url.Values) (list []db.Topic, newer, older string, err error) {
	f.Offset, _ = strconv.Atoi(c.Query.Get("offset"))
	f.Offset = min(max(f.Offset, 0), 1_000_000)
	f.Limit = topicsPerPage + 1
	if list, err = p.DB.Topics(c.R.Context(), f); err != nil {
		return nil, "", "", err
	}
	if f.Words != "" {
		query.Set("name", f.Words)
	}
	from := func(offset int) string {
		query.Set("offset", strconv.Itoa(offset))
		return path + "?" + query.Encode()
	}
	if len(list) > topicsPerPage {
		list, older = list[:topicsPerPage], from(f.Offset+topicsPerPage)
	}
	if f.Offset > 0 {
		newer = from(max(f.Offset-topicsPerPage, 0))
	}
	return list, newer, older, nil
}

func (p *Pages) SubmitTopic(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	name, description, listed := strings.TrimSpace(f.Value("name")), f.Value("description"), f.Value("discoverable") != ""
	v := manage.TopicValues{Description: &description, Discoverable: &listed}
	if level := f.Value("access"); level != "" {
		v.AccessLevel = &level
	}
	t, err := p.Manage.CreateTopic(manage.ActorOf(c.Who), name, v)
	if err == nil {
		return p.SeeOther(c, "/topic/"+t.Name, "flash.topic", t.Name)
	}
	problem, known := request.Explain(p.Site.TakenName(c, err))
	if !known {
		return err
	}
	if errors.Is(err, db.ErrLimit) {
		return p.homeView(c, problem.Status, web.Home{Open: true, New: f.Wrong("", problem.Detail)})
	}
	f = f.Wrong("name", p.topicProblem(name, problem))
	return p.homeView(c, problem.Status, web.Home{Open: true, New: f})
}

// topicProblem says what is wrong with the name of a new topic, in the words of the API if there are no shorter ones.
func (p *Pages) topicProblem(name string, problem request.Problem) string {
	switch {
	case problem.Status == http.StatusConflict:
		return "There is already a topic with this name. Choose another one."
	case !api.IsTopicName(name):
		return web.TopicNameRule
	case p.Manage.Reserved(name):
		return "The server uses this name itself. Choose another one."
	}
	return problem.Detail
}

var (
	firstWords  = strings.Fields("amber brisk calm dusty eager frosty gentle hollow ivory jolly keen lunar mellow noble olive proud quiet rapid silver tidy")
	secondWords = strings.Fields("badger comet delta ember falcon garden harbor island jungle kettle lantern meadow nebula otter pepper quartz river summit tiger willow")
)

// generateName returns a topic name that is easy to read and hard to guess: it ends with 50 random bits.
func generateName() string {
	var b [9]byte
	rand.Read(b[:])
	tail := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[2:]))[:10]
	return firstWords[int(b[0])%len(firstWords)] + "-" + secondWords[int(b[1])%len(secondWords)] + "-" + tail
}
