package tokens

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/tokens"
)

// newTokenView is the form with what the server's rules say about it.
func (p *Tokens) newTokenView(c *request.Call, f web.Form) views.New {
	v := views.New{Settings: frame.SettingsOf(c.Topic, "tokens"), Form: f, Once: frame.NewFormID(), Again: p.Site.Stale(c),
		Longest: p.Manage.Rules().MaxExpiry, NoURLs: p.Settings.RefuseInURLs, Earliest: p.tomorrow(c), Senders: senders()}
	for _, problem := range f.Problems {
		v.More = v.More || slices.Contains([]string{"note", "networks", "priority", "tags", "signing_secret"}, problem.Field)
	}
	for _, name := range []string{"note", "networks", "refuse_in_url", "priority", "tags"} {
		v.More = v.More || f.Value(name) != ""
	}
	return v
}

func (p *Tokens) tomorrow(c *request.Call) time.Time {
	y, m, d := p.DB.Now().In(p.ReaderZone(c)).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, p.ReaderZone(c))
}

// showNewToken is the empty form, or one filled in by a link: values that make no sense are left out.
func (p *Tokens) showNewToken(c *request.Call) error {
	q := c.Query
	values := map[string]string{"publish": "1", "new_network": "1", "expires": p.defaultExpiry()}
	views.FillPreset(values, q.Get("preset"))
	if err := p.fillLike(c, values, q.Get("like")); err != nil {
		return err
	}
	if s := senderOf(q.Get("shape")); s != nil {
		values["shape"], values["name"] = s.ID, s.Name
	}
	if name, err := manage.CheckName(q.Get("name")); err == nil {
		values["name"] = name
	}
	may := strings.Split(q.Get("permissions"), ",")
	if publish, subscribe := slices.Contains(may, "publish"), slices.Contains(may, "subscribe"); publish || subscribe {
		values["publish"], values["subscribe"] = checkbox(publish), checkbox(subscribe)
	}
	if in := strings.TrimSuffix(q.Get("expires_in"), "d"); q.Has("expires_in") && slices.Contains(web.Expiries, in) {
		values["expires"] = in
	}
	if !p.offersExpiry(values["expires"]) {
		values["expires"] = p.longestExpiry()
	}
	return p.Render(c, http.StatusOK, views.NewPage(p.newTokenView(c, web.Form{Values: values})))
}

// fillLike fills the form with what an ended token was.
func (p *Tokens) fillLike(c *request.Call, values map[string]string, id string) error {
	if id == "" {
		return nil
	}
	t, err := p.DB.Token(c.R.Context(), c.Topic.ID, id)
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
	values["publish"], values["subscribe"] = checkbox(t.CanPublish), checkbox(t.CanSubscribe)
	values["refuse_in_url"], values["new_network"] = checkbox(t.RefuseInURL), checkbox(!t.QuietNetworks)
	values["shape"] = t.Shape
	if t.DefaultPriority > 0 {
		values["priority"] = strconv.Itoa(t.DefaultPriority)
	}
}

// checkbox is the value of a check box.
func checkbox(on bool) string {
	if on {
		return "1"
	}
	return ""
}

func (p *Tokens) offersExpiry(days string) bool {
	n, _ := strconv.Atoi(days)
	return p.Manage.Rules().MaxExpiry == 0 || n > 0 && time.Duration(n)*24*time.Hour <= p.Manage.Rules().MaxExpiry
}

// defaultExpiry is the choice closest to the configured expiry of new tokens, not shorter than it.
func (p *Tokens) defaultExpiry() string {
	if p.Manage.Rules().DefaultExpiry == 0 {
		return ""
	}
	for _, days := range web.Expiries[1:] {
		if n, _ := strconv.Atoi(days); time.Duration(n)*24*time.Hour >= p.Manage.Rules().DefaultExpiry && p.offersExpiry(days) {
			return days
		}
	}
	return p.longestExpiry()
}

func (p *Tokens) longestExpiry() string {
	longest := views.Longest
	for _, days := range web.Expiries[1:] {
		if p.offersExpiry(days) {
			longest = days
		}
	}
	return longest
}

// SubmitToken creates a token and leads to the page that shows its secret, once. The same form sent twice leads there
// twice and makes one token.
func (p *Tokens) SubmitToken(c *request.Call) error {
	f, all, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	return p.SubmitOnce(c, f.Value("once"), func() (string, error) { return p.createFromForm(c, f, all) })
}

func (p *Tokens) createFromForm(c *request.Call, f web.Form, all url.Values) (path string, err error) {
	for _, permission := range all["permissions"] {
		f.Values[permission] = "1"
	}
	v, f := p.tokenValues(c, f)
	v.Permissions = all["permissions"]
	_, err = p.Manage.NewToken(manage.ActorOf(c.Who), c.Topic, v)
	f = addTokenProblems(c, f, err)
	if len(f.Problems) == 0 {
		return p.issueFromForm(c, f, v)
	}
	return "", p.Render(c, http.StatusUnprocessableEntity, views.NewPage(p.newTokenView(c, f)))
}

func (p *Tokens) issueFromForm(c *request.Call, f web.Form, v manage.TokenValues) (path string, err error) {
	t, secret, err := p.Manage.CreateToken(c.R.Context(), manage.ActorOf(c.Who), c.Topic, v)
	switch {
	case err == nil:
		p.KeepSecret(c, t.ID, secret)
		return frame.TopicPath(c, "/settings/tokens?created="+t.ID), nil
	case nameTaken(err):
		f = f.Wrong("name", web.TokenNameTaken(c.Topic.Name, t.Name))
	case errors.Is(err, db.ErrLimit):
		f = f.Wrong("", "This topic has as many live tokens as the server allows. Revoke one first.")
	default:
		return "", err
	}
	return "", p.Render(c, http.StatusConflict, views.NewPage(p.newTokenView(c, f)))
}

// nameTaken reports whether a name is refused because another live token has it.
func nameTaken(err error) bool {
	e, ok := errors.AsType[*manage.Error](err)
	return ok && e.Kind == auth.ErrConflict && e.Field == "name"
}
