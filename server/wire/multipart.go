package wire

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"notifer/server/manage"
	"notifer/server/request"
)

// readMultipart reads the fields of a form with parts. Files are not kept.
func (w *Wire) readMultipart(c *request.Call, contentType string, d *manage.Draft) error {
	body, err := request.ReadBody(c, w.site.BodyBytes(), "the message")
	if err != nil {
		return err
	}
	_, params, _ := mime.ParseMediaType(contentType)
	read, files, broken := 0, 0, params["boundary"] == ""
	var others []formField
	for r := multipart.NewReader(bytes.NewReader(body), params["boundary"]); !broken; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			broken = true
			if read > 0 {
				d.Fault(request.BadRequest("the parts of the body cannot be read: send it again"), "the end of the multipart body is missing")
			}
			break
		}
		read++
		if part.FileName() != "" {
			files++
			continue
		}
		value, err := io.ReadAll(part)
		if err != nil {
			d.Fault(request.BadRequest("the parts of the body cannot be read: send it again"), "the end of the multipart body is missing")
		}
		text, err := decodeText(value, part.Header.Get("Content-Type"), d)
		if err != nil {
			return err
		}
		if !fillPart(part.FormName(), text, d) {
			others = append(others, formField{part.FormName(), text})
		}
	}
	fillOthers(others, d)
	switch {
	case files > 0 && d.Text == "":
		return &request.Problem{Status: http.StatusUnsupportedMediaType, Detail: "files are not kept: send the text itself as the body, or as the field message"}
	case files > 0:
		d.Fault(request.BadRequest("files are not kept: send the text alone"), "a file was left out: files are not kept")
	case read == 0 && len(body) > 0 && (broken || !bytes.Contains(body, []byte("--"+params["boundary"]))): // not what it says it is
		d.Fault(request.BadRequest("the parts of the body cannot be read: send it again"), "the multipart body has no parts: it was stored as text")
		d.Text, err = decodeText(body, "", d)
	}
	return err
}

// formField is a field of a form that no message has.
type formField struct{ name, text string }

// fillOthers gives a message without a text the one of a field in the words of another system, as in JSON, else all fields.
func fillOthers(others []formField, d *manage.Draft) {
	taken := ""
	if d.Text == "" {
		for _, key := range textKeys {
			if i := slices.IndexFunc(others, func(f formField) bool { return f.name == key && f.text != "" }); i >= 0 {
				d.Text, d.Guessed, taken = others[i].text, true, key
				d.Fault(unknownField("field", key), "the field %s was taken as the message; %s", key, aboutBodies)
				break
			}
		}
	}
	if d.Text == "" {
		var lines []string
		for _, f := range others {
			if f.text != "" && foreign(f.name) == "" {
				lines = append(lines, strings.ToValidUTF8(f.name, "?")+": "+f.text)
			}
		}
		if len(lines) > 0 {
			d.Text, d.Guessed = strings.Join(lines, "\n"), true
			d.Fault(unknownField("field", others[0].name), "no field of the form is known as a text: all of it was stored; %s", aboutBodies)
			return
		}
	}
	for _, f := range others {
		if f.name != taken {
			d.Fault(unknownField("field", f.name), "the field %.40q is unknown: the message was stored without it", strings.ToValidUTF8(f.name, "?"))
		}
	}
}

// fillPart sets a field of the message and reports whether there is one of this name.
func fillPart(name, text string, d *manage.Draft) bool {
	switch name {
	case "message":
		d.Text = text
	case "title":
		d.Title = text
	case "priority":
		d.Priority = text
	case "tags":
		d.Tags = append(d.Tags, strings.Split(text, ",")...)
	case "markdown":
		d.Markdown = text
	case "url", "click":
		d.URL = text
	case "url_title":
		d.URLTitle = text
	case "actions":
		d.Buttons = text
	case "token":
		d.Fault(request.BadRequest("send the token as a header or in the URL, not as a field"), "the field token was left out: a token belongs into a header or the URL")
	default:
		return false
	}
	return true
}
