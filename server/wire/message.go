package wire

import (
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/request"
)

// field is a field of a message that a header or the query may carry.
type field int

const (
	fieldMessage field = iota
	fieldTitle
	fieldPriority
	fieldTags
	fieldMarkdown
	fieldURL
	fieldURLTitle
	fieldActions
	fieldIdempotency
	fieldStrict
	fieldAllowSecret
	fields
)

// names are the fields as faults name them.
var names = [fields]string{"X-Message", "X-Title", "X-Priority", "X-Tags", "X-Markdown", "X-Url", "X-Url-Title", "X-Actions", "X-Idempotency-Key", "X-Strict", "X-Allow-Secret"}

// sender is what a request says beside its body.
type sender struct {
	named [fields][]string // X-Title and the like
	bare  [fields][]string // Title and the like
	query [fields][]string
}

// readSender looks at each header once, since most requests carry few and none of ours.
func readSender(c *request.Call, d *manage.Draft) (s sender) {
	for key, values := range c.R.Header {
		f, bare, known := headerField(key)
		switch {
		case !known:
			if foreignHeader(key) {
				d.Fault(unknownField("header", key), "the header %s is not supported: the message was stored without it", key)
			}
		case bare:
			s.bare[f] = values
		default:
			s.named[f] = values
		}
	}
	for key, values := range c.Query {
		if f, known := queryField(key); known {
			s.query[f] = values
		} else if key != "token" {
			d.Fault(unknownField("query field", key), "the query field %.40q is unknown: the message was stored without it", strings.ToValidUTF8(key, "?"))
		}
	}
	if c.BadQuery != nil {
		d.Fault(c.BadQuery, "a part of the URL's query could not be read: write %% as %%25 and ; as %%3B")
	}
	return s
}

func unknownField(kind, name string) error {
	return request.BadRequest("the %s %.40q is unknown: leave it out", kind, strings.ToValidUTF8(name, "?"))
}

// headerField names the field of a header in canonical form; bare is one without X-.
func headerField(key string) (f field, bare, known bool) {
	switch key {
	case "X-Title":
		return fieldTitle, false, true
	case "Title":
		return fieldTitle, true, true
	case "X-Priority":
		return fieldPriority, false, true
	case "Priority":
		return fieldPriority, true, true
	case "X-Tags":
		return fieldTags, false, true
	case "Tags":
		return fieldTags, true, true
	case "X-Markdown":
		return fieldMarkdown, false, true
	case "Markdown":
		return fieldMarkdown, true, true
	case "X-Url":
		return fieldURL, false, true
	case "Url", "Click", "X-Click":
		return fieldURL, true, true
	case "X-Url-Title":
		return fieldURLTitle, false, true
	case "Url-Title":
		return fieldURLTitle, true, true
	case "X-Actions":
		return fieldActions, false, true
	case "Actions":
		return fieldActions, true, true
	case "X-Message":
		return fieldMessage, false, true
	case "Message":
		return fieldMessage, true, true
	case "X-Idempotency-Key":
		return fieldIdempotency, false, true
	case "Idempotency-Key":
		return fieldIdempotency, true, true
	case "X-Strict":
		return fieldStrict, false, true
	case "X-Allow-Secret":
		return fieldAllowSecret, false, true
	}
	return 0, false, false
}

func queryField(key string) (f field, known bool) {
	switch key {
	case "message":
		return fieldMessage, true
	case "title":
		return fieldTitle, true
	case "priority":
		return fieldPriority, true
	case "tags":
		return fieldTags, true
	case "markdown":
		return fieldMarkdown, true
	case "url", "click":
		return fieldURL, true
	case "url_title":
		return fieldURLTitle, true
	case "actions":
		return fieldActions, true
	case "idempotency_key":
		return fieldIdempotency, true
	case "strict":
		return fieldStrict, true
	case "allow_secret":
		return fieldAllowSecret, true
	}
	return 0, false
}

// foreign is the name of a field of other systems that would change when or whether a message arrives, which is never
// dropped in silence.
func foreign(name string) string {
	switch name {
	case "email", "call", "attach", "delay", "at", "in", "filename":
		return name
	}
	return ""
}

// foreignHeader reports whether a header in canonical form is such a field.
func foreignHeader(key string) bool {
	switch strings.TrimPrefix(key, "X-") {
	case "Email", "Call", "Attach", "Delay", "At", "In", "Filename":
		return true
	}
	return false
}

// value is the value of a field, empty when it was not sent: a header wins over the query. Of two values the first counts.
func (s *sender) value(f field, d *manage.Draft) string {
	list := s.list(f)
	if len(list) == 0 {
		return ""
	}
	if len(list) > 1 {
		d.Fault(request.BadRequest("%s was sent twice: send it once", names[f]), "%s was sent twice: the first one counts", names[f])
	}
	return strings.TrimSpace(headerText(list[0]))
}

func (s *sender) list(f field) []string {
	switch {
	case len(s.named[f]) > 0:
		return s.named[f]
	case len(s.bare[f]) > 0 && !(f == fieldPriority && isUrgency(s.bare[f][0])):
		return s.bare[f]
	}
	return s.query[f]
}

// isUrgency reports whether a header Priority is the one of RFC 9218, which browsers send: u=1, i.
func isUrgency(v string) bool {
	return strings.Contains(v, "=") || strings.TrimSpace(v) == "i"
}

// flag reports whether a field is set, in the words that X-Markdown takes too.
func (s *sender) flag(f field) bool {
	list := s.list(f)
	if len(list) == 0 {
		return false
	}
	switch strings.ToLower(list[0]) {
	case "1", "true", "yes", "on":
		return true
	}
	return false
}

// headerText is a header as text: UTF-8 as curl sends it, else Latin-1.
func headerText(v string) string {
	if utf8.ValidString(v) {
		return v
	}
	r := make([]rune, len(v))
	for i := range len(v) {
		r[i] = rune(v[i])
	}
	return string(r)
}

// fill gives a draft the fields of the headers and the query; they win over those of a body.
func (s *sender) fill(d *manage.Draft) {
	over := func(to *string, f field) {
		if v := s.value(f, d); v != "" {
			*to = v
		}
	}
	if v := s.value(fieldTitle, d); v != "" {
		d.Title = decodedTitle(v)
	}
	over(&d.Priority, fieldPriority)
	over(&d.Markdown, fieldMarkdown)
	over(&d.URL, fieldURL)
	over(&d.URLTitle, fieldURLTitle)
	if v := s.value(fieldActions, d); v != "" {
		d.Buttons, d.Actions = v, nil
	}
	if list := s.list(fieldTags); len(list) > 0 {
		d.Tags = strings.Split(headerText(strings.Join(list, ",")), ",")
	}
	switch v := s.value(fieldMessage, d); {
	case v == "" || v == d.Text:
	case d.Text == "":
		d.Text = v
	case d.Guessed: // both may be what matters
		d.Text = v + "\n\n" + d.Text
	default:
		d.Fault(request.BadRequest("the message was sent twice: send it as the body alone"), "the message was sent twice: that of the body was stored")
	}
}

// decodedTitle reads the words of RFC 2047 in a title.
func decodedTitle(v string) string {
	if strings.Contains(v, "=?") {
		if decoded, err := new(mime.WordDecoder).DecodeHeader(v); err == nil && utf8.ValidString(decoded) {
			return decoded
		}
	}
	return v
}

// readDraft reads the body in whatever form it comes.
func (w *Wire) readDraft(c *request.Call, d *manage.Draft, strict bool) error {
	if c.R.Method == http.MethodGet {
		return nil
	}
	if err := request.RefuseEncoding(c.R); err != nil {
		return err
	}
	contentType := c.R.Header.Get("Content-Type")
	if strings.HasPrefix(contentType, "multipart/form-data") {
		return w.readMultipart(c, contentType, d)
	}
	json := contentType != "" && request.IsJSON(contentType)
	limit := w.site.BodyBytes()
	if strict && !json {
		limit = w.site.MessageBytes()
	} else if json {
		limit = max(limit, w.site.MessageJSON()) // whose escapes take more than the text
	}
	body, err := request.ReadBody(c, limit, "the message")
	if err != nil {
		return err
	}
	text, err := decodeText(body, contentType, d)
	if err != nil {
		return err
	}
	switch {
	case !json:
		d.Text = text
	case strict:
		return readStrictJSON([]byte(text), d)
	default:
		readJSON(text, d)
	}
	return nil
}

// refusal is what is wrong with a draft as an error, for strict publishing.
func refusal(d *manage.Draft) error {
	if d.Text == "" {
		return request.Unprocessable("the message is empty: send its text as the body")
	}
	if len(d.Faults) == 0 {
		return nil
	}
	if err := d.Faults[0].Refusal; err != nil {
		return err
	}
	return &manage.Error{Kind: auth.ErrInvalid, Detail: d.Faults[0].Warning}
}
