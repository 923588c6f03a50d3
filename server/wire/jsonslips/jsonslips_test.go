package jsonslips_test

import (
	"encoding/json"
	"strings"
	"testing"

	"notifer/server/wire/jsonslips"
)

// TestBackslashes: a path of Windows stays a path, whatever its names begin with. Other backslashes are read as escapes where they may be.
func TestBackslashes(t *testing.T) {
	for text, want := range map[string]string{
		`C:\Users\new\temp\file.txt`: `C:\Users\new\temp\file.txt`,
		`say \"C:\dir\new\"`:         `say "C:\dir\new"`,
		`it\'s done\nand well`:       "it\\'s done\nand well",
		`C:\dir \u00e4`:              `C:\dir ä`,
	} {
		corrected, what := jsonslips.Correct(`{"message":"` + text + `", "title":"one\ntwo"}`)
		var got struct{ Message, Title string }
		if err := json.Unmarshal([]byte(corrected), &got); err != nil || got.Message != want || got.Title != "one\ntwo" || !strings.Contains(what, "a backslash") {
			t.Errorf("%s: %q, %q, %q, %v; want %q", text, got.Message, got.Title, what, err, want)
		}
	}
}
