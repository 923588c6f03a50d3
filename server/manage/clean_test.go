package manage_test

import (
	"testing"
	"time"

	"notifer/db/dbtest"
	"notifer/server/auth"
	"notifer/server/manage"
)

// TestNoControlsAreStored: what a terminal or a page might obey is not kept in a text that people read.
func TestNoControlsAreStored(t *testing.T) {
	d := dbtest.New(t)
	a, err := auth.New(t.Context(), d, auth.Options{Params: auth.Params{Memory: 64, Time: 1, Threads: 1}, AccessTTL: time.Hour, RefreshTTL: time.Hour, SessionMax: time.Hour, MaxTokens: 100})
	if err != nil {
		t.Fatal(err)
	}
	m := manage.New(d, a, manage.Rules{})
	u, err := a.Register(t.Context(), "maria@home.example", "maria", "correct horse battery", false)
	if err != nil {
		t.Fatal(err)
	}
	actor := manage.Actor{User: u}
	evil := "a\x1b[31m\u202eb\u2066\u009bc\r\nd\u2028e\tf"
	k, err := m.NewKey(actor, manage.KeyValues{Name: "laptop", Description: evil})
	if want := "a[31mbc de f"; err != nil || k.Description != want {
		t.Errorf("key description = %q, %v, want %q", k.Description, err, want)
	}
	for name, want := range map[string]string{evil: "a[31mbc\nde\tf", " two\nlines ": "two\nlines"} {
		if got := manage.CleanText(name); got != want {
			t.Errorf("CleanText(%q) = %q, want %q", name, got, want)
		}
	}
	topic, err := m.NewTopic(actor, "news", manage.TopicValues{Description: &evil})
	if want := "a[31mbc\nde\tf"; err != nil || topic.Description != want {
		t.Errorf("topic description = %q, %v, want %q", topic.Description, err, want)
	}
	for _, bad := range []string{"x\x1b", "x\u202ey", "x\u2066y"} {
		if _, err := manage.CheckName(bad); err == nil {
			t.Errorf("CheckName(%q) is taken", bad)
		}
	}
}
