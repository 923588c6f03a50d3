package server

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

// newTokenView is the form with what the server's rules say about it.
func (s *Server) newTokenView(c *request.Call, f web.Form) web.NewToken {
	v := web.NewToken{Settings: settingsOf(c.Topic, "tokens"), Form: f, Once: newOnce(), Again: s.site.Stale(c),
		Longest: s.c.MaxExpiry, NoURLs: s.c.RefuseInURLs, Earliest: s.tomorrow(c)}
	for _, p := range f.Problems {
		v.More = v.More || slices.Contains([]string{"note", "networks", "priority", "tags"}, p.Field)
	}
	for _, name := range []string{"note", "networks", "refuse_in_url", "priority", "tags"} {
		v.More = v.More || f.Value(name) != ""
	}
	return v
}

func (s *Server) tomorrow(c *request.Call) time.Time {
	y, m, d := s.d.Now().In(s.zone(c)).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, s.zone(c))
}

// showNewToken is the empty form, or one filled in by a link: values that make no sense are left out.
func (s *Server) showNewToken(c *request.Call) error {
	q := c.Query
	values := map[string]string{"publish": "1", "new_network": "1", "expires": s.defaultExpiry()}
	web.FillPreset(values, q.Get("preset"))
	if err := s.fillLike(c, values, q.Get("like")); err != nil {
		return err
	}
	if name, ok := plainName(q.Get("name")); ok {
		values["name"] = name
	}
	if p := strings.Split(q.Get("permissions"), ","); slices.Contains(p, "publish") || slices.Contains(p, "subscribe") {
		values["publish"], values["subscribe"] = mark(slices.Contains(p, "publish")), mark(slices.Contains(p, "subscribe"))
	}
	if in := strings.TrimSuffix(q.Get("expires_in"), "d"); q.Has("expires_in") && slices.Contains(web.Expiries, in) {
		values["expires"] = in
	}
	if !s.offered(values["expires"]) {
		values["expires"] = s.longestExpiry()
	}
	return s.render(c, http.StatusOK, web.NewTokenPage(s.newTokenView(c, web.Form{Values: values})))
}

// fillLike fills the form with what an ended token was.
func (s *Server) fillLike(c *request.Call, values map[string]string, id string) error {
	if id == "" {
		return nil
	}
	t, err := s.d.Token(c.R.Context(), c.Topic.ID, id)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err == nil {
		fillToken(values, &t)
	}
	return err
}

func fillToken(values map[string]string, t *db.Token) {
	values["name"], values["note"], values["networks"], values["tags"] = t.Name, t.Note, strings.ReplaceAll(t.Networks, ",", ", "), t.DefaultTags
	values["publish"], values["subscribe"] = mark(t.CanPublish), mark(t.CanSubscribe)
	values["refuse_in_url"], values["new_network"] = mark(t.RefuseInURL), mark(!t.QuietNetworks)
	if t.DefaultPriority > 0 {
		values["priority"] = strconv.Itoa(t.DefaultPriority)
	}
}

// mark is the value of a check box.
func mark(on bool) string {
	if on {
		return "1"
	}
	return ""
}

func (s *Server) offered(days string) bool {
	n, _ := strconv.Atoi(days)
	return s.c.MaxExpiry == 0 || n > 0 && time.Duration(n)*24*time.Hour <= s.c.MaxExpiry
}

// defaultExpiry is the choice closest to the configured expiry of new tokens, not shorter than it.
func (s *Server) defaultExpiry() string {
	if s.c.DefaultExpiry == 0 {
		return ""
	}
	for _, days := range web.Expiries[1:] {
		if n, _ := strconv.Atoi(days); time.Duration(n)*24*time.Hour >= s.c.DefaultExpiry && s.offered(days) {
			return days
		}
	}
	return s.longestExpiry()
}

func (s *Server) longestExpiry() string {
	longest := web.Longest
	for _, days := range web.Expiries[1:] {
		if s.offered(days) {
			longest = days
		}
	}
	return longest
}

// submitToken creates a token and leads to the page that shows its secret, once. The same form sent twice leads there
// twice and makes one token.
func (s *Server) submitToken(c *request.Call) error {
	f, all, err := s.readForm(c)
	if err != nil {
		return err
	}
	return s.onlyOnce(c, f.Value("once"), func() (string, error) { return s.createFromForm(c, f, all) })
}

func (s *Server) createFromForm(c *request.Call, f web.Form, all url.Values) (path string, err error) {
	for _, p := range all["permissions"] {
		f.Values[p] = "1"
	}
	t := db.Token{TopicID: c.Topic.ID, Topic: c.Topic.Name, CreatedBy: c.User().ID, CreatedByName: c.User().Username,
		CanPublish: slices.Contains(all["permissions"], "publish"), CanSubscribe: slices.Contains(all["permissions"], "subscribe")}
	f = s.readTokenForm(c, f, &t)
	if !t.CanPublish && !t.CanSubscribe {
		f = f.Wrong("permissions", web.ChoosePermission)
	}
	if c.Topic.AccessLevel != db.Private {
		f = f.Wrong("", web.TokensRefused(c.Topic.Name))
	}
	if len(f.Problems) == 0 {
		if f, err = s.again(c, f); err != nil {
			return "", err
		}
	}
	if len(f.Problems) == 0 {
		return s.issueFromForm(c, f, t)
	}
	return "", s.render(c, http.StatusUnprocessableEntity, web.NewTokenPage(s.newTokenView(c, f)))
}

func (s *Server) issueFromForm(c *request.Call, f web.Form, t db.Token) (path string, err error) {
	secret, err := s.auth.IssueToken(c.R.Context(), &t)
	switch {
	case err == nil:
		s.reveals.put(c.Who.Session().ID, t.ID, secret)
		return topicPath(c, "/settings/tokens?created="+t.ID), nil
	case errors.Is(err, db.ErrTaken):
		f = f.Wrong("name", web.TokenNameTaken(c.Topic.Name, t.Name))
	case errors.Is(err, db.ErrLimit):
		f = f.Wrong("", "This topic has as many live tokens as the server allows. Revoke one first.")
	default:
		return "", err
	}
	return "", s.render(c, http.StatusConflict, web.NewTokenPage(s.newTokenView(c, f)))
}
