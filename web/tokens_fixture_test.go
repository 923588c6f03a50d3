package web_test

import (
	"strings"
	"time"

	"notifer/web"
	tokenviews "notifer/web/tokens"
)

const madeUpSecret = "tk_a1B2c3a1B2c3a1B2c3a1B2c3a1B2c3a1B2c3a1B2c3x"

func tokens() []tokenviews.Token {
	return []tokenviews.Token{
		{ID: "token_a", Name: "NAS backup job", Hint: "tk_FjZT…REFc", Publish: true, CreatedBy: "maria", CreatorID: "user_a", CreatedAt: noon.AddDate(0, -2, 0), LastUsedAt: noon.AddDate(0, 0, -1), LastUsedFrom: "192.168.1.20", LastUsedVia: "publish", Requests: 1312, Refused: 3, Week: 312, Days: fortnight, Streams: 1, Status: "rotating", OldHint: "tk_0Old…ish4", OldUntil: noon.AddDate(0, 0, 1), OldUsedAt: noon.AddDate(0, 0, -1)},
		{ID: "token_b", Name: longName, Hint: "tk_a8Xb…99zQ", Publish: true, Subscribe: true, CreatedBy: "maria", CreatorID: "user_a", CreatedAt: noon.AddDate(0, 0, -1), ExpiresAt: noon.AddDate(0, 0, 5), Days: make([]int, 14), Status: "expiring", Note: "in the hall"},
		{ID: "token_c", Name: "Old webhook", Hint: "tk_bbbb…cccc", Publish: true, CreatedBy: "tom", CreatedAt: noon.AddDate(-1, 0, 0), LastUsedAt: noon.AddDate(0, -5, 0), LastUsedFrom: "2001:db8::12", LastUsedVia: "publish", Requests: 4, Days: make([]int, 14), Status: "idle", InURL: true},
		{ID: "token_d", Name: "CI", Hint: "tk_dddd…eeee", Publish: true, CreatedBy: "maria", CreatorID: "user_a", CreatedAt: noon.AddDate(0, -1, 0), LastUsedAt: noon, LastUsedFrom: "192.168.1.20", LastUsedVia: "publish", Requests: 70, Days: fortnight, Status: "leaked"},
	}
}

func endedTokens() []tokenviews.Token {
	return []tokenviews.Token{
		{ID: "token_x", Name: "Laptop", Hint: "tk_x111…222x", Publish: true, CreatedAt: noon.AddDate(0, -3, 0), Days: make([]int, 14), Status: "revoked", EndedAt: noon.AddDate(0, 0, -3), EndedBy: "maria"},
		{ID: "token_y", Name: "Visitor", Hint: "tk_y111…222y", Subscribe: true, CreatedAt: noon.AddDate(0, -3, 0), Days: make([]int, 14), Status: "expired", EndedAt: noon.AddDate(0, 0, -9)},
	}
}

func tokensView() tokenviews.List {
	return tokenviews.List{Settings: settings("tokens"), Tokens: tokens(), Ended: endedTokens(),
		Notices: []tokenviews.Notice{{Kind: tokenviews.Leaked, Count: 1}, {Kind: tokenviews.PlainHTTP}},
		Refused: []tokenviews.Refusal{{At: noon, First: noon.Add(-3 * time.Hour), Times: 7, Group: 1, Address: "192.168.1.9", Via: "publish", Text: "No token came with the request. If you use a proxy, it may drop X-Topic-Token.", Status: 401},
			{At: noon, First: noon, Times: 1, Group: 2, Address: "192.168.1.9", Via: "sse", Text: "NAS backup job: It may only publish.", Hint: "tk_FjZT…REFc", Status: 403}},
		Activity: []web.ActivityLine{{At: noon, Actor: "maria", Verb: "token.create", Detail: "\"CI\": publish"}}}
}

func tokenViews() []view {
	reveal, gone, goneUsed, none, idle, public := tokensView(), tokensView(), tokensView(), tokensView(), tokensView(), tokensView()
	reveal.Reveal = &tokenviews.Secret{Token: tokens()[0], Secret: madeUpSecret}
	reveal.Reveal.Token.Subscribe = true
	gone.Gone, gone.Once = &tokens()[1], "abc"
	goneUsed.Gone = &tokens()[0]
	none.Tokens, none.Ended, none.Refused, none.Notices, none.Focus = nil, nil, nil, nil, true
	idle.Show, idle.Notices = "idle", []tokenviews.Notice{{Kind: tokenviews.OnlyIdle}, {Kind: tokenviews.ManyIdle, Count: 3}}
	public.Access, public.Notices = "public", []tokenviews.Notice{{Kind: tokenviews.NotPrivate, Name: "backups"}, {Kind: tokenviews.EndedInUse, Status: "expired", Name: "CI", Count: 3}}
	public.Tokens = append(append(tokens(), tokens()[1], tokens()[2]), tokens()...)
	for i := range public.Tokens {
		public.Tokens[i].ID += strings.Repeat("z", i)
	}
	values := map[string]string{"name": "CI pipeline", "publish": "1", "expires": "365", "preset": "ci"}
	form := tokenviews.New{Settings: settings("tokens"), Form: web.Form{Values: values}, Once: "abc", Earliest: noon}
	wrong := form
	wrong.More, wrong.Again, wrong.Longest, wrong.NoURLs = true, true, 90*24*time.Hour, true
	for field, text := range map[string]string{"name": "A name has 1 to 60 characters.", "permissions": web.ChoosePermission, "note": "A note is one line.",
		"date": "Choose a day from tomorrow on.", "current_password": "That is not your password."} {
		wrong.Form = wrong.Form.Wrong(field, text)
	}
	return []view{
		{"tokens", someone(), tokenviews.Page(tokensView())},
		{"tokens-empty", someone(), tokenviews.Page(none)},
		{"tokens-reveal", someone(), tokenviews.Page(reveal)},
		{"tokens-gone", someone(), tokenviews.Page(gone)},
		{"tokens-gone-used", someone(), tokenviews.Page(goneUsed)},
		{"tokens-idle", someone(), tokenviews.Page(idle)},
		{"tokens-public", someone(), tokenviews.Page(public)},
		{"tokens-new", someone(), tokenviews.NewPage(form)},
		{"tokens-wrong", someone(), tokenviews.NewPage(wrong)},
		{"tokens-revoke", someone(), tokenviews.RevokePage(tokenviews.Question{Settings: settings("tokens"), Token: tokens()[0]})},
		{"tokens-revoke-unused", someone(), tokenviews.RevokePage(tokenviews.Question{Settings: settings("tokens"), Token: tokens()[1]})},
		{"tokens-rotate", someone(), tokenviews.RotatePage(tokenviews.Question{Settings: settings("tokens"), Token: tokens()[0], Again: true, Form: web.Form{Values: map[string]string{"grace": "86400"}}.Wrong("current_password", "That is not your password.")})},
		{"tokens-end-old", someone(), tokenviews.EndOldPage(tokenviews.Question{Settings: settings("tokens"), Token: tokens()[0]})},
		{"tokens-revoke-all", someone(), tokenviews.RevokeAllPage(tokenviews.RevokeAll{Settings: settings("advanced"), Live: 2, Again: true, Form: web.Form{Values: map[string]string{}}.Wrong("confirm", web.NotThisTopic)})},
		{"token", someone(), tokenviews.DetailsPage(tokenPage(0))},
		{"token-wrong", someone(), tokenviews.DetailsPage(tokenPage(1))},
		{"token-template", someone(), tokenviews.TemplatePage(templateView())},
	}
}

func tokenPage(i int) tokenviews.Details {
	v := tokenviews.Details{Settings: settings("tokens"), Token: tokens()[i], Earliest: noon, Activity: tokensView().Activity,
		Form: web.Form{Values: map[string]string{"name": tokens()[i].Name, "expires": "keep"}}}
	v.Token.Networks, v.Token.Priority, v.Token.Tags = "192.168.1.0/24", 4, "nas,backup"
	for d := range 30 {
		v.Days = append(v.Days, tokenviews.Day{Day: noon.AddDate(0, 0, d-29), OK: fortnight[d%14], Refused: d % 3})
	}
	if i == 0 {
		v.Addresses = []tokenviews.Address{{Address: "192.168.1.20", At: noon, Count: 1300}, {Address: "2001:db8::12", At: noon, Count: 1}}
	} else {
		v.Form = v.Form.Wrong("networks", "Enter networks such as 192.168.1.0/24, separated by commas.")
	}
	return v
}

// templateView has every kind of payload and an error.
func templateView() tokenviews.Template {
	node := func(name, expression, value string, nodes ...tokenviews.Node) tokenviews.Node {
		return tokenviews.Node{Name: name, Expression: expression, Value: value, Size: len(nodes), Nodes: nodes}
	}
	list := node("alerts", "", "", node("each", "", "", node("name", "{{.name}}", "Disk")))
	list.Each = "alerts"
	return tokenviews.Template{Settings: settings("tokens"), Token: tokens()[0],
		Form: web.Form{Values: map[string]string{"template_title": "{{.name}}", "template_text": "{{if}}", "template_each": "alerts", "template_markdown": "1", "into": "text"}}.Wrong("template_text", "Missing value for if"),
		Payloads: []tokenviews.Payload{
			{At: noon, Text: `{"alerts":[{"name":"Disk"}],"level":"critical"}`, Nodes: []tokenviews.Node{list, node("level", "{{$.level}}", "critical")}, More: 2,
				Headers:  []tokenviews.Node{node("X-Event", `{{header "X-Event"}}`, "alert")},
				Messages: []tokenviews.Made{{Title: "Disk", Text: "It is full.", Tags: "a, b", Link: "https://example.org", Key: "disk", Priority: 5, Resolved: true}}},
			{At: noon, Text: "plain", Problem: "It is neither JSON nor a form, so it is stored as it is."},
		}}
}
