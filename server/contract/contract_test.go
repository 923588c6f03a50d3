package contract_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/contract"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestTokenStatus(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	used := now.Add(-time.Hour)
	for name, row := range map[string]struct {
		token db.Token
		want  api.Status
	}{
		"never used":             {db.Token{}, api.Unused},
		"used":                   {db.Token{LastUsedAt: used}, api.Active},
		"used 90 days ago":       {db.Token{LastUsedAt: now.Add(-90 * day)}, api.Active},
		"used longer ago":        {db.Token{LastUsedAt: now.Add(-90*day - 1)}, api.Idle},
		"expires in a week":      {db.Token{LastUsedAt: used, ExpiresAt: now.Add(7 * day)}, api.Expiring},
		"expires later":          {db.Token{LastUsedAt: used, ExpiresAt: now.Add(7*day + 1)}, api.Active},
		"expires now":            {db.Token{LastUsedAt: used, ExpiresAt: now}, api.Expired},
		"revoked":                {db.Token{RevokedAt: used, ExpiresAt: used, LeakedAt: used}, api.Revoked},
		"leaked":                 {db.Token{LeakedAt: used, PrevUntil: now.Add(day)}, api.Leaked},
		"rotating":               {db.Token{PrevUntil: now.Add(1), ExpiresAt: now.Add(day)}, api.Rotating},
		"whose rotation is over": {db.Token{PrevUntil: now, LastUsedAt: used}, api.Active},
		"expiring and not used":  {db.Token{ExpiresAt: now.Add(day)}, api.Expiring},
	} {
		if got := contract.TokenStatus(&row.token, now); got != row.want {
			t.Errorf("a token that is %s: %s, want %s", name, got, row.want)
		}
	}
}

func TestKeyStatus(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		key  db.Key
		want api.Status
	}{
		"live":    {db.Key{ExpiresAt: now.Add(1)}, api.Active},
		"expired": {db.Key{ExpiresAt: now}, api.Expired},
		"revoked": {db.Key{ExpiresAt: now, RevokedAt: now}, api.Revoked},
	} {
		if got := contract.KeyStatus(&row.key, now); got != row.want {
			t.Errorf("a key that is %s: %s, want %s", name, got, row.want)
		}
	}
}

// TestToken: what depends on the moment, on the topic and on who may read it.
func TestToken(t *testing.T) {
	t.Parallel()
	private, public := &db.Topic{Name: "ops", AccessLevel: db.Private}, &db.Topic{Name: "ops", AccessLevel: db.Public}
	token := db.Token{ID: "token_a", CanPublish: true, Hint: "tk_abcd…wxyz", PrevHint: "tk_aaaa…zzzz", PrevUntil: now.Add(time.Hour), Networks: "10.0.0.0/8,::1/128",
		SigningSecret: "0123456789abcdef", Hash: "$argon2id$"}
	out := contract.Token(&token, private, now)
	if !out.IsActive || !out.IsValid || out.AccessLevel != "write" || out.TokenPrefix != "tk_abcd" || out.PrevHint != "tk_aaaa…zzzz" || out.PrevUntil == nil ||
		len(out.Networks) != 2 || out.Tags != nil || !out.Signed || out.SecretHint != "0123…" || out.Priority != nil {
		t.Errorf("a token = %+v", out)
	}
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{token.SigningSecret, token.Hash} {
		if got := string(text); strings.Contains(got, secret) {
			t.Errorf("a token shows %s: %s", secret, got)
		}
	}
	if out := contract.Token(&token, public, now); out.IsValid || !out.IsActive {
		t.Error("a token of a public topic is valid")
	}
	if out := contract.Token(&token, &db.Topic{Name: "ops", AccessLevel: db.Private, OwnerDisabled: true}, now); out.IsValid {
		t.Error("a token of a disabled account is valid")
	}
	if out := contract.Token(&token, private, now.Add(2*time.Hour)); out.PrevHint != "" || out.PrevUntil != nil {
		t.Error("the secret before a rotation is listed once it has ended")
	}
	token.CanSubscribe, token.DefaultPriority, token.RevokedAt = true, 4, now
	if out := contract.Token(&token, private, now); out.IsValid || out.IsActive || out.AccessLevel != "read_write" || *out.Priority != 4 {
		t.Errorf("a revoked token = %+v", out)
	}
	token.CanPublish = false
	if out := contract.Token(&token, private, now); out.AccessLevel != "read" {
		t.Errorf("access of a token that only subscribes = %s", out.AccessLevel)
	}
}

func TestTopic(t *testing.T) {
	t.Parallel()
	out := contract.Topic(&db.Topic{Name: "ops", Retention: 36 * time.Hour}, 3)
	if out.SubscriberCount != 3 || out.DisplayName != nil || out.Description != nil || *out.RetentionHours != 36 || out.RetentionBytes != nil || out.LastMessageAt != nil {
		t.Errorf("a topic = %+v", out)
	}
	listed, err := json.Marshal(contract.ListedTopic(&db.Topic{Name: "ops", OwnerID: "user_ann", MessageCount: 77, Description: "d"}))
	if err != nil || strings.Contains(string(listed), "user_ann") || strings.Contains(string(listed), "77") || !strings.Contains(string(listed), `"description":"d"`) {
		t.Errorf("a topic in the list of others = %s, %v", listed, err)
	}
}

func TestAppendMessage(t *testing.T) {
	t.Parallel()
	m := func(e db.Extras) *db.Message {
		m := &db.Message{ID: 1, Topic: "ops", Body: "a\u2028ü", Priority: 3, At: time.Date(2026, 3, 1, 2, 3, 4, 56e6, time.FixedZone("CET", 3600))}
		m.SetExtras(e)
		return m
	}
	titled := m(db.Extras{})
	titled.Title, titled.HasTitle, titled.Tags = "T\"", true, "a,b"
	const head, stamp = `{"id":"000000000001","topic":"ops","title":null,"message":"a\u2028ü","priority":3,"tags":[],"timestamp":`, `"2026-03-01T01:03:04.056Z"`
	for name, row := range map[string]struct {
		m    *db.Message
		in   api.Charset
		want string
	}{
		"plain": {m(db.Extras{}), api.UTF8, head + stamp + `}`},
		"ascii": {m(db.Extras{}), api.ASCII, `{"id":"000000000001","topic":"ops","title":null,"message":"a\u2028\u00fc","priority":3,"tags":[],"timestamp":` + stamp + `}`},
		"titled": {titled, api.ASCII, `{"id":"000000000001","topic":"ops","title":"T\"","message":"a\u2028\u00fc","priority":3,"tags":["a","b"],"timestamp":` +
			stamp + `}`},
		"extras": {m(db.Extras{Markdown: true, URL: "https://a.example", URLTitle: "A", Key: "k"}), api.UTF8,
			head + stamp + `,"markdown":true,"url":"https://a.example","url_title":"A","alert_key":"k","alert_status":"open"}`},
		"resolved": {m(db.Extras{Key: "k", Resolved: true}), api.UTF8, head + stamp + `,"alert_key":"k","alert_status":"resolved"}`},
		"actions": {m(db.Extras{Actions: []db.Action{{Type: "view", Label: "L", URL: "https://a.example"}, {Type: "http", Label: "M", Options: map[string]string{"f": "6", "b": "2", "d": "4", "a": "1", "e": "5", "c": "3"}}}}), api.UTF8,
			head + stamp + `,"actions":[{"type":"view","label":"L","url":"https://a.example"},{"type":"http","label":"M","options":{"a":"1","b":"2","c":"3","d":"4","e":"5","f":"6"}}]}`},
	} {
		if got := string(contract.AppendMessage([]byte("x"), row.m, row.in)); got != "x"+row.want {
			t.Errorf("%s:\n%s, want\n%s", name, got[1:], row.want)
		}
	}
}

// TestAppendManaged: who sent a message is only written for those who may manage the topic.
func TestAppendManaged(t *testing.T) {
	t.Parallel()
	m := &db.Message{ID: 1, Topic: "ops", Body: "x", Priority: 3, At: now}
	plain := string(contract.Appender(false)(nil, m, api.UTF8))
	if got := string(contract.Appender(true)(nil, m, api.UTF8)); got != plain {
		t.Errorf("a message without a sender is written as %s", got)
	}
	m.Sender = &db.Sender{Kind: db.SentByToken, ID: "token_a", Name: `nas "1"`}
	if got := string(contract.Appender(false)(nil, m, api.UTF8)); got != plain {
		t.Errorf("a reader gets the sender: %s", got)
	}
	want := plain[:len(plain)-1] + `,"sender":{"kind":"token","id":"token_a","name":"nas \"1\""}}`
	if got := string(contract.Appender(true)(nil, m, api.UTF8)); got != want {
		t.Errorf("a manager gets %s, want %s", got, want)
	}
}

func TestTokenUsage(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(contract.TokenUsage(nil, nil))
	if err != nil || string(text) != `{"days":[],"addresses":[]}` {
		t.Errorf("no usage = %s, %v", text, err)
	}
	out := contract.TokenUsage([]db.TokenDay{{Day: now, OK: 2, Refused: 1}}, []db.TokenAddress{{Address: "::1", LastAt: now, Count: 3}})
	if d := out.Days[0]; d.Day != "2026-03-01" || d.OK != 2 || d.Refused != 1 {
		t.Errorf("a day = %+v", d)
	}
	if a := out.Addresses[0]; a.Address != "::1" || a.Count != 3 {
		t.Errorf("an address = %+v", a)
	}
}
