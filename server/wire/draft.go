package wire

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/shape"
	"notifer/server/wire/charset"
	"notifer/server/wire/jsonbody"
	"notifer/server/wire/jsonslips"
	"notifer/server/wire/signature"
)

// readDraft reads the body in any form that senders use.
func (w *Wire) readDraft(c *request.Call, d *manage.Draft, strict bool) (received, error) {
	if err := unsigned(c); err != nil {
		return received{}, err
	}
	if c.R.Method == http.MethodGet && c.R.ContentLength == 0 {
		return received{}, nil
	}
	contentType := c.R.Header.Get("Content-Type")
	if isMultipart(contentType) {
		return w.readMultipart(c, contentType, d)
	}
	json := contentType != "" && request.IsJSON(contentType)
	limit := w.site.BodyBytes()
	if strict && !json {
		limit = w.site.MessageBytes()
	} else if json {
		limit = max(limit, w.site.MessageJSON()) // whose escapes take more than the text
	}
	body, err := readBody(c, limit, d)
	if err != nil {
		return received{}, err
	}
	var signed signature.Delivery
	if t := c.Who.Token(); t != nil && t.SigningSecret != "" {
		if signed, err = signature.Check(t, c.R.Header, body, w.site.DB.Now()); err != nil {
			return received{}, err
		}
	}
	r, err := w.readBytes(c, d, body, contentType, json, strict)
	if err == nil && d.Unread == nil && (r.shaped || r.foreign || shapeOf(c) != shape.None || isObject(d.Text)) {
		r.kept, r.kind = body, contentType
	}
	r.signed = signed
	return r, err
}

// readBytes reads a body by the shape of the token, by that of the body, or as what it says it is.
func (w *Wire) readBytes(c *request.Call, d *manage.Draft, body []byte, contentType string, json, strict bool) (received, error) {
	body = gunzip(c, body, w.site.BodyBytes(), d)
	id := shapeOf(c)
	if id == shape.None || d.Unread != nil || isFile(body, contentType) {
		return w.readUnshaped(c, d, body, contentType, json, strict)
	}
	var other manage.Draft // its faults are found again
	text := decodeText(body, contentType, &other)
	if r, fits := w.readShaped(c, id, text, contentType, d); fits {
		d.Faults = append(d.Faults, other.Faults...)
		return r, nil
	}
	json = json || !strict && isObject(text) // a program sends it, whatever it says of its type
	r, err := w.readUnshaped(c, d, body, contentType, json, strict)
	if err == nil && manage.Blank(d.Text) && manage.Blank(d.Title) { // a program's payload is kept, whatever is in it
		d.Text, d.Guessed = jsonbody.Indented([]byte(text)), true
	}
	return r, err
}

// readUnshaped reads a body by what it says it is.
func (w *Wire) readUnshaped(c *request.Call, d *manage.Draft, body []byte, contentType string, json, strict bool) (received, error) {
	switch {
	case strict && d.Unread != nil:
		return received{}, d.Unread
	case !json && isFile(body, contentType):
		d.Unread = noFiles
		d.Fault(noFiles, "the body is a file (%s) and was left out: this server keeps no files", http.DetectContentType(body))
	case !json:
		d.Text = decodeText(body, contentType, d)
		if s, as := recognisedText(c, d.Text, contentType); s != nil && !strict {
			if r, fits := w.readRecognised(c, s, d.Text, as, d); fits {
				return r, nil
			}
		}
		if !strict {
			noteFields(d, contentType)
		}
	case strict:
		return received{}, jsonbody.Strict([]byte(decodeText(body, contentType, d)), d)
	default:
		return w.readAnyJSON(c, decodeText(body, contentType, d), contentType, d), nil
	}
	return received{}, nil
}

// noteFields warns of a text that was meant as fields: it stays text, since curl -d sends whatever it is given as a form.
func noteFields(d *manage.Draft, contentType string) {
	switch {
	case strings.HasPrefix(d.Text, "{"):
		if _, ours := jsonbody.Own([]byte(d.Text), &manage.Draft{}); ours {
			d.Fault(nil, "the JSON was stored as text: send Content-Type: application/json to have its fields read")
		}
	case isForm(contentType) && strings.Contains(d.Text, "message=") && !strings.ContainsAny(d.Text, " \n"):
		if form, err := url.ParseQuery(d.Text); err == nil && form.Has("message") {
			d.Fault(nil, "the form was stored as text, as curl -d sends it: send multipart/form-data (curl -F), or choose the shape Form for the token")
		}
	}
}

// emptyText says more about a message without a text, by what was sent.
func emptyText(c *request.Call, err error) error {
	flaw, ok := errors.AsType[*manage.Error](err)
	if !ok || flaw.Field != "message" || flaw.Kind != auth.ErrInvalid || c.R.Method == http.MethodGet {
		return err
	}
	contentType := c.R.Header.Get("Content-Type")
	switch {
	case isMultipart(contentType):
		return request.Unprocessable("the message is empty: send its text as the field message of the form")
	case c.R.ProtoMajor == 1 && c.R.ContentLength == 0 && len(c.R.Header["Content-Length"]) == 0:
		return request.Unprocessable("the message is empty: the request announced no body, send it with Content-Length")
	case request.IsJSON(contentType):
		return request.Unprocessable("the message is empty: send its text as the field message of the JSON")
	}
	return err
}

// readAnyJSON reads JSON: a message of ours, the payload of a program that is known, or whatever it is.
func (w *Wire) readAnyJSON(c *request.Call, text, contentType string, d *manage.Draft) received {
	flaw, read := jsonbody.Own([]byte(text), d)
	if !read && flaw != nil {
		if corrected, what := jsonslips.Correct(text); what != "" {
			d.Fault(flaw, "the body is not valid JSON: %s; %s", what, jsonbody.AboutBodies)
			text = corrected
			flaw, read = jsonbody.Own([]byte(text), d)
		}
	}
	if read {
		more := hasMore(text, d)
		if more {
			jsonbody.NameRest(text, d)
		}
		return received{foreign: more}
	}
	if s := recognise(c, text); s != nil {
		if r, fits := w.readRecognised(c, s, text, contentType, d); fits {
			return r
		}
	}
	jsonbody.Read(text, flaw, d)
	return received{foreign: true}
}

// decodeText is a body as UTF-8, whatever charset it is in.
func decodeText(body []byte, contentType string, d *manage.Draft) string {
	text, flaw := charset.Decode(body, contentType)
	if flaw != nil {
		d.Fault(request.BadRequest("%s", flaw.Refusal), "%s", flaw.Warning)
	}
	return text
}

// noFiles is the refusal of a file without a text or a title.
var noFiles = &request.Problem{Status: http.StatusUnsupportedMediaType, Detail: "this server keeps no files: send the text itself as the body, or as the field message"}

// isFile reports whether a body is a picture, an archive and the like rather than text in some charset.
func isFile(body []byte, contentType string) bool {
	if bytes.IndexByte(body, 0) < 0 || utf8.Valid(body) || charset.Evident(body, contentType) {
		return false
	}
	kind := http.DetectContentType(body)
	for _, k := range [...]string{"image/", "audio/", "video/", "font/", "application/zip", "application/x-gzip", "application/x-rar-compressed", "application/pdf", "application/ogg", "application/wasm"} {
		if strings.HasPrefix(kind, k) {
			return true
		}
	}
	return strings.HasPrefix(kind, "application/octet-stream") && controls(body) > max(8, len(body)/20)
}

// controls counts the bytes of control characters that no text has.
func controls(b []byte) (n int) {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != 0x1b {
			n++
		}
	}
	return n
}

// refusal is what is wrong with a draft as an error, for strict publishing.
func refusal(d *manage.Draft) error {
	if manage.Blank(d.Text) {
		if d.Unread != nil {
			return d.Unread
		}
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

// unsigned refuses a request without a body that could be signed.
func unsigned(c *request.Call) error {
	if t := c.Who.Token(); t != nil && t.SigningSecret != "" && (c.R.Method == http.MethodGet || isMultipart(c.R.Header.Get("Content-Type"))) {
		return signature.Refused(t, "the token demands a signature, which a request without a plain body cannot have")
	}
	return nil
}
