package server

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/request"
)

// Bounds of a message's parts.
const (
	defaultPriority = 3
	maxTitle        = 250 // characters
	maxTags         = 20
	maxTag          = 64
	maxURL          = 512
	maxURLTitle     = 100
	maxActions      = 3
	maxActionText   = 512
	defaultURLTitle = "Open Link"
)

// readMessage reads the body in either form and checks every part. Priority is 0 when the publisher named none.
func (s *Server) readMessage(c *request.Call) (*db.Message, error) {
	if err := request.RefuseEncoding(c.R); err != nil {
		return nil, err
	}
	if t := c.R.Header.Get("Content-Type"); t != "" && request.IsJSON(t) {
		return s.readJSONMessage(c)
	}
	body, err := request.ReadBody(c, s.site.MessageBytes(), "the message")
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(body) {
		return nil, request.BadRequest("the message is not valid UTF-8: convert it first")
	}
	m := &db.Message{Body: string(body)}
	return m, s.readHeaders(c.R.Header, m)
}

func (s *Server) readHeaders(h http.Header, m *db.Message) error {
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
		if m.Tags, err = joinTags(strings.Split(strings.Join(v, ","), ",")); err != nil {
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
	return checkPriority(n)
}

// headerTitle decodes X-Title: RFC 2047 words, raw UTF-8 as curl sends it, else Latin-1. Controls are refused after
// decoding, so that an encoded word cannot smuggle a line break.
func headerTitle(h http.Header) (string, bool, error) {
	raw, err := once(h, "X-Title")
	if raw == "" || err != nil {
		return "", false, err
	}
	if len(raw) > 12*maxTitle {
		return "", false, request.Unprocessable("the title is longer than %d characters", maxTitle)
	}
	if !utf8.ValidString(raw) {
		raw = fromLatin1(raw)
	}
	if strings.Contains(raw, "=?") {
		if decoded, err := new(mime.WordDecoder).DecodeHeader(raw); err == nil && utf8.ValidString(decoded) {
			raw = decoded
		}
	}
	title, err := checkTitle(raw)
	return title, title != "", err
}

func fromLatin1(s string) string {
	r := make([]rune, len(s))
	for i := range len(s) {
		r[i] = rune(s[i])
	}
	return string(r)
}

func checkTitle(s string) (string, error) {
	for _, r := range s {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return "", request.BadRequest("the title holds a control character: send one line of text")
		}
	}
	if utf8.RuneCountInString(s) > maxTitle {
		return "", request.Unprocessable("the title is longer than %d characters", maxTitle)
	}
	return strings.TrimSpace(s), nil
}

func checkPriority(n int) (int, error) {
	if n < 1 || n > 5 {
		return 0, request.Unprocessable("the priority must be from 1 (min) to 5 (urgent)")
	}
	return n, nil
}

// joinTags lowers, trims, checks and joins tags; empty and repeated ones are dropped.
func joinTags(list []string) (string, error) {
	if len(list) == 1 && list[0] == "" {
		return "", nil
	}
	var out []string
	seen := map[string]bool{}
	for _, t := range list {
		t = strings.ToLower(strings.TrimSpace(t))
		if t == "" || seen[t] {
			continue
		}
		if len(t) > maxTag || strings.IndexFunc(t, badTagRune) >= 0 {
			return "", request.Unprocessable("a tag may hold letters, digits, -, _ and . and at most %d of them", maxTag)
		}
		seen[t] = true
		out = append(out, t)
	}
	if len(out) > maxTags {
		return "", request.Unprocessable("a message may have at most %d tags", maxTags)
	}
	return strings.Join(out, ","), nil
}

func badTagRune(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

// messageJSON bounds the JSON of a message: escapes may make it six times the text.
func (s *Server) messageJSON() int { return 6*s.site.MessageBytes() + request.MaxJSON }

// readJSONMessage reads {"message", "title", "priority", "tags", ...}.
func (s *Server) readJSONMessage(c *request.Call) (*db.Message, error) {
	body, err := request.ReadBody(c, s.messageJSON(), "the JSON body")
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
	if len(in.Message) > s.site.MessageBytes() {
		return nil, request.TooLarge("the message", s.site.MessageBytes())
	}
	m := &db.Message{Body: in.Message}
	if in.Title != nil {
		if m.Title, err = checkTitle(*in.Title); err != nil {
			return nil, err
		}
		m.HasTitle = m.Title != ""
	}
	if in.Priority != nil {
		if m.Priority, err = checkPriority(*in.Priority); err != nil {
			return nil, err
		}
	}
	if m.Tags, err = joinTags(in.Tags); err != nil {
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
	return e, checkExtras(&e)
}
