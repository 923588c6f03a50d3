package strictjson_test

import (
	"errors"
	"strings"
	"testing"

	"notifer/server/request/strictjson"
)

type body struct {
	Name   *string         `json:"name"`
	Tags   []string        `json:"tags"`
	Count  *int            `json:"count"`
	On     *bool           `json:"on"`
	Nested struct{ A int } `json:"nested"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		text  string
		wrong string // a part of the error, empty for none
	}{
		"an object":                {`{"name":"a","tags":["b"],"count":1,"on":true}`, ""},
		"unknown keys":             {`{"name":"a","other":{"x":[1,null]}}`, ""},
		"white space after it":     {"{}\r\n ", ""},
		"a key twice":              {`{"name":"a","name":"b"}`, `"name" appears twice`},
		"an unknown key twice":     {`{"x":1,"y":2,"x":3}`, `"x" appears twice`},
		"a nested key twice":       {`{"x":[{"y":1,"y":1}]}`, `"y" appears twice`},
		"a key in capitals":        {`{"NAME":"a"}`, `"NAME" must be written "name"`},
		"a nested key in capitals": {`{"x":{"NAME":"a"}}`, ""},
		"a surrogate pair":         {`{"name":"\ud83d\ude00"}`, ""},
		"two surrogate pairs":      {`{"name":"\uD83D\uDE00\ud83d\ude00"}`, ""},
		"an escaped backslash":     {`{"name":"\\ud83d"}`, ""},
		"half a pair":              {`{"name":"\ud83d"}`, "half of a surrogate pair"},
		"half a pair and a text":   {`{"name":"\ud83dude00"}`, "half of a surrogate pair"},
		"the second half":          {`{"name":"\ude00"}`, "half of a surrogate pair"},
		"a half before a pair":     {`{"name":"\ud83d\ud83d\ude00"}`, "half of a surrogate pair"},
		"a half after a pair":      {`{"name":"\ud83d\ude00\ud83d"}`, "half of a surrogate pair"},
		"a second object":          {`{} {}`, "more after the JSON object"},
		"a text after it":          {`{}x`, "more after the JSON object"},
		"nothing":                  {``, "not valid JSON"},
		"a list":                   {`[{}]`, "must be a JSON object"},
		"no value":                 {`{"name":}`, "not valid JSON"},
		"no end":                   {`{"name":"a"`, "not valid JSON"},
		"no end of a list":         {`{"x":[1`, "not valid JSON"},
		"a number for a text":      {`{"name":1}`, "name must be a string"},
		"a text for a number":      {`{"count":"1"}`, "count must be a whole number"},
		"a fraction":               {`{"count":1.5}`, "count must be a whole number"},
		"a text for a bool":        {`{"on":"true"}`, "on must be true or false"},
		"a text for a list":        {`{"tags":"a"}`, `tags must be a list of strings, such as ["a", "b"]`},
		"a number in a list":       {`{"tags":["a",1]}`, "each of tags must be a string"},
		"a text for an object":     {`{"nested":"a"}`, "nested must be a JSON object"},
		"as deep as may be":        {`{"x":` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + `}`, ""},
		"too deep":                 {`{"x":` + strings.Repeat("[", 17) + strings.Repeat("]", 17) + `}`, "nested too deeply"},
		"too deep in objects":      {`{"x":` + strings.Repeat(`{"x":`, 16) + "1" + strings.Repeat("}", 17), "nested too deeply"},
		"as many as may be":        {`{"x":[` + strings.Repeat("1,", 1997) + "1]}", ""},
		"too many":                 {`{"x":[` + strings.Repeat("1,", 1998) + "1]}", "more than 2000 values"},
		"not UTF-8":                {"{\"name\":\"\xff\"}", "not valid UTF-8"},
	} {
		err := strictjson.Decode([]byte(row.text), &body{})
		if row.wrong == "" && err != nil || row.wrong != "" && (err == nil || !strings.Contains(err.Error(), row.wrong)) {
			t.Errorf("%s: Decode(%.60s) = %v, want %q", name, row.text, err, row.wrong)
		}
	}
}

// TestAmbiguity: what encoding/json would decode is told apart from what nobody can read, with what becomes of it.
func TestAmbiguity(t *testing.T) {
	t.Parallel()
	for text, corrected := range map[string]string{
		`{"name":"a","name":"b"}`: `the key "name" appears twice: the last one was used`,
		`{"name":"\ud83d"}`:       "the body holds half of a surrogate pair: the character became U+FFFD",
		`{"name":1}`:              "",
	} {
		var a *strictjson.Ambiguity
		got := ""
		if err := strictjson.Decode([]byte(text), &body{}); errors.As(err, &a) {
			got = a.Corrected
		}
		if got != corrected {
			t.Errorf("Decode(%s) corrects it to %q, want %q", text, got, corrected)
		}
	}
	if err := strictjson.Decode([]byte("\xff"), &body{}); !errors.Is(err, strictjson.ErrEncoding) {
		t.Errorf("Decode of bytes = %v, want %v", err, strictjson.ErrEncoding)
	}
}

func TestDecodePatch(t *testing.T) {
	t.Parallel()
	var b body
	if _, err := strictjson.DecodePatch([]byte(`{"name":null,"tags":null,"count":7}`), &b); err != nil {
		t.Fatal(err)
	}
	if b.Name == nil || *b.Name != "" || b.Tags == nil || len(b.Tags) != 0 {
		t.Errorf("null became %v and %#v, want what is empty", b.Name, b.Tags)
	}
	if b.Count == nil || *b.Count != 7 || b.On != nil {
		t.Errorf("7 became %v, and what is absent %v", b.Count, b.On)
	}
	if _, err := strictjson.DecodePatch([]byte(`{"tags":[],"name":"x"}`), &b); err != nil || b.Tags == nil || *b.Name != "x" {
		t.Errorf("an empty list became %#v, x %q, %v", b.Tags, *b.Name, err)
	}
	if _, err := strictjson.DecodePatch([]byte(`{"count":"7"}`), &b); err == nil {
		t.Error("DecodePatch takes what Decode refuses")
	}
}

func TestValuesAndDepth(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]int{
		``: {1, 0}, `1`: {1, 0}, `[1,2]`: {3, 1}, `{"a":[1,{"b":2}]}`: {5, 3}, `[],[]`: {4, 1},
		`"[,{"`: {1, 0}, `["\"[,"]`: {2, 1}, `["\\",1]`: {3, 1},
	} {
		if values, depth := strictjson.Values(text), strictjson.Depth(text); values != want[0] || depth != want[1] {
			t.Errorf("%s: %d values, %d deep; want %d and %d", text, values, depth, want[0], want[1])
		}
	}
}
