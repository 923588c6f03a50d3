package tokens

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/server/shape"
	"notifer/web"
	views "notifer/web/tokens"
)

// ShowTemplate is the template of a token beside the last payloads that came with it.
func (p *Tokens) ShowTemplate(c *request.Call) error {
	t, err := p.shapedToken(c)
	if err != nil {
		return err
	}
	f := web.Form{Values: map[string]string{"into": "text"}}
	if saved, err := manage.ReadTemplates(t.Template); err == nil {
		for field, text := range templateFields(&saved) {
			f.Values["template_"+field] = *text
		}
		if saved.Markdown {
			f.Values["template_markdown"] = "1"
		}
	}
	return p.templateView(c, http.StatusOK, &t, f)
}

// SubmitTemplate saves the template, or shows the form again with what it makes of the payloads. A field of a payload that was pressed is
// added to the template first.
func (p *Tokens) SubmitTemplate(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	t, err := p.shapedToken(c)
	if err != nil {
		return err
	}
	add, each := f.Value("add"), f.Value("add_each")
	if _, known := templateFields(&shape.Templates{})[f.Value("into")]; !known {
		f.Values["into"] = "text"
	}
	if add != "" {
		f.Values["template_"+f.Value("into")] += add
	}
	if each != "" {
		f.Values["template_each"] = each
	}
	templates := templatesOf(f)
	if _, err := templates.Compile(); err != nil {
		return p.templateView(c, http.StatusUnprocessableEntity, &t, wrongTemplate(f, err))
	}
	if add != "" || each != "" || f.Value("preview") != "" {
		return p.templateView(c, http.StatusOK, &t, f)
	}
	id := shape.Custom
	_, err = p.Manage.UpdateToken(manage.ActorOf(c.Who), c.Topic, t.ID, manage.TokenValues{Shape: &id, Templates: &templates})
	switch {
	case errors.Is(err, auth.ErrInvalid):
		return p.templateView(c, http.StatusUnprocessableEntity, &t, f.Wrong("template_title", "Write a title or a text at least."))
	case err != nil:
		return err
	}
	return p.SeeOther(c, frame.TopicPath(c, "/settings/tokens/"+t.ID), "flash.token", t.Name)
}

// shapedToken is the token of the path. An ended one, and one that may not publish, has no template.
func (p *Tokens) shapedToken(c *request.Call) (db.Token, error) {
	t, err := p.Manage.Token(c.R.Context(), c.Topic, c.R.PathValue("id"))
	if err == nil && (!t.Live(p.DB.Now()) || !t.CanPublish) {
		err = db.ErrNotFound
	}
	return t, err
}

func (p *Tokens) templateView(c *request.Call, status int, t *db.Token, f web.Form) error {
	v := views.Template{Settings: frame.SettingsOf(c.Topic, "tokens"), Token: p.webToken(t, nil), Form: f}
	v.Payloads = p.payloads(t, templatesOf(f))
	return p.Render(c, status, views.TemplatePage(v))
}

// Bounds of what the page shows of the messages.
const (
	shownMessages = 3 // of one payload
	shownBytes    = 256 << 10
)

// payloads are the last payloads of a token with what the templates make of them: what a publish would store.
func (p *Tokens) payloads(t *db.Token, templates shape.Templates) []views.Payload {
	set, bad := templates.Compile()
	room := shownBytes
	var out []views.Payload
	for _, s := range p.Site.Payloads.Of(t.ID, p.DB.Now()) {
		v := views.Payload{At: s.At, Text: s.Body, Short: s.Short}
		value, err := shape.Read(s.Body, s.Form)
		if err == nil {
			v.Nodes = nodes(shape.Tree(value, templates.Each))
		}
		for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
			v.Headers = append(v.Headers, views.Node{Name: name, Expression: `{{header "` + name + `"}}`, Value: s.Header(name)})
		}
		switch {
		case err != nil:
			v.Problem = "It is neither JSON nor a form, so it is stored as it is."
		case bad != nil:
			v.Problem = "The template has an error."
		case templates == (shape.Templates{}):
		default:
			p.preview(&v, t, set, shape.Payload{Value: value, Header: s.Header}, &room)
		}
		out = append(out, v)
	}
	return out
}

// preview adds the messages that the templates make of a payload.
func (p *Tokens) preview(v *views.Payload, t *db.Token, set *shape.Set, payload shape.Payload, room *int) {
	made, err := set.Apply(payload)
	if err != nil {
		v.Problem = "It does not fit, so it is stored as it is: " + err.Error() + "."
		return
	}
	for i, m := range made {
		if i == shownMessages || *room <= 0 {
			v.More = len(made) - i
			return
		}
		var d manage.Draft
		d.Shaped(m)
		message, err := d.Message(p.Site.MessageBytes())
		if err != nil {
			v.Problem = err.Error()
			return
		}
		manage.ApplyDefaults(message, t)
		*room -= len(message.Body)
		extras := message.Extras()
		v.Messages = append(v.Messages, views.Made{Title: message.Title, Text: message.Body, Priority: message.Priority,
			Tags: strings.ReplaceAll(message.Tags, ",", ", "), Link: extras.URL, Key: extras.Key, Resolved: extras.Resolved})
	}
}

func nodes(list []shape.Node) []views.Node {
	out := make([]views.Node, len(list))
	for i, n := range list {
		out[i] = views.Node{Name: n.Name, Expression: n.Expression, Value: n.Value, Each: n.Each, Size: n.Size, Nodes: nodes(n.Nodes)}
	}
	return out
}

// templateFields are the templates by the names of their fields.
func templateFields(t *shape.Templates) map[string]*string {
	return map[string]*string{"each": &t.Each, "title": &t.Title, "text": &t.Text, "priority": &t.Priority, "tags": &t.Tags, "link": &t.Link,
		"link_title": &t.LinkTitle, "key": &t.Key, "resolved": &t.Resolved}
}

func templatesOf(f web.Form) (t shape.Templates) {
	for field, to := range templateFields(&t) {
		*to = strings.TrimSpace(strings.ReplaceAll(f.Value("template_"+field), "\r\n", "\n"))
	}
	t.Markdown = f.Value("template_markdown") != ""
	if t == (shape.Templates{Markdown: true}) {
		t = shape.Templates{}
	}
	return t
}

func wrongTemplate(f web.Form, err error) web.Form {
	if e, ok := errors.AsType[*shape.FieldError](err); ok {
		return f.Wrong("template_"+e.Field, upperFirst(e.Err.Error()))
	}
	return f.Wrong("", err.Error())
}

func upperFirst(s string) string { return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):] }
