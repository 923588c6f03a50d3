package request

import (
	"errors"
	"mime"
	"net/http"
	"strings"

	"notifer/server/request/strictjson"
)

// maxJSON is the bound of a JSON body that has none of its own.
const maxJSON = 16 << 10

// ReadJSON decodes the request's JSON body into v, which points to a struct. Unknown fields are ignored, except one that is nearly a
// known one: leaving out what a key may do, or when a token expires, is no trifle.
func ReadJSON(c *Call, v any) error {
	_, err := ReadJSONKeys(c, v)
	return err
}

// ReadJSONKeys is ReadJSON, and returns the keys of the object: null, and a field that is absent, are the same in v.
func ReadJSONKeys(c *Call, v any) ([]string, error) {
	body, err := jsonBody(c, maxJSON)
	if err != nil {
		return nil, err
	}
	keys, err := DecodeJSONKeys(body, v)
	if err != nil {
		return nil, err
	}
	return keys, refuseMisspelled(keys, v)
}

func refuseMisspelled(keys []string, v any) error {
	if key, meant := strictjson.Misspelled(keys, v); key != "" {
		return Unprocessable("the field %.40s is unknown; did you mean %s?", key, meant)
	}
	return nil
}

// ReadPatch is ReadJSON for a change: a field that is absent stays as it is, null empties it.
func ReadPatch(c *Call, v any) error { return ReadPatchWithin(c, maxJSON, v) }

// ReadPatchWithin is ReadPatch with a bound of its own on the body.
func ReadPatchWithin(c *Call, limit int, v any) error {
	body, err := jsonBody(c, limit)
	if err != nil {
		return err
	}
	keys, err := strictjson.DecodePatch(body, v)
	if err != nil {
		return problemOf(err)
	}
	return refuseMisspelled(keys, v)
}

func jsonBody(c *Call, limit int) ([]byte, error) {
	if err := refuseEncoding(c.R); err != nil {
		return nil, err
	}
	t := mediaType(c.R.Header.Get("Content-Type"))
	form := t == TypeForm && !strings.HasPrefix(c.R.URL.Path, "/auth/") // curl -d sends it, and so can a page of another site
	if t != "" && t != TypeJSON && !form && !strings.HasSuffix(t, "+json") {
		return nil, &Problem{Status: http.StatusUnsupportedMediaType, Detail: "send the body as Content-Type: application/json"}
	}
	return ReadBody(c, limit, "the JSON body")
}

// Content types.
const (
	TypeJSON = "application/json"
	TypeForm = "application/x-www-form-urlencoded" // what curl -d sends, whatever the data are
)

// IsJSON reports whether a content type is JSON that is meant for us. Types such as application/cloudevents+json are text.
func IsJSON(contentType string) bool {
	if contentType == "text/plain" || contentType == TypeForm { // what nearly all publishers send
		return false
	}
	first, _, _ := strings.Cut(contentType, ",") // a proxy may have joined two of them
	switch mediaType(strings.Trim(strings.TrimSpace(first), `"`)) {
	case TypeJSON, "text/json", "application/x-json":
		return true
	}
	return false
}

// mediaType returns a content type without its parameters, which need not be well-formed. What is not a content type is returned as it
// is.
func mediaType(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return contentType
	}
	return t
}

// refuseEncoding refuses compressed bodies: a small one may unpack to gigabytes.
func refuseEncoding(r *http.Request) error {
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return &Problem{Status: http.StatusUnsupportedMediaType, Detail: "send the body uncompressed, without Content-Encoding"}
	}
	return nil
}

// DecodeJSON decodes a body as strictjson does; what is wrong with it is a problem of the caller.
func DecodeJSON(body []byte, v any) error { return problemOf(strictjson.Decode(body, v)) }

// DecodeJSONKeys is DecodeJSON, and returns the keys of the object, those that v does not have too.
func DecodeJSONKeys(body []byte, v any) ([]string, error) {
	keys, err := strictjson.DecodeKeys(body, v)
	return keys, problemOf(err)
}

func problemOf(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, strictjson.ErrEncoding):
		return BadRequest("%v", err)
	}
	problem := &Problem{Status: http.StatusUnprocessableEntity, Detail: err.Error()}
	if e, ok := errors.AsType[*strictjson.Ambiguity](err); ok {
		problem.Corrected = e.Corrected
	}
	return problem
}
