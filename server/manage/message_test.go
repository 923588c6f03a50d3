package manage_test

import (
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/auth/secrets"
	"notifer/server/contract"
	"notifer/server/manage"
)

func TestMessageFields(t *testing.T) {
	for title, kind := range map[string]error{
		"Backup": nil, "": nil, strings.Repeat("ä", 250): nil, strings.Repeat("ä", 251): auth.ErrInvalid, "a\nb": auth.ErrMalformed, "a\x7fb": auth.ErrMalformed,
	} {
		_, err := manage.CheckTitle(title)
		wantKind(t, "title "+title, err, kind)
	}
	// Publishing and editing judge a title alike.
	for title, want := range map[string]string{"a\u2028b": "a b", "\u202egnp.exe": "gnp.exe", "a\u2066b\u2069": "a\u2066b\u2069", "a\r\nb": "a b", " a\n": "a", "עברית": "עברית",
		strings.Repeat("x", 251): strings.Repeat("x", 249) + "…"} {
		d := manage.Draft{Text: "x", Title: title}
		m, err := d.Message(100)
		if err != nil || m.Title != want {
			t.Errorf("title %q is published as %q, %v", title, m.Title, err)
		}
		edited, err := manage.CheckTitle(title)
		if refused := len(d.Faults) > 0; refused != (err != nil) || !refused && edited != m.Title || refused && err.Error() != d.Faults[0].Refusal.Error() {
			t.Errorf("title %q: published with %v, edited to %q, %v", title, d.Faults, edited, err)
		}
	}
	for _, text := range []string{"\x1b]" + strings.Repeat("x", 600), "\x1bneedle", "\x1b[", "\x1b"} { // no codes
		d := manage.Draft{Text: text + "."}
		if m, err := d.Message(1000); err != nil || m.Body != text+"." {
			t.Errorf("%.20q became %+v, %v", text, m, err)
		}
	}
	for _, text := range []string{"\x1b[1;31mred\x1b[0m", "\x1b]0;window\x07red", "\x1b]8;;http://x\x1b\\red\x1b]8;;\x1b\\", "\x1b(Bred", "\x1b[38:2::1:2:3mred\x1b[K\x1b[?25h"} {
		d := manage.Draft{Text: text}
		if m, err := d.Message(1000); err != nil || m.Body != "red" {
			t.Errorf("%q became %+v, %v", text, m, err)
		}
	}
	if text, err := manage.CheckText("\x1b[31mx\x1b[0m", 1); err != nil || text != "x" {
		t.Errorf("a text in red = %q, %v", text, err)
	}
	if text, err := manage.CheckText("x\x00", 1); err != nil || text != "x" {
		t.Errorf("CheckText of a string with its end in C = %q, %v, want x as in publishing", text, err)
	}
	if text, err := manage.CheckText("\ufeffx", 1); err != nil || text != "x" {
		t.Errorf("a text after a byte order mark = %q, %v", text, err)
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

// TestSecretsStayOutOfMessages: a live secret of this server is refused wherever it is in a message, others are not.
func TestSecretsStayOutOfMessages(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	h.d.Notify(h.auth.Invalidate, nil) // as a server does
	made, secret, err := h.CreateToken(t.Context(), h.ann, &h.topic, manage.TokenValues{Name: ptr("CI"), Permissions: []string{"publish"}})
	if err != nil {
		t.Fatal(err)
	}
	caller, err := h.auth.Authenticate(t.Context(), auth.Presented{TopicToken: secret})
	if err != nil {
		t.Fatal(err)
	}
	link := db.Message{Body: "x"}
	link.SetExtras(db.Extras{URL: "https://home.example/?t=" + secret})
	for name, m := range map[string]*db.Message{"text": {Body: "my token is " + secret}, "title": {Body: "x", Title: secret}, "link": &link} {
		wantKind(t, name, h.RefuseSecret(t.Context(), caller, &h.topic, m), auth.ErrInvalid)
	}
	wantKind(t, "another server's", h.RefuseSecret(t.Context(), caller, &h.topic, &db.Message{Body: secrets.NewToken()}), nil)
	if leaked, err := h.Token(t.Context(), &h.topic, made.ID); err != nil || contract.TokenStatus(&leaked, h.d.Now()) != api.Leaked {
		t.Errorf("status %q, %v, want leaked", contract.TokenStatus(&leaked, h.d.Now()), err)
	}
	_, rotated, err := h.RotateToken(t.Context(), h.ann, &h.topic, made.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	key, keySecret, err := h.CreateKey(t.Context(), h.ann, manage.KeyValues{Name: "all", Scopes: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"the secret before a rotation": secret, "the one after it": rotated, "a key": keySecret}
	for name, text := range all {
		wantKind(t, name, h.RefuseSecret(t.Context(), caller, &h.topic, &db.Message{Body: text}), auth.ErrInvalid)
	}
	if _, err := h.RevokeToken(h.ann, &h.topic, made.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.RevokeKey(t.Context(), h.ann, key.ID); err != nil {
		t.Fatal(err)
	}
	for name, text := range all {
		wantKind(t, name+", revoked", h.RefuseSecret(t.Context(), caller, &h.topic, &db.Message{Body: text}), nil)
	}
}

// TestEditMessage: an edit is judged as strict publishing is, and a secret stays out of it too.
func TestEditMessage(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	made, secret, err := h.CreateToken(t.Context(), h.ann, &h.topic, manage.TokenValues{Name: ptr("CI"), Permissions: []string{"publish"}})
	if err != nil {
		t.Fatal(err)
	}
	caller, err := h.auth.Authenticate(t.Context(), auth.Presented{TopicToken: secret})
	if err != nil {
		t.Fatal(err)
	}
	m := db.Message{TopicID: h.topic.ID, Topic: h.topic.Name, Body: "disk full", Priority: 3}
	if err := h.d.Publish(&m, nil); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		v    manage.MessageChange
		kind error
	}{
		"a text":           {manage.MessageChange{Text: ptr("disk is full")}, nil},
		"an empty text":    {manage.MessageChange{Text: ptr(" ")}, auth.ErrInvalid},
		"too long a text":  {manage.MessageChange{Text: ptr(strings.Repeat("x", 101))}, auth.ErrInvalid},
		"two lines":        {manage.MessageChange{Title: ptr("a\nb")}, auth.ErrMalformed},
		"a priority":       {manage.MessageChange{Priority: ptr(5)}, nil},
		"no priority":      {manage.MessageChange{Priority: ptr(0)}, auth.ErrInvalid},
		"a tag of blanks":  {manage.MessageChange{Tags: []string{"a b"}}, auth.ErrInvalid},
		"an exempt secret": {manage.MessageChange{Text: ptr(secret), AllowSecret: true}, nil},
	} {
		_, err := h.EditMessage(t.Context(), caller, &h.topic, m.ID, row.v, 100)
		wantKind(t, name, err, row.kind)
	}
	leaked := func() bool {
		k, err := h.Token(t.Context(), &h.topic, made.ID)
		if err != nil {
			t.Fatal(err)
		}
		return !k.LeakedAt.IsZero()
	}
	if leaked() {
		t.Error("a secret that was let in marks its token as leaked")
	}
	_, err = h.EditMessage(t.Context(), caller, &h.topic, m.ID, manage.MessageChange{Text: &secret}, 100)
	if wantKind(t, "a secret", err, auth.ErrInvalid); !leaked() {
		t.Error("an edit with a secret does not mark its token as leaked")
	}
	if n, err := h.PurgeTopic(t.Context(), h.ann, &h.topic); n != 1 || err != nil {
		t.Errorf("PurgeTopic = %d, %v", n, err)
	}
	_, err = h.EditMessage(t.Context(), caller, &h.topic, m.ID, manage.MessageChange{}, 100)
	wantKind(t, "a deleted message", err, db.ErrNotFound)
}
