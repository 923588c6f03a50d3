package quoted_test

import (
	"slices"
	"testing"

	"notifer/server/manage/quoted"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		text string
		sep  byte
		want []string
	}{
		{``, ';', []string{``}},
		{`a;b`, ';', []string{`a`, `b`}},
		{`a;`, ';', []string{`a`, ``}},
		{`"a;b";c`, ';', []string{`"a;b"`, `c`}},
		{`'a;b';c`, ';', []string{`'a;b'`, `c`}},
		{`'a";b';c`, ';', []string{`'a";b'`, `c`}},
		{` "a;b" ;c`, ';', []string{` "a;b" `, `c`}},
		{`a, "b;c";d`, ';', []string{`a, "b;c"`, `d`}}, // a comma begins a part too
		{`key="a,b",c`, ',', []string{`key="a,b"`, `c`}},
		{`"a\";b";c`, ';', []string{`"a\";b"`, `c`}},
		{`it's;b's`, ';', []string{`it's`, `b's`}},    // an apostrophe is not a quote
		{`"a;b`, ';', []string{`"a`, `b`}},            // nor is a quote that is not closed
		{`"a\";b`, ';', []string{`"a\"`, `b`}},        // nor one that only an escaped one follows
		{`a"b;c";d`, ';', []string{`a"b`, `c"`, `d`}}, // nor one inside a word
	} {
		if got := quoted.Split(row.text, row.sep); !slices.Equal(got, row.want) {
			t.Errorf("Split(%s, %c) = %q, want %q", row.text, row.sep, got, row.want)
		}
	}
}

func TestUnquote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``: ``, `"`: `"`, `a`: `a`, `""`: ``, `"a"`: `a`, `'a'`: `a`, `"a'`: `"a'`, `"a`: `"a`, `a"`: `a"`,
		`"a\"b"`: `a"b`, `"a\\b"`: `a\b`, `"a\"`: `a\`,
	} {
		if got := quoted.Unquote(text); got != want {
			t.Errorf("Unquote(%s) = %s, want %s", text, got, want)
		}
	}
}
