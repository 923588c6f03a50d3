package db

import (
	"reflect"
	"testing"
)

func TestExtrasAreReadBack(t *testing.T) {
	full := Extras{Markdown: true, URL: "https://nas.home.example/a?b=1&c=<2>", URLTitle: "Öffnen \u2028", Actions: []Action{
		{Type: "view", Label: "Open", URL: "https://nas.home.example"},
		{Type: "http", Label: "Stop", URL: "https://nas.home.example/stop", Options: map[string]string{"method": "PUT", "body": `{"a":"b"}`}},
		{Type: "broadcast", Label: "Say"},
	}}
	for name, row := range map[string]struct {
		stored string
		want   Extras
	}{
		"none":         {"", Extras{}},
		"Markdown":     {`{"markdown":true}`, Extras{Markdown: true}},
		"link":         {`{"link":"https://a.example","link_title":"A"}`, Extras{URL: "https://a.example", URLTitle: "A"}},
		"not JSON":     {`{"link":`, Extras{}},
		"old":          {`"markdown":true`, Extras{Markdown: true}},
		"old, all":     {`"markdown":true,"url":"https://nas.home.example/a?b=1\u0026c=\u003c2\u003e","url_title":"\u00d6ffnen \u2028","actions":[{"type":"view","label":"Open","url":"https://nas.home.example"},{"type":"http","label":"Stop","url":"https://nas.home.example/stop","options":{"body":"{\"a\":\"b\"}","method":"PUT"}},{"type":"broadcast","label":"Say"}]`, full},
		"old, not one": {`"markdown":tr`, Extras{}},
	} {
		m := Message{extra: row.stored}
		if got := m.Extras(); !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: Extras() = %+v, want %+v", name, got, row.want)
		}
	}
	for _, want := range []Extras{{}, {Markdown: true}, {URL: "https://a.example"}, full} {
		var m Message
		m.SetExtras(want)
		if got := m.Extras(); !reflect.DeepEqual(got, want) {
			t.Errorf("stored as %s: Extras() = %+v, want %+v", m.extra, got, want)
		}
	}
}

// TestExtrasOfTheFirstReleasesStayReadable stores a row as the first releases did; its checksum covers that text.
func TestExtrasOfTheFirstReleasesStayReadable(t *testing.T) {
	t.Parallel()
	d, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	u := User{Email: "ada@home.example", Username: "ada", PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	topic := NewTopic("ops", u)
	if err := d.CreateTopic(&topic, By{Name: "ada"}); err != nil {
		t.Fatal(err)
	}
	m := Message{TopicID: topic.ID, Body: "disk is full", Priority: 3, extra: `"markdown":true,"url":"https://nas.home.example","url_title":"NAS"`}
	if err := d.Publish(&m, nil); err != nil {
		t.Fatal(err)
	}
	want := Extras{Markdown: true, URL: "https://nas.home.example", URLTitle: "NAS"}
	got, err := d.Message(t.Context(), topic.ID, m.ID)
	if err != nil || !reflect.DeepEqual(got.Extras(), want) {
		t.Errorf("Extras() = %+v, %v, want %+v", got.Extras(), err, want)
	}
	if f := Check(t.Context(), d.dir); f[1].Bad {
		t.Errorf("check: %s", f[1].Text)
	}
}
