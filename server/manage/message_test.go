package manage_test

import (
	"strings"
	"testing"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
)

func TestMessageFields(t *testing.T) {
	for title, kind := range map[string]error{
		"Backup": nil, "": nil, strings.Repeat("ä", 250): nil, strings.Repeat("ä", 251): auth.ErrInvalid, "a\nb": auth.ErrMalformed, "a\x7fb": auth.ErrMalformed,
	} {
		_, err := manage.CheckTitle(title)
		wantKind(t, "title "+title, err, kind)
	}
	for n, kind := range map[int]error{1: nil, 5: nil, 0: auth.ErrInvalid, 6: auth.ErrInvalid, -1: auth.ErrInvalid} {
		_, err := manage.CheckPriority(n)
		wantKind(t, "priority", err, kind)
	}
	for list, want := range map[string]string{
		"": "", "NAS, disk ,nas,": "nas,disk", "v1.2,a-b,c_d": "v1.2,a-b,c_d", "a b": "!", "ü": "!", strings.Repeat("x", 65): "!",
		strings.Join(strings.Split("abcdefghijklmnopqrst", ""), ","):  strings.Join(strings.Split("abcdefghijklmnopqrst", ""), ","),
		strings.Join(strings.Split("abcdefghijklmnopqrstu", ""), ","): "!",
	} {
		got, err := manage.JoinTags(strings.Split(list, ","))
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("JoinTags(%q) = %q, %v, want %q", list, got, err, want)
		}
	}
	for name, row := range map[string]struct {
		e    db.Extras
		kind error
	}{
		"nothing":              {db.Extras{}, nil},
		"a link":               {db.Extras{URL: "https://nas.home.example"}, nil},
		"a script":             {db.Extras{URL: "javascript:alert(1)"}, auth.ErrInvalid},
		"a long link":          {db.Extras{URL: "https://" + strings.Repeat("x", 512)}, auth.ErrInvalid},
		"a title of no link":   {db.Extras{URLTitle: "Open"}, auth.ErrInvalid},
		"a button":             {db.Extras{Actions: []db.Action{{Type: "view", Label: "Open", URL: "https://nas.home.example"}}}, nil},
		"a button of no kind":  {db.Extras{Actions: []db.Action{{Type: "run", Label: "Open", URL: "https://nas.home.example"}}}, auth.ErrInvalid},
		"a button of no link":  {db.Extras{Actions: []db.Action{{Type: "view", Label: "Open"}}}, auth.ErrInvalid},
		"a script of a button": {db.Extras{Actions: []db.Action{{Type: "view", Label: "Open", URL: "javascript:1"}}}, auth.ErrInvalid},
		"four buttons":         {db.Extras{Actions: make([]db.Action, 4)}, auth.ErrInvalid},
	} {
		d := manage.Draft{Text: "x", URL: row.e.URL, URLTitle: row.e.URLTitle, Actions: row.e.Actions}
		m, err := d.Message(100)
		if err != nil {
			t.Fatal(err)
		}
		var refusal error
		if len(d.Faults) > 0 {
			refusal = d.Faults[0].Refusal
		}
		wantKind(t, name, refusal, row.kind)
		if e := m.Extras(); refusal != nil && (e.URL != "" && e.URL == row.e.URL || len(e.Actions) > 3) {
			t.Errorf("%s: %+v is stored", name, e)
		}
	}
}

// TestSecretsStayOutOfMessages: a secret of this server is refused wherever it is in a message, others are not.
func TestSecretsStayOutOfMessages(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	made, secret, err := h.CreateToken(t.Context(), h.ann, &h.topic, manage.TokenValues{Name: ptr("CI"), Permissions: []string{"publish"}})
	if err != nil {
		t.Fatal(err)
	}
	link := db.Message{Body: "x"}
	link.SetExtras(db.Extras{URL: "https://home.example/?t=" + secret})
	for name, m := range map[string]*db.Message{"text": {Body: "my token is " + secret}, "title": {Body: "x", Title: secret}, "link": &link} {
		wantKind(t, name, h.RefuseSecret(t.Context(), h.ann, &h.topic, m), auth.ErrInvalid)
	}
	wantKind(t, "another server's", h.RefuseSecret(t.Context(), h.ann, &h.topic, &db.Message{Body: auth.NewToken()}), nil)
	if leaked, err := h.Token(t.Context(), &h.topic, made.ID); err != nil || manage.TokenStatus(&leaked, h.d.Now()) != manage.StatusLeaked {
		t.Errorf("status %q, %v, want leaked", manage.TokenStatus(&leaked, h.d.Now()), err)
	}
}
