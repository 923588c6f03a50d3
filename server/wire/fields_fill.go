package wire

import (
	"fmt"
	"strings"

	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/wire/jsonbody"
)

// fill gives a draft the fields of the headers and the query; they win over those of a body.
func (s *sideFields) fill(d *manage.Draft) {
	s.fillKnown(d)
	s.fillTitle(d)
	s.fillUnknown(d)
}

func (s *sideFields) fillKnown(d *manage.Draft) {
	if s.header == nil && s.query == nil && s.foreignText.list == nil {
		return
	}
	over := func(to, as *string, f field) {
		if v, name := s.value(f, d); v != "" {
			*to, *as = v, name
		}
	}
	over(&d.Title, &d.As.Title, fieldTitle)
	over(&d.Priority, &d.As.Priority, fieldPriority)
	over(&d.Markdown, &d.As.Markdown, fieldMarkdown)
	over(&d.URL, &d.As.URL, fieldURL)
	over(&d.URLTitle, &d.As.URLTitle, fieldURLTitle)
	if g := s.of(fieldActions); !g.blank() { // several are one list, as with tags
		d.Buttons, d.Actions = "", nil
		for _, v := range g.list {
			jsonbody.FillButtons(headerText(v), d)
		}
	}
	if g := s.of(fieldTags); !g.blank() {
		d.Tags = strings.Split(headerText(strings.Join(g.list, ",")), ",")
	}
	if s.foreignText.list != nil {
		s.fillForeignText(d)
	}
	switch v, as := s.value(fieldMessage, d); {
	case v == "" || v == d.Text:
	case manage.Blank(d.Text):
		d.Text = v
	case d.Guessed: // both may be what matters
		d.Text = v + "\n\n" + d.Text
	default:
		d.Fault(request.BadRequest("the message was sent twice: send it as the body alone"), "%s was left out: the body is the message", as)
	}
}

// fillTitle takes the name of the file as the title of a draft that has none.
func (s *sideFields) fillTitle(d *manage.Draft) {
	if s.file == "" || !manage.Blank(d.Title) {
		return
	}
	d.Title, d.As.Title = strings.ToValidUTF8(s.file, "?"), "the file name"
	if manage.Blank(d.Text) && d.Unread == nil {
		d.Fault(nil, "the file is empty: its name is the message")
	}
}

// fillUnknown makes a text of the fields of the query that no message has, when there is nothing else: the caller has something to say.
func (s *sideFields) fillUnknown(d *manage.Draft) {
	if manage.Blank(d.Text) && manage.Blank(d.Title) && d.Unread == nil {
		var lines []string
		for _, f := range s.unknown {
			if f.text != "" && !jsonbody.Unsupported(f.name) && !bustsCache(f) {
				lines = append(lines, f.name+": "+f.text)
			}
		}
		if len(lines) > 0 {
			d.Text, d.Guessed = strings.Join(lines, "\n"), true
			d.Fault(jsonbody.UnknownField("query field", s.unknown[0].name), "no field of the query is known as a text: all of it was stored; %s", jsonbody.AboutBodies)
			return
		}
	}
	for _, f := range s.unknown {
		warning := fmt.Sprintf("the query field %.40q is unknown: the message was stored without it", f.name)
		if f.meant != "" {
			warning += "; did you mean " + f.meant + "?"
		}
		d.Faults = append(d.Faults, manage.Fault{Refusal: jsonbody.UnknownField("query field", f.name), Warning: warning})
	}
}

// bustsCache reports whether a field of the query only makes each URL another one, so that no cache answers it. Nothing is said by it.
func bustsCache(f unknownQuery) bool {
	switch strings.ToLower(f.name) {
	case "_", "_t", "_ts", "_dc", "cb", "nocache", "no_cache", "cachebust", "cachebuster", "cache_buster", "rnd", "rand", "random":
		return len(f.text) <= 40 && strings.Trim(strings.ToLower(f.text), "0123456789abcdef.-") == ""
	}
	return false
}

// fillForeignText takes a text of the query that another system calls by another name, where there is no other text.
func (s *sideFields) fillForeignText(d *manage.Draft) {
	if manage.Blank(d.Text) && s.of(fieldMessage).blank() {
		d.Text, d.Guessed = headerText(s.foreignText.first()), true
		d.Fault(jsonbody.UnknownField("query field", s.foreignText.as), "%s was taken as the message; %s", s.foreignText.as, jsonbody.AboutBodies)
		return
	}
	d.Fault(jsonbody.UnknownField("query field", s.foreignText.as), "%s is unknown: the message was stored without it", s.foreignText.as)
}
