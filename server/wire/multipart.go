package wire

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/shape"
	"notifer/server/wire/jsonbody"
)

// isMultipart reports whether a content type is one of parts.
func isMultipart(contentType string) bool {
	const kind = "multipart/"
	return len(contentType) > len(kind) && strings.EqualFold(contentType[:len(kind)], kind)
}

// readMultipart reads the fields of a form with parts: by a shape, as Plex and Uptime Kuma need it, or as those of a message. Files
// are not kept, but one that is a text is read where there is no other.
func (w *Wire) readMultipart(c *request.Call, contentType string, d *manage.Draft) (received, error) {
	body, err := readBody(c, w.site.BodyBytes(), d)
	if err != nil {
		return received{}, err
	}
	form := readParts(body, contentType, d)
	r, fits := w.readShapedForm(c, form.values, d)
	if text := shape.FormPayload(form.values); !fits && text != "" && len(form.others) == 1 && manage.Blank(d.Text) {
		r = w.readAnyJSON(c, text, request.TypeJSON, d)
		r.kept, r.kind = []byte(text), request.TypeJSON
		fits = !manage.Blank(d.Text)
	}
	if !fits {
		fillOthers(form.others, d)
		leaveOutFiles(form.files, d)
	}
	return r, nil
}

// parts are what a form with parts holds beside the fields of a message.
type parts struct {
	values url.Values // all fields
	others []formField
	files  []formFile
}

// readShapedForm reads the fields of a form by the shape of the token, or a payload in one of them by what it is recognised by.
func (w *Wire) readShapedForm(c *request.Call, values url.Values, d *manage.Draft) (r received, fits bool) {
	id, text, kind := shapeOf(c), shape.FormPayload(values), request.TypeJSON
	switch {
	case len(values) == 0:
		return r, false
	case id != shape.None:
		if text == "" {
			text, kind = values.Encode(), request.TypeForm
		}
		r, fits = w.readShaped(c, id, text, kind, d)
	case text != "":
		if s := recognise(c, text); s != nil {
			r, fits = w.readRecognised(c, s, text, kind, d)
		}
	}
	if text != "" {
		r.kept, r.kind = []byte(text), kind
	}
	return r, fits
}

// readParts gives the draft the fields that a message has, and returns the others.
func readParts(body []byte, contentType string, d *manage.Draft) (form parts) {
	form.values = url.Values{}
	boundary := boundaryOf(body, contentType, d)
	read, broken := 0, boundary == ""
	whole := broken || bytes.Contains(body, []byte("--"+boundary+"--"))
	for r := multipart.NewReader(bytes.NewReader(body), boundary); !broken; {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			broken, whole = true, whole && read == 0
			break
		}
		read++
		value, err := io.ReadAll(part)
		whole = whole && err == nil
		kind := part.Header.Get("Content-Type")
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "base64") {
			if plain, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(value))); err == nil {
				value = plain
			}
		}
		switch name := part.FormName(); {
		case part.FileName() != "":
			form.files = append(form.files, formFile{strings.ToValidUTF8(part.FileName(), "?"), kind, value})
		case name == "_charset_":
		default:
			text := decodeText(value, kind, d)
			if name != "token" {
				form.values.Add(name, text)
			}
			if !fillPart(name, text, d) {
				form.others = append(form.others, formField{name, text})
			}
		}
	}
	if read > 0 && !whole {
		d.Fault(request.BadRequest("the parts of the body cannot be read: send it again"), "the end of the multipart body is missing")
	}
	if read == 0 && len(body) > 0 && (broken || !bytes.Contains(body, []byte("--"+boundary))) { // not what it says it is
		d.Fault(request.BadRequest("the parts of the body cannot be read: send it again"), "the multipart body has no parts: it was stored as text")
		d.Text = decodeText(body, "", d)
	}
	return form
}

// boundaryOf is what separates the parts of a body, empty when it has none. A content type that was written by hand has no boundary, or
// that of another body: then it is in the first line of this one.
func boundaryOf(body []byte, contentType string, d *manage.Draft) string {
	_, params, _ := mime.ParseMediaType(contentType)
	declared := params["boundary"]
	if declared != "" && bytes.Contains(body, []byte("--"+declared)) {
		return declared
	}
	first, rest, _ := bytes.Cut(bytes.TrimLeft(body, "\r\n"), []byte("\n"))
	boundary, found := strings.CutPrefix(strings.TrimRight(string(first), " \r"), "--")
	const header = "content-"
	if !found || boundary == "" || len(boundary) > 70 || len(rest) < len(header) || !strings.EqualFold(string(rest[:len(header)]), header) {
		return declared
	}
	d.Fault(request.BadRequest("the boundary of the multipart body is not that of Content-Type: let the library set both"),
		"the boundary of the multipart body was taken from the body: let the library set Content-Type")
	return boundary
}

// formFile is a file in a form.
type formFile struct {
	name, kind string
	content    []byte
}

// leaveOutFiles names the files of a form. Where there is no text, the first that is one is the message.
func leaveOutFiles(files []formFile, d *manage.Draft) {
	for _, f := range files {
		if manage.Blank(d.Text) && (utf8.Valid(f.content) || strings.HasPrefix(f.kind, "text/")) && bytes.IndexByte(f.content, 0) < 0 {
			if d.Text = decodeText(f.content, f.kind, d); !manage.Blank(d.Text) {
				d.Guessed = true
				d.Fault(noFiles, "the file %.40q was taken as the message", f.name)
				continue
			}
		}
		d.Unread = noFiles
		d.Fault(noFiles, "the file %.40q was left out: this server keeps no files", f.name)
	}
}

// formField is a field of a form that no message has.
type formField struct{ name, text string }

// fillOthers gives a message without a text the one of a field in the words of another system, as in JSON, else all fields.
func fillOthers(others []formField, d *manage.Draft) {
	taken := ""
	if manage.Blank(d.Text) {
		for _, key := range jsonbody.TextKeys {
			if i := slices.IndexFunc(others, func(f formField) bool { return f.name == key && !manage.Blank(f.text) }); i >= 0 {
				d.Text, d.Guessed, taken = others[i].text, true, key
				d.Fault(jsonbody.UnknownField("field", key), "the field %s was taken as the message; %s", key, jsonbody.AboutBodies)
				break
			}
		}
	}
	if manage.Blank(d.Text) {
		var lines []string
		for _, f := range others {
			if !manage.Blank(f.text) && !jsonbody.Unsupported(f.name) {
				lines = append(lines, strings.TrimPrefix(strings.ToValidUTF8(f.name, "?")+": "+f.text, ": "))
			}
		}
		if len(lines) > 0 {
			d.Text, d.Guessed = strings.Join(lines, "\n"), true
			d.Fault(jsonbody.UnknownField("field", others[0].name), "the form has no known text field: all of it was stored; %s", jsonbody.AboutBodies)
			return
		}
	}
	for _, f := range others {
		if f.name != taken && !manage.Blank(f.text) {
			d.Fault(jsonbody.UnknownField("field", f.name), "the field %.40q is unknown: the message was stored without it", strings.ToValidUTF8(f.name, "?"))
		}
	}
}

// fillPart sets a field of the message and reports whether there is one of this name.
func fillPart(name, text string, d *manage.Draft) bool {
	once := func(to *string) {
		if !manage.Blank(*to) && !manage.Blank(text) && *to != text {
			d.Fault(request.BadRequest("the field %s was sent twice: send it once", name), "the field %s was sent twice: the first one was used", name)
		} else if !manage.Blank(text) {
			*to = text
		}
	}
	switch strings.ToLower(name) {
	case "message":
		once(&d.Text)
	case "title":
		once(&d.Title)
	case "priority":
		once(&d.Priority)
	case "tags", "tags[]":
		d.Tags = append(d.Tags, strings.Split(text, ",")...)
	case "markdown":
		once(&d.Markdown)
	case "url", "click":
		if d.URL == "" {
			d.As.URL = name
		}
		once(&d.URL)
	case "url_title":
		once(&d.URLTitle)
	case "actions":
		jsonbody.FillButtons(text, d)
	case "token":
		d.Fault(request.BadRequest("send the token as a header or in the URL, not as a field"), "the field token was left out: a token belongs in a header or the URL")
	default:
		return false
	}
	return true
}
