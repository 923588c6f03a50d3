package request

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of a JSON body; the depth guards against bodies made of brackets.
const (
	MaxJSON      = 16 << 10
	maxJSONDepth = 16
)

// ReadJSON decodes the request's JSON body into v, which points to a struct.
func ReadJSON(c *Call, v any) error {
	body, err := jsonBody(c, MaxJSON)
	if err != nil {
		return err
	}
	return DecodeJSON(body, v)
}

// ReadPatch is ReadJSON for a change: a field that is absent stays as it is, null empties it.
func ReadPatch(c *Call, v any) error { return ReadPatchWithin(c, MaxJSON, v) }

// ReadPatchWithin is ReadPatch with a bound of its own on the body.
func ReadPatchWithin(c *Call, limit int, v any) error {
	body, err := jsonBody(c, limit)
	if err != nil {
		return err
	}
	if err := DecodeJSON(body, v); err != nil {
		return err
	}
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(body, &sent); err != nil {
		return badJSON(err)
	}
	to := reflect.ValueOf(v).Elem()
	for i, key := range keysOf(to.Type()) {
		if f := to.Field(i); string(sent[key]) == "null" && f.IsZero() {
			f.Set(emptyValue(f.Type()))
		}
	}
	return nil
}

// emptyValue is what null means for a field: a pointer to nothing, or a list of nothing.
func emptyValue(t reflect.Type) reflect.Value {
	if t.Kind() == reflect.Slice {
		return reflect.MakeSlice(t, 0, 0)
	}
	return reflect.New(t.Elem())
}

func jsonBody(c *Call, limit int) ([]byte, error) {
	if err := RefuseEncoding(c.R); err != nil {
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

// IsJSON tells JSON that is meant for us from text of whatever type, application/cloudevents+json too.
func IsJSON(contentType string) bool {
	if contentType == "text/plain" || contentType == TypeForm { // what nearly all publishers send
		return false
	}
	return mediaType(contentType) == TypeJSON
}

// mediaType is a content type without its parameters, which need not be well-formed; what is none at all is returned as it is.
func mediaType(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return contentType
	}
	return t
}

// RefuseEncoding refuses compressed bodies: a small one may unpack to gigabytes.
func RefuseEncoding(r *http.Request) error {
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return &Problem{Status: http.StatusUnsupportedMediaType, Detail: "send the body uncompressed, without Content-Encoding"}
	}
	return nil
}

// DecodeJSON is strict where leniency would let two readers see different things: duplicate keys, keys in other letter
// case than ours and lone surrogates are refused. Unknown keys are ignored.
func DecodeJSON(body []byte, v any) error {
	if !utf8.Valid(body) {
		return BadRequest("the body is not valid UTF-8")
	}
	if err := inspect(body, keysOf(reflect.TypeOf(v).Elem())); err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		var t *json.UnmarshalTypeError
		if errors.As(err, &t) {
			return Unprocessable("%s must be a %s", fieldName(v, t), kindName(t.Type))
		}
		return badJSON(err)
	}
	return nil
}

func fieldName(v any, t *json.UnmarshalTypeError) string {
	if t.Field == "" {
		return "the body"
	}
	to := reflect.TypeOf(v).Elem()
	if i := slices.Index(keysOf(to), t.Field); i >= 0 && to.Field(i).Type.Kind() == reflect.Slice && t.Type.Kind() != reflect.Slice {
		return "each of " + t.Field
	}
	return t.Field
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "list"
	case reflect.Struct, reflect.Map:
		return "JSON object"
	case reflect.Pointer:
		return kindName(t.Elem())
	}
	return "whole number"
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		keys = append(keys, name)
	}
	return keys
}

// inspect walks the tokens of a body once and refuses what encoding/json would let pass.
func inspect(body []byte, known []string) error {
	if bytes.Contains(body, []byte(`\u`)) && loneSurrogate(body) {
		return Unprocessable("the body holds half of a surrogate pair: send whole characters")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	first, err := d.Token()
	if err != nil {
		return Unprocessable("the body is not valid JSON: send a JSON object")
	}
	if first != json.Delim('{') {
		return Unprocessable("the body must be a JSON object")
	}
	if err := inspectObject(d, known, 1); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return Unprocessable("there is more after the JSON object: send one object")
	}
	return nil
}

func inspectObject(d *json.Decoder, known []string, depth int) error {
	var keys []string
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return badJSON(err)
		}
		key, _ := t.(string)
		keys = append(keys, key)
		if i := slices.IndexFunc(known, func(k string) bool { return k != key && strings.EqualFold(k, key) }); i >= 0 {
			return Unprocessable("the key %q must be written %q", key, known[i])
		}
		if err := inspectValue(d, depth); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return badJSON(err)
	}
	return eachOnce(keys)
}

// eachOnce refuses a key that stands twice. It sorts them: a body of many keys, each compared with all before it, would
// hold a core for seconds.
func eachOnce(keys []string) error {
	slices.Sort(keys)
	for i := 1; i < len(keys); i++ {
		if keys[i] == keys[i-1] {
			return Unprocessable("the key %q stands twice: send it once", keys[i])
		}
	}
	return nil
}

func inspectValue(d *json.Decoder, depth int) error {
	if depth > maxJSONDepth {
		return Unprocessable("the JSON is nested too deeply")
	}
	t, err := d.Token()
	if err != nil {
		return badJSON(err)
	}
	switch t {
	case json.Delim('{'):
		return inspectObject(d, nil, depth+1)
	case json.Delim('['):
		for d.More() {
			if err := inspectValue(d, depth+1); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return badJSON(err)
	}
	return nil
}

func badJSON(err error) error {
	if err == nil {
		return nil
	}
	return Unprocessable(`the body is not valid JSON: in a text, write \" for a quote, \\ for a backslash and \n for a new line`)
}

const hexDigits = "0123456789abcdef"

// loneSurrogate finds a \ud800-\udfff escape without its partner; encoding/json would make it U+FFFD.
func loneSurrogate(b []byte) bool {
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if b[i+1] != 'u' {
			i++
			continue
		}
		u := unit(b, i)
		if u >= 0xdc00 && u <= 0xdfff {
			return true
		}
		if u >= 0xd800 && u <= 0xdbff {
			if low := unit(b, i+6); low < 0xdc00 || low > 0xdfff {
				return true
			}
			i += 6
		}
		i += 5
	}
	return false
}

// unit reads an escape of four hexadecimal digits at i, -1 when there is none.
func unit(b []byte, i int) int {
	if i+6 > len(b) || b[i] != '\\' || b[i+1] != 'u' {
		return -1
	}
	n := 0
	for _, c := range b[i+2 : i+6] {
		d := strings.IndexByte(hexDigits, c|0x20)
		if d < 0 {
			return -1
		}
		n = n<<4 | d
	}
	return n
}
