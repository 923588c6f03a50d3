package charset_test

import (
	"strings"
	"testing"

	"notifer/server/wire/charset"
)

func TestDecode(t *testing.T) {
	for name, row := range map[string]struct {
		body, contentType, want string
		flawed                  bool
	}{
		"UTF-8":                  {"grün", "", "grün", false},
		"a byte order mark":      {"\ufeffx", "", "x", false},
		"declared Latin-1":       {"gr\xfcn", "text/plain; charset=ISO-8859-1", "grün", false},
		"Latin-1 of nobody":      {"gr\xfcn", "", "grün", true},
		"marked UTF-16":          {"\xff\xfeh\x00i\x00", "", "hi", false},
		"UTF-16 without a mark":  {"h\x00i\x00", "", "hi", true},
		"UTF-8 called UTF-16":    {strings.Repeat("text", 8), "text/plain; charset=utf-16", strings.Repeat("text", 8), true},
		"an unknown charset":     {"grün", "text/plain; charset=nothing", "grün", true},
		"a log cut within a run": {"grüne grüße, sch\xc3", "", "grüne grüße, sch\ufffd", true},
		"UTF-16 as Python says":  {"h\x00i\x00", "text/plain; charset=utf-16-le", "hi", false},
		"UTF-16 with a _":        {"\x00h\x00i", "text/plain; charset=UTF_16_BE", "hi", false},
		"an unknown UTF-16":      {"grün", "text/plain; charset=utf-16x", "grün", true},
		"a marked unknown one":   {"\xff\xfeh\x00i\x00", "text/plain; charset=utf-32x", "hi", true},
		"an unmarked one":        {"h\x00i\x00", "text/plain; charset=ucs-9", "hi", true},
		"code page 437":          {"gr\x81n", "text/plain; charset=cp437", "grün", false},
		"a charset in quotes":    {"gr\xfcn", `text/plain; charset="latin1"`, "grün", false},
		"nothing":                {"", "", "", false},
	} {
		got, flaw := charset.Decode([]byte(row.body), row.contentType)
		if got != row.want || (flaw != nil) != row.flawed {
			t.Errorf("%s: Decode = %q, %+v, want %q, flawed %v", name, got, flaw, row.want, row.flawed)
		}
	}
}
