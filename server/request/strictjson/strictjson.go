// Package strictjson decodes JSON objects and refuses what two readers could understand differently: duplicate keys, keys in
// another letter case than ours, half surrogate pairs, and text after the object. It knows no HTTP.
//
// It is a walk over the tokens of encoding/json before that decodes. No library replaces it: encoding/json lets the first three
// pass, encoding/json/v2 and its module are experiments without a stable release, and the parsers outside the standard library trade
// strictness for speed. Each error also names the key in the caller's words, since a sender sees nothing else.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"notifer/server/spelling"
)

// ErrEncoding says that a body is not text.
var ErrEncoding = errors.New("the body is not valid UTF-8")

// Ambiguity is a body that encoding/json decodes, but another reader may understand differently.
type Ambiguity struct {
	Text      string
	Corrected string // how encoding/json understands it
}

func (a *Ambiguity) Error() string { return a.Text }

// maxDepth guards against bodies made of brackets, maxValues against those made of keys: a megabyte of them takes half a second.
const (
	maxDepth  = 16
	maxValues = 2000
)

// Values returns how many values a JSON text has at most. It decodes none of them, so it is quick.
func Values(text string) int {
	n, quoted := 1, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted && (c == ',' || c == '{' || c == '['):
			n++
		}
	}
	return n
}

// Depth returns how deeply a JSON text is nested. It is as quick as Values.
func Depth(text string) int {
	depth, most, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == '{' || c == '[':
			depth++
			most = max(most, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return most
}

// Decode decodes a JSON object into v, which points to a struct. Unknown keys are ignored.
func Decode(body []byte, v any) error {
	_, err := DecodeKeys(body, v)
	return err
}

// DecodeKeys is Decode, and returns the keys of the object, those that v does not have too.
func DecodeKeys(body []byte, v any) (keys []string, err error) {
	if !utf8.Valid(body) {
		return nil, ErrEncoding
	}
	if len(body) > 2*maxValues && Values(string(body)) > maxValues {
		return nil, fmt.Errorf("the JSON has more than %d values: send fewer", maxValues)
	}
	if keys, err = inspect(body, keysOf(reflect.TypeOf(v).Elem())); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(body, v); err != nil {
		var t *json.UnmarshalTypeError
		if errors.As(err, &t) {
			return nil, fmt.Errorf("%s must be %s", fieldName(v, t), kindName(t.Type))
		}
		return nil, badJSON(err)
	}
	return keys, nil
}

// Misspelled returns the first key that v, which points to a struct, does not have and that is nearly one of its own, with that one. A
// key whose proper one is there too counts as unknown.
func Misspelled(keys []string, v any) (key, meant string) {
	known := keysOf(reflect.TypeOf(v).Elem())
	for _, key := range keys {
		if slices.Contains(known, key) || len(key) < 4 {
			continue
		}
		meant, most := spelling.Nearest(key, known), 2
		if len(key) <= 5 {
			most = 1
		}
		another := len(key) <= 5 && len(key) == len(meant) // short words differ in one letter, such as mode and code
		if spelling.Distance(key, meant) <= most && !another && !slices.Contains(keys, meant) {
			return key, meant
		}
	}
	return "", ""
}

// DecodePatch is DecodeKeys for a change: a field that is absent stays as it is, null empties it.
func DecodePatch(body []byte, v any) (keys []string, err error) {
	if keys, err = DecodeKeys(body, v); err != nil {
		return nil, err
	}
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, badJSON(err)
	}
	to := reflect.ValueOf(v).Elem()
	for i, key := range keysOf(to.Type()) {
		if f := to.Field(i); string(sent[key]) == "null" && f.IsZero() {
			f.Set(emptyValue(f.Type()))
		}
	}
	return keys, nil
}

// emptyValue is what null means for a field: a pointer to nothing, or a list of nothing.
func emptyValue(t reflect.Type) reflect.Value {
	if t.Kind() == reflect.Slice {
		return reflect.MakeSlice(t, 0, 0)
	}
	return reflect.New(t.Elem())
}

// fieldName is the field that a type error is about, as the caller knows it.
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

// kindName is what JSON calls a type, with its article.
func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return `a list of strings, such as ["a", "b"]`
		}
		return "a list"
	case reflect.Struct, reflect.Map:
		return "a JSON object"
	case reflect.Pointer:
		return kindName(t.Elem())
	}
	return "a whole number"
}

// keysOf lists the JSON keys of a struct, in the order of its fields.
func keysOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		keys = append(keys, name)
	}
	return keys
}

// inspect walks the tokens of a body once and refuses what encoding/json would let pass. It returns the keys of the object.
func inspect(body []byte, known []string) (keys []string, err error) {
	if bytes.Contains(body, []byte(`\u`)) && loneSurrogate(body) {
		return nil, &Ambiguity{"the body holds half of a surrogate pair: send whole characters",
			"the body holds half of a surrogate pair: the character became U+FFFD"}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	first, err := d.Token()
	if err != nil {
		return nil, errors.New("the body is not valid JSON: send a JSON object")
	}
	if first != json.Delim('{') {
		return nil, errors.New("the body must be a JSON object")
	}
	if keys, err = inspectObject(d, known, 1); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is more after the JSON object: send one object")
	}
	return keys, nil
}

func inspectObject(d *json.Decoder, known []string, depth int) (keys []string, err error) {
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, badJSON(err)
		}
		key, _ := t.(string)
		keys = append(keys, key)
		if i := slices.IndexFunc(known, func(k string) bool { return k != key && strings.EqualFold(k, key) }); i >= 0 {
			return nil, fmt.Errorf("the key %q must be written %q", key, known[i])
		}
		if err := inspectValue(d, depth); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, badJSON(err)
	}
	return keys, eachOnce(keys)
}

// eachOnce refuses a key that appears twice. It sorts them: a body of many keys, each compared with all before it, would
// hold a core for seconds.
func eachOnce(keys []string) error {
	slices.Sort(keys)
	for i := 1; i < len(keys); i++ {
		if keys[i] == keys[i-1] {
			return &Ambiguity{fmt.Sprintf("the key %q appears twice: send it once", keys[i]),
				fmt.Sprintf("the key %q appears twice: the last one was used", keys[i])}
		}
	}
	return nil
}

func inspectValue(d *json.Decoder, depth int) error {
	if depth > maxDepth {
		return errors.New("the JSON is nested too deeply")
	}
	t, err := d.Token()
	if err != nil {
		return badJSON(err)
	}
	switch t {
	case json.Delim('{'):
		_, err := inspectObject(d, nil, depth+1)
		return err
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
	return errors.New(`the body is not valid JSON: in a text, write \" for a quote, \\ for a backslash and \n for a new line`)
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
