package wire

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/manage"
	"notifer/server/request"
)

// readMessage reads the body in either form and checks every part. Priority is 0 when the publisher named none.
func (w *Wire) readMessage(c *request.Call) (*db.Message, error) {
	if err := request.RefuseEncoding(c.R); err != nil {
		return nil, err
	}
	if t := c.R.Header.Get("Content-Type"); t != "" && request.IsJSON(t) {
		return w.readJSONMessage(c)
	}
	body, err := request.ReadBody(c, w.site.MessageBytes(), "the message")
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(body) {
		return nil, request.BadRequest("the message is not valid UTF-8: convert it first")
	}
	m := &db.Message{Body: string(body)}
	return m, readHeaders(c.R.Header, m)
}

func readHeaders(h http.Header, m *db.Message) error {
	if m.Body == "" {
		return request.Unprocessable("the message is empty: send its text as the body")
	}
	var err error
	if m.Title, m.HasTitle, err = headerTitle(h); err != nil {
		return err
	}
	if m.Priority, err = headerPriority(h); err != nil {
		return err
	}
	if v := h["X-Tags"]; len(v) > 0 {
		if m.Tags, err = manage.JoinTags(strings.Split(strings.Join(v, ","), ",")); err != nil {
			return err
		}
	}
	e, err := headerExtras(h)
	if err != nil {
		return err
	}
	m.SetExtras(e)
	return err
}

// once is the value of a header that has one, in canonical form; of two values a reader could take either.
func once(h http.Header, name string) (string, error) {
	v := h[name]
	if len(v) > 1 {
		return "", request.BadRequest("%s was sent twice: send it once", name)
	}
	if len(v) == 0 {
		return "", nil
	}
	return strings.TrimSpace(v[0]), nil
}

// headerPriority is 0 where none is named.
func headerPriority(h http.Header) (int, error) {
	v, err := once(h, "X-Priority")
	if v == "" || err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		return 0, request.Unprocessable("X-Priority must be a whole number from 1 to 5")
	}
	return manage.CheckPriority(n)
}

// headerTitle decodes X-Title: RFC 2047 words, raw UTF-8 as curl sends it, else Latin-1. Controls are refused after
// decoding, so that an encoded word cannot smuggle a line break.
func headerTitle(h http.Header) (string, bool, error) {
	raw, err := once(h, "X-Title")
	if raw == "" || err != nil {
		return "", false, err
	}
	if len(raw) > 12*manage.MaxTitle {
		return "", false, request.Unprocessable("the title is longer than %d characters", manage.MaxTitle)
	}
	if !utf8.ValidString(raw) {
		raw = fromLatin1(raw)
	}
	if strings.Contains(raw, "=?") {
		if decoded, err := new(mime.WordDecoder).DecodeHeader(raw); err == nil && utf8.ValidString(decoded) {
			raw = decoded
		}
	}
	title, err := manage.CheckTitle(raw)
	return title, title != "", err
}

func fromLatin1(s string) string {
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}

// readJSONMessage reads {"message", "title", "priority", "tags", ...}.
func (w *Wire) readJSONMessage(c *request.Call) (*db.Message, error) {
	body, err := request.ReadBody(c, w.site.MessageJSON(), "the JSON body")
	if err != nil {
		return nil, err
	}
	var in api.PublishRequest
	if err := request.DecodeJSON(body, &in); err != nil {
		return nil, err
	}
	if in.Message == "" {
		return nil, request.Unprocessable("message is missing or empty: send its text")
	}
	if len(in.Message) > w.site.MessageBytes() {
		return nil, request.TooLarge("the message", w.site.MessageBytes())
	}
	m := &db.Message{Body: in.Message}
	if in.Title != nil {
		if m.Title, err = manage.CheckTitle(*in.Title); err != nil {
			return nil, err
		}
		m.HasTitle = m.Title != ""
	}
	if in.Priority != nil {
		if m.Priority, err = manage.CheckPriority(*in.Priority); err != nil {
			return nil, err
		}
	}
	if m.Tags, err = manage.JoinTags(in.Tags); err != nil {
		return nil, err
	}
	e, err := jsonExtras(in)
	m.SetExtras(e)
	return m, err
}

func jsonExtras(in api.PublishRequest) (e db.Extras, err error) {
	for _, a := range in.Actions {
		e.Actions = append(e.Actions, db.Action(a))
	}
	if in.Markdown != nil {
		e.Markdown = *in.Markdown
	}
	if in.URL != nil {
		e.URL = *in.URL
	}
	if in.URLTitle != nil {
		e.URLTitle = *in.URLTitle
	}
	return e, manage.CheckExtras(&e)
}
