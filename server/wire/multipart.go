package wire

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
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
	read, files := 0, 0
	for r := multipart.NewReader(bytes.NewReader(body), params["boundary"]); params["boundary"] != ""; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			d.Fault(request.BadRequest("the parts of the body cannot be read: send it again"), "the end of the multipart body is missing")
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
		fillPart(part.FormName(), text, d)
	}
	switch {
	case files > 0 && d.Text == "":
		return &request.Problem{Status: http.StatusUnsupportedMediaType, Detail: "files are not kept: send the text itself as the body, or as the field message"}
	case files > 0:
		d.Fault(request.BadRequest("files are not kept: send the text alone"), "a file was left out: files are not kept")
	case read == 0 && len(body) > 0 && !bytes.Contains(body, []byte("--"+params["boundary"])): // not what it says it is
		d.Fault(request.BadRequest("the parts of the body cannot be read: send it again"), "the multipart body has no parts: it was stored as text")
		d.Text, err = decodeText(body, "", d)
	}
	return err
}

func fillPart(name, text string, d *manage.Draft) {
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
		d.Fault(unknownField("field", name), "the field %.40q is unknown: the message was stored without it", strings.ToValidUTF8(name, "?"))
	}
}
