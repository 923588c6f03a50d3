package manage_test

import (
	"testing"
	"time"

	"notifer/db/dbtest"
	"notifer/server/auth"
	"notifer/server/auth/argon"
	"notifer/server/manage"
	"notifer/server/plaintext"
)

// TestNoControlsAreStored: what a terminal or a page might obey is not kept in a text that people read.
func TestNoControlsAreStored(t *testing.T) {
	d := dbtest.New(t)
	a, err := auth.New(t.Context(), d, auth.Options{Params: argon.Params{Memory: 64, Time: 1, Threads: 1}, AccessTTL: time.Hour, RefreshTTL: time.Hour, SessionMax: time.Hour, MaxTokens: 100})
	if err != nil {
		t.Fatal(err)
	}
	m := manage.New(d, a, manage.Rules{})
	u, err := m.CreateAccount(t.Context(), manage.AccountValues{Email: "maria@home.example", Username: "maria", Password: "correct horse battery"})
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
		if got := plaintext.Lines(name); got != want {
			t.Errorf("Lines(%q) = %q, want %q", name, got, want)
		}
	}
	topic, err := m.NewTopic(actor, "news", manage.TopicValues{Description: &evil})
	if want := "a[31mbc\nde\tf"; err != nil || topic.Description != want {
		t.Errorf("topic description = %q, %v, want %q", topic.Description, err, want)
	}
	for _, bad := range []string{"x\x1b", "x\u202ey", "x\u2066y", "x\u061cy", "C\u200bI", "C\u00adI", "\ufeffCI", "C\u2060I", "\u3164CI", "C\ufff9I", "C\u206fI", "C\u180eI"} {
		if _, err := manage.CheckName(bad); err == nil {
			t.Errorf("CheckName(%q) is taken", bad)
		}
	}
	for _, good := range []string{"Büro 👨\u200d👩\u200d👧", "می\u200cخواهم", "שלום", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"} {
		if _, err := manage.CheckName(good); err != nil {
			t.Errorf("CheckName(%q) = %v", good, err)
		}
	}
	for link, fine := range map[string]bool{"https://home.example/a%20b": true, "http://192.168.1.2:8080": true, "mailto:ann@home.example": true, "tel:+1": true, "HTTPS://home.example": true,
		"http:evil": false, "https:///x": false, "http://": false, "https:/evil.example": false, "https://x.example/\u202egpj": false, "https://x.example/\u200b": false, "https://x\u2028.example/": false} {
		draft := manage.Draft{Text: "x", URL: link, Buttons: "view, Open, " + link}
		made, err := draft.Message(1000)
		if err != nil || (made.Extras().URL != "") != fine || (len(made.Extras().Actions) == 1) != fine || len(draft.Faults) == 0 != fine {
			t.Errorf("a link %q: %+v, %v, %v; want fine %v", link, made.Extras(), draft.Faults, err, fine)
		}
	}
	for _, bad := range []string{"m\u202eoc@home.example", "m@home\u200b.example", "m\u009b31m@home.example", "m@home.example\u2028", "m\u2066@home.example", "m\ufeff@home.example"} {
		if auth.CheckEmail(bad) == nil {
			t.Errorf("CheckEmail(%q) is taken", bad)
		}
	}
	if err := auth.CheckEmail("müller@höme.example"); err != nil {
		t.Error(err)
	}
	for secret, want := range map[string]bool{"whsec_AA==": false, "whsec_AAAAAAAA": false, "whsec_====": false, "whsec_MTIzNDU2Nzg=": true, "12345678": true, "1234567": false} {
		if _, err := manage.CheckSigningSecret(secret); (err == nil) != want {
			t.Errorf("CheckSigningSecret(%q) = %v", secret, err)
		}
	}
	draft := manage.Draft{Title: "a\u202eb", Text: "x", URL: "https://home.example", URLTitle: "c\u202dd", Buttons: "view, e\u009bf\u202eg, https://home.example"}
	made, err := draft.Message(1000)
	if err != nil || made.Title != "a b" || made.Extras().URLTitle != "c d" || len(made.Extras().Actions) != 1 || made.Extras().Actions[0].Label != "e f g" {
		t.Errorf("a message is %q %+v %v", made.Title, made.Extras(), err)
	}
	draft = manage.Draft{Title: "for \u2068שלום\u2069\u200e", Text: "x"}
	if made, _ := draft.Message(1000); made.Title != draft.Title {
		t.Errorf("a title of right-to-left text became %q", made.Title)
	}
}
