package wire

import (
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/wire/charset"
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

// sideFields are the fields of a message that came in the headers and the query.
type sideFields struct {
	header, query *fieldValues   // nil when they hold nothing of ours, as most do
	foreignText   fieldValue     // the likeliest text in the words of another system, from the query
	unknown       []unknownQuery // fields of the query
	file          string         // the name of the file that was sent, empty for none
}

// unknownQuery is a field of the query that no message has.
type unknownQuery struct{ name, text, meant string }

// fieldValues is what was sent for each field in one place.
type fieldValues [fields]fieldValue

// fieldValue is what was sent for a field in one place.
type fieldValue struct {
	list []string
	as   string // the name as the sender wrote it
	rank int    // of the name among those of the field; the lowest counts
}

// blank reports whether nothing but white space was sent: a script's unset variable hides no other value.
func (g fieldValue) blank() bool {
	for _, v := range g.list {
		if strings.TrimSpace(v) != "" {
			return false
		}
	}
	return true
}

// sent is how many values are not blank.
func (g fieldValue) sent() (n int) {
	for _, v := range g.list {
		if strings.TrimSpace(v) != "" {
			n++
		}
	}
	return n
}

// first is the first value that is not blank.
func (g fieldValue) first() string {
	for _, v := range g.list {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

// with notes what was sent for a field under one of its names.
func (g *fieldValues) with(f field, to fieldValue, d *manage.Draft) *fieldValues {
	if g == nil {
		g = new(fieldValues)
	}
	g[f].set(to, f, d)
	return g
}

// of is what was sent for a field, nothing when g is nil.
func (g *fieldValues) of(f field) fieldValue {
	if g == nil {
		return fieldValue{}
	}
	return g[f]
}

// set notes what was sent for a field under one of its names. Of two names the better one counts, and the other is named.
func (g *fieldValue) set(to fieldValue, f field, d *manage.Draft) {
	switch {
	case g.list == nil || g.blank() && (!to.blank() || to.rank < g.rank):
		*g = to
	case to.blank():
	default:
		if to.rank < g.rank {
			*g, to = to, *g
		}
		if g.first() != to.first() {
			d.Fault(request.BadRequest("%s and %s were both sent: send one of them", g.as, to.as), "%s and %s were both sent: %s was used", g.as, to.as, g.as)
		}
	}
}

// read looks at each header once, since most requests carry few and none of ours.
func (s *sideFields) read(c *request.Call, d *manage.Draft) {
	for key, values := range c.R.Header {
		f, name := headerField(key)
		switch {
		case name != "":
			if key == "Priority" && isUrgency(values[0]) {
				continue
			}
			s.header = s.header.with(f, fieldValue{values, name, nameRank(name)}, d)
		case unsupportedHeader(key) && !(fieldValue{list: values}).blank():
			d.Fault(unknownField("header", key), "the header %s is not supported: the message was stored without it", key)
		}
	}
	for key, values := range c.Query {
		low := strings.ToLower(key)
		if f, name := queryField(low); name != "" {
			s.query = s.query.with(f, fieldValue{values, name, nameRank(name)}, d)
		} else if rank := slices.Index(textKeys, low); rank >= 0 && !(fieldValue{list: values}).blank() {
			s.foreignText.set(fieldValue{values, "?" + low + "=", rank}, fieldMessage, d)
		} else if g := (fieldValue{list: values}); key != "token" && !(unsupported(key) != "" && g.blank()) {
			s.unknown = append(s.unknown, unknownQuery{strings.ToValidUTF8(key, "?"), headerText(g.first()), misnamed[low]})
		}
	}
	slices.SortFunc(s.unknown, func(a, b unknownQuery) int { return strings.Compare(a.name, b.name) })
	if c.BadQuery != nil {
		d.Fault(c.BadQuery, "the query of the URL is not well-formed: each bare %% and ; was read as itself; write %%25 and %%3B, and & for &amp;")
	}
	if len(d.Faults) > 1 { // found in no order, and the first of them is the answer to a strict request
		slices.SortFunc(d.Faults, func(a, b manage.Fault) int { return strings.Compare(a.Warning, b.Warning) })
	}
}

func unknownField(kind, name string) error {
	return request.BadRequest("the %s %.40q is unknown: leave it out", kind, strings.ToValidUTF8(name, "?"))
}

// nameRank orders the names of one field: with X- before those without, our own before those of other systems.
func nameRank(name string) (rank int) {
	if !strings.HasPrefix(name, "X-") {
		rank = 1
	}
	if len(name) < 5 && name != "Tags" && name != "URL" {
		rank = 3 // a short form
	}
	if strings.Contains(name, "lick") {
		rank += 2
	}
	return rank
}

// headerField is the field of a header in canonical form, with its name as it is usually written; the name is empty for any other.
func headerField(key string) (f field, name string) {
	switch key {
	case "X-Title", "Title", "Ti", "T":
		return fieldTitle, key
	case "X-Priority", "Priority", "Prio", "P":
		return fieldPriority, key
	case "X-Tags", "Tags", "Tag", "Ta":
		return fieldTags, key
	case "X-Markdown", "Markdown", "Md":
		return fieldMarkdown, key
	case "X-Url":
		return fieldURL, "X-URL"
	case "Url":
		return fieldURL, "URL"
	case "X-Click", "Click":
		return fieldURL, key
	case "X-Url-Title":
		return fieldURLTitle, "X-URL-Title"
	case "Url-Title":
		return fieldURLTitle, "URL-Title"
	case "X-Actions", "Actions", "Action":
		return fieldActions, key
	case "X-Message", "Message", "M":
		return fieldMessage, key
	case "X-Idempotency-Key", "Idempotency-Key":
		return fieldIdempotency, key
	case "X-Strict":
		return fieldStrict, key
	case "X-Allow-Secret":
		return fieldAllowSecret, key
	}
	return 0, ""
}

func queryField(key string) (f field, name string) {
	switch key {
	case "message":
		return fieldMessage, "?message="
	case "title":
		return fieldTitle, "?title="
	case "priority":
		return fieldPriority, "?priority="
	case "tags":
		return fieldTags, "?tags="
	case "tags[]":
		return fieldTags, "?tags[]="
	case "markdown":
		return fieldMarkdown, "?markdown="
	case "url":
		return fieldURL, "?url="
	case "click":
		return fieldURL, "?click="
	case "url_title":
		return fieldURLTitle, "?url_title="
	case "actions":
		return fieldActions, "?actions="
	case "idempotency_key":
		return fieldIdempotency, "?idempotency_key="
	case "strict":
		return fieldStrict, "?strict="
	case "allow_secret":
		return fieldAllowSecret, "?allow_secret="
	}
	return 0, ""
}

// unsupported is the name of a field of other systems that would change when or whether a message arrives, which is never
// dropped in silence.
func unsupported(name string) string {
	switch name {
	case "email", "call", "attach", "delay", "at", "in", "filename":
		return name
	}
	return ""
}

// unsupportedHeader reports whether a header in canonical form is such a field.
func unsupportedHeader(key string) bool {
	switch strings.TrimPrefix(key, "X-") {
	case "Email", "Call", "Attach", "Delay", "At", "In", "Filename":
		return true
	}
	return false
}

// value is the value of a field with the name it was sent by, empty when it was not sent. Of two values the first counts.
func (s *sideFields) value(f field, d *manage.Draft) (v, as string) {
	g := s.of(f)
	if len(g.list) == 0 {
		return "", ""
	}
	if g.sent() > 1 {
		d.Fault(request.BadRequest("%s was sent twice: send it once", g.as), "%s was sent twice: the first one was used", g.as)
	}
	return headerText(g.first()), g.as
}

// of is what was sent for a field: a header wins over the query.
func (s *sideFields) of(f field) fieldValue {
	header, query := s.header.of(f), s.query.of(f)
	if header.list == nil || header.blank() && !query.blank() {
		return query
	}
	return header
}

// isUrgency reports whether a header Priority is the one of RFC 9218, which browsers send: u=1, i.
func isUrgency(v string) bool {
	return strings.Contains(v, "=") || strings.TrimSpace(v) == "i"
}

// flag reports whether a field is set, in the words that X-Markdown takes too.
func (s *sideFields) flag(f field) bool {
	switch strings.ToLower(s.of(f).first()) {
	case "1", "true", "yes", "on":
		return true
	}
	return false
}

// headerText is a header as text: UTF-8 as curl sends it, the words of RFC 2047 as libraries write them, else Latin-1.
func headerText(v string) string {
	if utf8.ValidString(v) {
		if strings.Contains(v, "=?") {
			return decodedWords(v)
		}
		return v
	}
	r := make([]rune, len(v))
	for i := range len(v) {
		r[i] = rune(v[i])
	}
	return string(r)
}

// decodedWords reads the words of RFC 2047 in a text.
func decodedWords(v string) string {
	if decoded, err := (&mime.WordDecoder{CharsetReader: charset.Reader}).DecodeHeader(v); err == nil && utf8.ValidString(decoded) {
		return decoded
	}
	return v
}
