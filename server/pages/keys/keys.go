package keys

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/contract"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/account"
)

func (p *Keys) ShowKeys(c *request.Call) error {
	if c.Asked("new") {
		return p.Render(c, http.StatusOK, views.NewKeyPage(views.Keys{New: web.Form{Values: map[string]string{}}}))
	}
	list, err := p.DB.Keys(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	names, err := p.DB.OwnTopicNames(c.R.Context(), c.User().ID)
	if err != nil {
		return err
	}
	v := views.Keys{Sort: c.Query.Get("sort")}
	created := c.Query.Get("created")
	for _, k := range list {
		if k.Paired {
			continue // the page of devices has them
		}
		if key := p.webKey(k, names); key.Status == api.Active {
			v.Keys = append(v.Keys, key)
		} else {
			v.Ended = append(v.Ended, key)
		}
		if k.ID != created {
			continue
		}
		var gone bool
		if v.Reveal, gone, err = p.RevealSecret(c, k.ID, k.Name); err != nil {
			return err
		}
		if gone {
			v.Gone = k.Name
		}
		if v.Reveal != nil {
			v.Fresh = p.webKey(k, names)
			if v.Sample, err = p.sampleTopic(c, k.Topics); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(v.Keys, keyOrder(v.Sort))
	return p.Render(c, http.StatusOK, views.KeysPage(v))
}

// keyOrder is the order of a column of the list; by default, the newest key comes first.
func keyOrder(column string) func(a, b views.Key) int {
	switch column {
	case "name":
		return func(a, b views.Key) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) }
	case "used":
		return func(a, b views.Key) int { return b.LastUsedAt.Compare(a.LastUsedAt) }
	case "total":
		return func(a, b views.Key) int { return cmp.Compare(b.Requests, a.Requests) }
	case "expires":
		return func(a, b views.Key) int { return web.SoonerEnd(a.ExpiresAt, b.ExpiresAt) }
	}
	return func(a, b views.Key) int { return b.CreatedAt.Compare(a.CreatedAt) }
}

const sampledTopics = 50

// sampleTopic is the topic that the examples of a key name: the caller's busiest that it works for, empty when there is none.
func (p *Keys) sampleTopic(c *request.Call, patterns []string) (string, error) {
	list, err := p.DB.Topics(c.R.Context(), db.TopicFilter{Owner: c.User().ID, Unread: c.User().ID, Limit: sampledTopics})
	if err != nil {
		return "", err
	}
	for _, t := range list {
		if !t.Inbox && (patterns == nil || len(fitting(patterns, []string{t.Name})) > 0) {
			return t.Name, nil
		}
	}
	return "", nil
}

// webKey is a key as pages show it; names are the topics of its account.
func (p *Keys) webKey(k db.Key, names []string) views.Key {
	return views.Key{ID: k.ID, Name: k.Name, Description: k.Description, Hint: k.Hint, Scopes: strings.Split(k.Scopes, ","), Topics: k.Topics, Matches: fitting(k.Topics, names),
		Paired: k.Paired, OwnReader: k.OwnReader, CreatedAt: k.CreatedAt,
		LastUsedAt: k.LastUsedAt, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt, Status: contract.KeyStatus(&k, p.DB.Now()), Requests: int(k.RequestCount)}
}

// fitting are the names that fit one of the patterns.
func fitting(patterns, names []string) []string {
	var out []string
	for _, n := range names {
		if slices.ContainsFunc(patterns, func(p string) bool { return db.MatchTopic(p, n) }) {
			out = append(out, n)
		}
	}
	return out
}

// matchOf is what the topics of a form fit now, nil unless that was asked for.
func (p *Keys) matchOf(c *request.Call, f web.Form) (*views.Match, error) {
	if f.Value("show") != "match" {
		return nil, nil
	}
	names, err := p.DB.OwnTopicNames(c.R.Context(), c.User().ID)
	return &views.Match{Topics: fitting(patternsOf(f.Value("topics")), names)}, err
}

// patternsOf reads names and patterns as they are typed; nil for none.
func patternsOf(text string) []string {
	list := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(list) == 0 {
		return nil
	}
	return list
}

func (p *Keys) SubmitKey(c *request.Call) error {
	f, all, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	for _, scope := range all["scopes"] {
		f.Values["scope-"+scope] = "1"
	}
	match, err := p.matchOf(c, f)
	if err != nil {
		return err
	}
	if match != nil {
		return p.Render(c, http.StatusUnprocessableEntity, views.NewKeyPage(views.Keys{New: f, Match: match}))
	}
	v := manage.KeyValues{Name: f.Value("name"), Description: f.Value("description"), Scopes: append([]string{}, all["scopes"]...)}
	v.Topics = patternsOf(f.Value("topics"))
	var ok bool
	if v.Expires, ok = keyExpiry(p.DB.Now(), f.Value("expires")); !ok {
		f = f.Wrong("expires", web.ChooseOption)
	}
	_, err = p.Manage.NewKey(manage.ActorOf(c.Who), v)
	if f = keyProblems(f, err); len(f.Problems) > 0 {
		return p.Render(c, http.StatusUnprocessableEntity, views.NewKeyPage(views.Keys{New: f}))
	}
	k, secret, err := p.Manage.CreateKey(c.R.Context(), manage.ActorOf(c.Who), v)
	if f = keyProblems(f, err); len(f.Problems) > 0 {
		return p.Render(c, http.StatusConflict, views.NewKeyPage(views.Keys{New: f}))
	}
	if err != nil {
		return err
	}
	p.KeepSecret(c, k.ID, secret)
	return p.SeeOther(c, "/settings/keys?created="+k.ID, "")
}

// keyProblems adds what the rules have found to a form.
func keyProblems(f web.Form, err error) web.Form {
	for _, problem := range frame.ProblemsOf(err) {
		switch problem.Field {
		case "name":
			f = f.Wrong("name", "A name has 1 to 60 visible characters.")
		case "scopes":
			f = f.Wrong("scopes", web.ChoosePermission)
		case "topics":
			f = f.Wrong("topics", "Name topics, or patterns such as `backup-*`: a-z, 0-9, -, _ and *.")
		default:
			f = f.Wrong("", problem.Detail)
		}
	}
	return f
}

// keyExpiry reads a number of days from now; empty is never.
func keyExpiry(now time.Time, text string) (time.Time, bool) {
	d, ok := frame.ParseDays(text)
	if d == 0 {
		return time.Time{}, ok
	}
	return now.Add(d), ok
}

// ShowKeyTopics shows the form for the name and the topics of a key.
func (p *Keys) ShowKeyTopics(c *request.Call) error {
	v, err := p.keyTopics(c)
	if err != nil {
		return err
	}
	v.Form = web.Form{Values: map[string]string{"name": v.Key.Name, "topics": strings.Join(v.Key.Topics, ", ")}}
	if v.Key.OwnReader {
		v.Form.Values["own"] = "1"
	}
	return p.Render(c, http.StatusOK, views.KeyTopicsPage(v))
}

// keyTopics is the key of the path, which must not have ended.
func (p *Keys) keyTopics(c *request.Call) (views.KeyTopics, error) {
	k, err := p.DB.Key(c.R.Context(), c.User().ID, c.R.PathValue("id"))
	if err == nil && !k.RevokedAt.IsZero() {
		err = db.ErrNotFound
	}
	return views.KeyTopics{Key: p.webKey(k, nil)}, err
}

// SubmitKeyTopics changes them. Open streams of the key follow at once.
func (p *Keys) SubmitKeyTopics(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	v, err := p.keyTopics(c)
	if err != nil {
		return err
	}
	v.Form = f
	if v.Match, err = p.matchOf(c, f); err != nil {
		return err
	}
	if v.Match != nil {
		return p.Render(c, http.StatusUnprocessableEntity, views.KeyTopicsPage(v))
	}
	name, topics, own := f.Value("name"), patternsOf(f.Value("topics")), f.Value("own") != ""
	change := manage.KeyChange{Name: &name, Topics: &topics}
	if v.Key.Paired {
		change.OwnReader = &own
	}
	_, err = p.Manage.UpdateKey(manage.ActorOf(c.Who), v.Key.ID, change)
	if v.Form = keyProblems(f, err); len(v.Form.Problems) > 0 {
		return p.Render(c, http.StatusUnprocessableEntity, views.KeyTopicsPage(v))
	}
	if err != nil {
		return err
	}
	if v.Key.Paired {
		return p.SeeOther(c, "/devices", "flash.saved")
	}
	return p.SeeOther(c, "/settings/keys", "flash.saved")
}

func (p *Keys) ShowEndKey(c *request.Call) error {
	k, err := p.DB.Key(c.R.Context(), c.User().ID, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, views.EndKeyPage(views.EndKey{Key: p.webKey(k, nil)}))
}

func (p *Keys) SubmitEndKey(c *request.Call) error {
	if _, _, err := p.ReadForm(c); err != nil {
		return err
	}
	k, err := p.Manage.RevokeKey(c.R.Context(), manage.ActorOf(c.Who), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	if k.Paired {
		return p.SeeOther(c, "/devices", "flash.device.removed")
	}
	return p.SeeOther(c, "/settings/keys", "flash.revoked", k.Name)
}
