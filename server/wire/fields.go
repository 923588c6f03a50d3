package wire

import (
	"cmp"
	"mime"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"unicode/utf8"

	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/wire/charset"
	"notifer/server/wire/jsonbody"
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
	fieldForeign // of other systems: it would change when or whether a message arrives, and is named in a warning
	fieldIgnored // of other systems, and about what this server does not have
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
	list  []string
	as    string       // the name as the sender wrote it
	rank  int          // of the name; the lowest counts
	other []fieldValue // what came under other names
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
func (g *fieldValues) with(name fieldName, list []string) *fieldValues {
	if g == nil {
		g = new(fieldValues)
	}
	g[name.field].set(fieldValue{list: list, as: name.as, rank: name.rank})
	return g
}

// of is what was sent for a field, nothing when g is nil.
func (g *fieldValues) of(f field) fieldValue {
	if g == nil {
		return fieldValue{}
	}
	return g[f]
}

// set notes what was sent for a field under one of its names, in whatever order they come. Of two names the better one counts; of one name
// in two letter cases, the one in lower case.
func (g *fieldValue) set(to fieldValue) {
	switch better := cmp.Or(to.rank-g.rank, strings.Compare(g.as, to.as)) < 0; {
	case g.list == nil || g.blank() && (!to.blank() || better):
		*g = to
	case to.blank():
	case better:
		to.other = append(g.other, fieldValue{list: g.list, as: g.as, rank: g.rank})
		*g = to
	default:
		g.other = append(g.other, to)
	}
}

// nameOthers says which of several names was used.
func (g *fieldValue) nameOthers(d *manage.Draft) {
	for _, o := range g.other {
		if o.first() != g.first() {
			d.Fault(request.BadRequest("%s and %s were both sent: send one of them", g.as, o.as), "%s and %s were both sent: %s was used", g.as, o.as, g.as)
		}
	}
}

// read looks at each header once, since most requests carry few and none of ours.
func (s *sideFields) read(c *request.Call, d *manage.Draft) {
	for key, values := range c.R.Header {
		name, known := headerFields[key]
		switch {
		case !known || name.field == fieldIgnored || key == "Priority" && isUrgency(values[0]):
		case name.field != fieldForeign:
			s.header = s.header.with(name, values)
		case !(fieldValue{list: values}).blank():
			d.Fault(jsonbody.UnknownField("header", key), "the header %s is not supported: the message was stored without it", key)
		}
	}
	for key, values := range c.Query {
		low := strings.ToLower(key)
		if name, known := queryFields[low]; known {
			if key != low {
				name.as = "?" + key + "="
			}
			s.query = s.query.with(name, values)
		} else if rank := slices.Index(jsonbody.TextKeys, low); rank >= 0 && !(fieldValue{list: values}).blank() {
			s.foreignText.set(fieldValue{list: values, as: "?" + key + "=", rank: rank})
		} else if g := (fieldValue{list: values}); key != "token" && !(jsonbody.Unsupported(key) && g.blank()) {
			s.unknown = append(s.unknown, unknownQuery{strings.ToValidUTF8(key, "?"), headerText(g.first()), jsonbody.Meant(low)})
		}
	}
	for _, list := range [...]*fieldValues{s.header, s.query} {
		for f := 0; list != nil && f < len(list); f++ {
			list[f].nameOthers(d)
		}
	}
	s.foreignText.nameOthers(d)
	slices.SortFunc(s.unknown, func(a, b unknownQuery) int { return strings.Compare(a.name, b.name) })
	if c.BadQuery != nil {
		d.Fault(c.BadQuery, "the query of the URL is not well-formed: each bare %% and ; was read as itself; write %%25 and %%3B, and & for &amp;")
	}
	if len(d.Faults) > 1 { // found in no order, and the first of them is the answer to a strict request
		slices.SortFunc(d.Faults, func(a, b manage.Fault) int { return strings.Compare(a.Warning, b.Warning) })
	}
}

// headerNames are the headers of each field as they are usually written. Of two that were sent the first one here counts: with X- before
// those without, our own before those of other systems, and short forms last.
var headerNames = [fields][]string{
	fieldMessage:     {"X-Message", "Message", "M"},
	fieldTitle:       {"X-Title", "Title", "Ti", "T", "X-Subject", "Subject"},
	fieldPriority:    {"X-Priority", "Priority", "Prio", "P"},
	fieldTags:        {"X-Tags", "Tags", "Tag", "Ta"},
	fieldMarkdown:    {"X-Markdown", "Markdown", "Md"},
	fieldURL:         {"X-URL", "URL", "X-Click", "Click"},
	fieldURLTitle:    {"X-URL-Title", "URL-Title"},
	fieldActions:     {"X-Actions", "Actions", "Action"},
	fieldIdempotency: {"X-Idempotency-Key", "Idempotency-Key"},
	fieldStrict:      {"X-Strict"},
	fieldAllowSecret: {"X-Allow-Secret"},
	fieldForeign:     foreignHeaders(),
	fieldIgnored:     {"X-Alert-Key"},
}

// foreignHeaders are the headers of the fields that jsonbody.Unsupported knows.
func foreignHeaders() (list []string) {
	for _, name := range jsonbody.UnsupportedNames {
		header := textproto.CanonicalMIMEHeaderKey(name)
		list = append(list, "X-"+header, header)
	}
	return list
}

// queryNames are the fields of the query, in the same order.
var queryNames = [fields][]string{
	fieldMessage:     {"message"},
	fieldTitle:       {"title"},
	fieldPriority:    {"priority"},
	fieldTags:        {"tags", "tags[]"},
	fieldMarkdown:    {"markdown"},
	fieldURL:         {"url", "click"},
	fieldURLTitle:    {"url_title"},
	fieldActions:     {"actions"},
	fieldIdempotency: {"idempotency_key"},
	fieldStrict:      {"strict"},
	fieldAllowSecret: {"allow_secret"},
}

// fieldName is a name of a field.
type fieldName struct {
	field field
	as    string // as warnings write it
	rank  int    // among the names of the field; the lowest counts
}

var (
	headerFields = byName(headerNames, http.CanonicalHeaderKey, func(name string) string { return name })
	queryFields  = byName(queryNames, strings.ToLower, func(name string) string { return "?" + name + "=" })
)

// byName finds the fields by their names in the form that requests hold them in.
func byName(names [fields][]string, form, as func(name string) string) map[string]fieldName {
	list := map[string]fieldName{}
	for f, names := range names {
		for rank, name := range names {
			list[form(name)] = fieldName{field(f), as(name), rank}
		}
	}
	return list
}

// HeaderNames lists the headers that carry a field of a message, here or in other systems: a page of another site may send any of them,
// since what is not known here must not keep a message from arriving.
func HeaderNames() []string { return slices.Concat(headerNames[:]...) }

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
