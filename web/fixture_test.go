package web_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"notifer/web"
	accountviews "notifer/web/account"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const longName = "a-name-of-exactly-sixty-characters-without-any-break-in-it-x"

func someone() web.Env {
	return web.Env{Public: "https://notify.home.example", Local: "127.0.0.1:8080", Now: noon, User: &web.User{Name: "maria", Admin: true}, Place: "home", PushKey: "key"}
}

func stranger() web.Env {
	return web.Env{Public: "https://notify.home.example", Local: "127.0.0.1:8080", Now: noon}
}

var fortnight = []int{3, 0, 5, 8, 2, 0, 0, 12, 30, 4, 1, 0, 7, 9}

func rows() []web.TopicRow {
	return []web.TopicRow{
		{Name: "backups", Display: "Backups", Access: "private", Mine: true, Readable: true, Unread: 3, Urgent: true, Pinned: true, MayPin: true, LastAt: noon.Add(-4 * time.Minute), LastText: "nas: nightly copy finished, 412 files, 18.2 GiB in 00:41:12 without errors and a very long tail of words", Days: fortnight},
		{Name: "ci", Access: "private", Mine: true, Readable: true, LastAt: noon.Add(-3 * time.Hour), LastText: "Deployment to production succeeded", Days: []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 2}},
		{Name: "weather", Access: "public", Readable: true, Owner: "tom", LastAt: noon.AddDate(0, 0, -3), LastText: "Frost tonight", Days: fortnight},
		{Name: longName, Access: "protected", Mine: true, Readable: true, Days: make([]int, 14)},
		{Name: "secret-santa", Access: "private", Owner: "tom", Description: "Ask Tom to be let in"},
	}
}

func messages() []web.Message {
	return []web.Message{
		{ID: "cwpwyk54r009", At: noon.Add(-20 * time.Second), Title: "Disk almost full", Text: "nas: /srv is at 97 %\nSee https://grafana.home.example/d/disk for the curve.", Priority: 5, Tags: []string{"warning", "disk", "nas"}, Links: []web.Link{{URL: "https://grafana.home.example/d/disk", Title: "Open Grafana"}}},
		{ID: "cwpwyk54r008", At: noon.Add(-40 * time.Minute), Title: "Backup finished", Text: "412 files, **18.2 GiB** in 00:41:12\n\n- `photos`\n- `documents`\n\n> all good\n\n```\nrsync -a /srv /backup\n```", Markdown: true, Priority: 3, Tags: []string{"tada", "backup"}},
		{ID: "cwpwyk54r007", At: noon.Add(-3 * time.Hour), Text: "Door opened", Priority: 4, Tags: []string{"door"}},
		{ID: "cwpwyk54r00z", At: noon.Add(-4 * time.Hour), Title: "Photos is down", Text: "HTTP 502", Priority: 4, Sender: &web.Sender{Kind: "token", Name: "Uptime monitor"}},
		{ID: "cwpwyk54r00y", At: noon.Add(-5 * time.Hour), Title: "Photos is down", Text: "HTTP 502", Priority: 4, Sender: &web.Sender{Kind: "token", Name: "Uptime monitor"}},
		{ID: "cwpwyk54r006", At: noon.Add(-20 * time.Hour), Title: "<b>Markup</b> stays text", Text: "<script>alert(1)</script> " + strings.Repeat("W", 90), Priority: 2},
		{ID: "cwpwyk54r005", At: noon.Add(-21 * time.Hour), Text: strings.Repeat("one more line of a long log\n", 40), Priority: 1},
		{ID: "cwpwyk54r004", At: noon.AddDate(0, 0, -9), Text: "ok", Priority: 3},
		{ID: "cwpwyk54r003", At: noon.AddDate(0, 0, -9), Title: strings.Repeat("W", 200), Text: strings.Repeat("W", 300), Priority: 5, Tags: []string{"tada", strings.Repeat("x", 60)}, Links: []web.Link{{URL: "https://grafana.home.example/" + strings.Repeat("d", 200), Title: strings.Repeat("y", 60)}}},
		{ID: "cwpwyk54r002", At: noon.AddDate(0, 0, -9), Title: "A table", Text: "| Package | Installed | New |\n|---|---|---|\n| curl | 8.14.1 | 8.15.0 |\n| openssl | 3.5.1 | 3.5.2 |\n", Markdown: true, Priority: 3},
	}
}

func topicView() web.Topic {
	return web.Topic{Name: "backups", Display: "Backups", Description: "What the *NAS* says at night.", Access: "private", Manage: true, MayPublish: true,
		Beside: rows(), Cursor: "cwpwyk54r009", Messages: messages(), Next: "cwpwyk54r002"}
}

func settings(tab string) web.Settings {
	return web.Settings{Topic: "backups", Display: "Backups", Access: "private", Tab: tab}
}

type view struct {
	name string
	env  web.Env
	page templ.Component
}

func at(place string) web.Env {
	e := someone()
	e.Place = place
	return e
}

func views() []view {
	return slices.Concat(openViews(), topicViews(), tokenViews(), accountViews())
}

func openViews() []view {
	wrong := web.Form{Values: map[string]string{"email": "maria@home.example", "username": "Maria!"}}
	return []view{
		{"setup", stranger(), web.SetupPage(web.Setup{Code: "abc"})},
		{"setup-wrong", stranger(), web.SetupPage(web.Setup{Code: "abc", Form: wrong.Wrong("username", web.UsernameRule).Wrong("password", "A password has 8 to 128 characters.")})},
		{"setup-gone", stranger(), web.SetupPage(web.Setup{Gone: true})},
		{"signin", stranger(), web.SignInPage(web.SignIn{Asked: true})},
		{"signin-first", stranger(), web.SignInPage(web.SignIn{First: true})},
		{"signin-wrong", stranger(), web.SignInPage(web.SignIn{State: "wrong", Form: wrong})},
		{"signin-slow", stranger(), web.SignInPage(web.SignIn{State: "slow", Wait: time.Minute})},
		{"signin-disabled", stranger(), web.SignInPage(web.SignIn{State: "disabled"})},
		{"register", stranger(), web.RegisterPage(wrong.Wrong("username", web.UsernameRule))},
		{"signin-register", stranger(), web.SignInPage(web.SignIn{Register: true})},
		{"signin-code", stranger(), web.SignInCodePage(web.SignInCode{Passed: "user_a.1.x", Next: "/"})},
		{"signin-code-wrong", stranger(), web.SignInCodePage(web.SignInCode{Passed: "user_a.1.x", State: "wrong", Clock: noon})},
		{"signin-code-many", stranger(), web.SignInCodePage(web.SignInCode{Passed: "user_a.1.x", State: "many"})},
		{"signin-code-late", stranger(), web.SignInCodePage(web.SignInCode{State: "late"})},
		{"password-due", someone(), web.NewPasswordPage(web.NewPassword{Next: "/", Form: web.Form{}.Wrong("new_password", "This password is too easy to guess. Choose another one.")})},
		{"factor-due", someone(), web.OweFactorPage()},
		{"signed-out", stranger(), web.SignedOutPage()},
		{"home", someone(), web.HomePage(web.Home{Tab: "mine", Topics: rows(), Older: "/?offset=50"})},
		{"home-empty", someone(), web.HomePage(web.Home{Tab: "mine", Open: true})},
		{"home-wrong", someone(), web.HomePage(web.Home{Tab: "mine", Topics: rows(), Open: true, New: web.Form{Values: map[string]string{"name": "API"}}.Wrong("name", "The server uses this name itself. Choose another one.")})},
		{"home-catalog", someone(), web.HomePage(web.Home{Tab: "catalog"})},
		{"inbox", someone(), web.InboxPage(inboxView(), "/sse?topics=nas")},
		{"inbox-empty", someone(), web.InboxPage(web.Topic{Inbox: true, Manage: true, Beside: rows(), Search: web.Search{Text: "nothing"}}, "/sse?topics=nas")},
		{"inbox-first", someone(), web.InboxPage(web.Topic{Inbox: true, Manage: true}, "")},
		{"inbox-quiet", someone(), web.InboxPage(web.Topic{Inbox: true, Manage: true, Beside: rows()}, "/sse?topics=nas")},
		{"devices", someone(), accountviews.DevicesPage(devicesView())},
		{"devices-none", someone(), accountviews.DevicesPage(accountviews.Devices{})},
		{"devices-off", someone(), accountviews.DevicesPage(accountviews.Devices{})},
		{"pairing-new", someone(), accountviews.NewPairingPage(accountviews.NewPairing{Form: web.Form{Values: map[string]string{"topics": "backup-*"}}, Topics: []string{"nas", "door"}, Match: &accountviews.Match{Topics: []string{"backup-nas"}}})},
		{"pairing-code", someone(), accountviews.PairingPage(accountviews.Pairing{ID: "pair_a", Name: "Kitchen tablet", URL: "https://notify.example/devices/join", Code: "abcd efgh", Path: "M0 0h1v1h-1z", Size: 29, Left: time.Minute})},
		{"pairing-over", someone(), accountviews.PairingPage(accountviews.Pairing{ID: "pair_a", Name: "Kitchen tablet", Over: true})},
		{"pairing-done", someone(), accountviews.PairingPage(accountviews.Pairing{ID: "pair_a", Name: "Kitchen tablet", Done: true})},
		{"join", stranger(), accountviews.PairPage(accountviews.JoinDevice{})},
		{"join-wrong", someone(), accountviews.PairPage(accountviews.JoinDevice{User: "ann", Problem: "This code has expired or was used."})},
		{"device-home", stranger(), web.DeviceHomePage(web.DeviceHome{Name: "Kitchen tablet", Owner: "ann", Topics: rows(), Stream: "/sse?topics=nas"})},
		{"key-topics", someone(), accountviews.KeyTopicsPage(accountviews.KeyTopics{Key: *devicesView().Devices[0].Key, Form: web.Form{Values: map[string]string{"name": "Kitchen tablet", "topics": "door"}}})},
		{"style", someone(), web.StylePage()},
		{"fault-403", stranger(), web.ErrorPage(web.PageError{Status: 403, Detail: "registration is off here: ask an admin for an account"})},
		{"fault-404", someone(), web.ErrorPage(web.PageError{Status: 404})},
		{"fault-500", someone(), web.ErrorPage(web.PageError{Status: 500, ID: "cwpwyk54r000"})},
	}
}

func topicViews() []view {
	foreign := topicView()
	foreign.Manage, foreign.MayPublish, foreign.Name, foreign.Display = false, false, longName, ""
	found := topicView()
	found.Search, found.Messages, found.Next = web.Search{Text: "nothing", Tag: "disk"}, nil, ""
	fresh := topicView()
	fresh.Messages, fresh.Next, fresh.Cursor = nil, "", ""
	ready := fresh
	ready.Tokens = 2
	wrong := topicView()
	wrong.PublishOpen, wrong.Publish = true, web.Form{Values: map[string]string{"tags": "a b"}}.Wrong("message", "Write a message first.").Wrong("tags", "Tags are letters, digits, hyphens, underscores and dots, separated by commas; at most 20.")
	general := web.Form{Values: map[string]string{"display_name": "Backups", "access": "private", "retention_days": "30", "description": "What the *NAS* says."}}
	activity := []web.ActivityLine{{At: noon.Add(-time.Hour), Actor: "maria", Verb: "token.create", Detail: "“NAS backup job”"}, {At: noon.AddDate(0, 0, -2), Actor: "tom", Verb: "topic.update", Detail: "access_level"}}
	return []view{
		{"topic", someone(), web.TopicPage(topicView())},
		{"topic-foreign", someone(), web.TopicPage(foreign)},
		{"topic-stranger", stranger(), web.TopicPage(foreign)},
		{"topic-none", someone(), web.TopicPage(found)},
		{"topic-empty", someone(), web.TopicPage(fresh)},
		{"topic-ready", someone(), web.TopicPage(ready)},
		{"topic-wrong", someone(), web.TopicPage(wrong)},
		{"message-delete", someone(), web.DeleteMessagePage(web.DeleteMessage{Topic: "backups", ID: "cwpwyk54r009", Text: "nas: /srv is at 97 %"})},
		{"general", someone(), web.GeneralPage(web.General{Settings: settings("general"), Form: general, Retained: "30 days", Tokens: 2})},
		{"activity", someone(), web.ActivityPage(web.Activity{Settings: settings("activity"), Lines: activity})},
		{"activity-empty", someone(), web.ActivityPage(web.Activity{Settings: settings("activity")})},
		{"advanced", someone(), web.AdvancedPage(web.Advanced{Settings: settings("advanced"), Messages: 12345})},
		{"purge", someone(), web.PurgePage(web.Advanced{Settings: settings("advanced"), Messages: 12345})},
		{"delete-wrong", someone(), web.DeleteTopicPage(web.Advanced{Settings: settings("advanced"), Messages: 12345, Form: web.Form{Values: map[string]string{"confirm": "backup"}}.Wrong("confirm", web.NotThisTopic)})},
	}
}

func accountViews() []view {
	sessions := []accountviews.Session{
		{ID: "s1", Device: "Firefox on Linux", Address: "192.168.1.20", CreatedAt: noon.AddDate(0, 0, -3), UsedAt: noon, Current: true},
		{ID: "s2", Device: "Safari on iPhone", Address: "2001:db8::12", CreatedAt: noon.AddDate(0, -1, 0), UsedAt: noon.AddDate(0, 0, -2)},
	}
	keys := []accountviews.Key{
		{ID: "key_a", Name: "Laptop scripts", Description: "cron on the laptop", Hint: "noti_Ab3d…Zz90", Scopes: []string{"publish", "topics:read"}, CreatedAt: noon.AddDate(0, -3, 0), LastUsedAt: noon.Add(-time.Hour), Requests: 4096, Status: "active"},
		{ID: "key_b", Name: "Old phone", Hint: "noti_Qq12…0aaB", Scopes: []string{"*"}, CreatedAt: noon.AddDate(-1, 0, 0), RevokedAt: noon.AddDate(0, -1, 0), Status: "revoked"},
	}
	users := []web.Account{
		{ID: "user_a", Name: "maria", Email: "maria@home.example", Admin: true, Self: true, Topics: 4, CreatedAt: noon.AddDate(-1, 0, 0), SeenAt: noon},
		{ID: "user_b", Name: "tom", Email: "tom@home.example", Factor: true, MustChange: true, Topics: 1, CreatedAt: noon.AddDate(0, -1, 0), SeenAt: noon.AddDate(0, 0, -5)},
		{ID: "user_c", Name: "gone", Email: "gone@home.example", Disabled: true, CreatedAt: noon.AddDate(0, -6, 0)},
	}
	server := web.Server{Version: "1.0.0", Database: "48.2 MiB", DiskLeft: "12.1 GiB", DiskTotal: "29 GiB", StartedAt: noon.AddDate(0, 0, -12), Users: 3, Topics: 12, Messages: 48213, Streams: 7, Days: fortnight, Warnings: []string{web.WarnBackup, web.WarnBase, web.WarnProxy},
		Checks: []web.Finding{{"clock", "ok", "It says 24 Nov 2026, 12:00 UTC"}, {"disk", "skipped", "The free space cannot be read"}, {"file modes", "bad", "/data has mode 0755: chmod go= /data"},
			{"backup", "warn", "There is no backup yet: run `notifer backup FILE`, or set `backup.dir`"}, {"base_url", "ok", "Links begin with https://notify.home.example"}, {"proxy trust", "ok", "Trusted to report the client's address: 10.0.0.1/32"}}}
	backup, full := server, server
	backup.Again, backup.Form = true, web.Form{}.Wrong("current_password", "That is not your password.")
	full.Form = web.Form{}.Wrong("", "The disk has no room for the backup. Free some space, or write it to another disk on the server: `notifer backup FILE`")
	left := stranger()
	left.Flash = &web.Flash{Key: "flash.left"}
	prefs := accountviews.Preferences{Form: web.Form{Values: map[string]string{"theme": "dark", "dates": "relative", "zone": "Europe/Berlin"}}, Example: noon.Add(-4 * time.Minute)}
	code := accountviews.QR{Size: 33, Path: testQR()}
	factor := accountviews.SecondFactor{Secret: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ", QR: code}
	owed := factor
	owed.Owed, owed.Form = true, web.Form{Values: map[string]string{"code": "123456"}}.Wrong("code", "That is not the code.")
	events := []web.Event{
		{At: noon, Actor: "maria", Verb: "account.sign_in", Own: true, Address: "192.168.1.20", Detail: "dashboard"},
		{At: noon.Add(-time.Hour), Actor: "anonymous", Verb: "account.sign_in_failed", Target: "tom", Address: "2001:db8::12", Detail: "wrong code", Failed: true},
		{At: noon.Add(-2 * time.Hour), Actor: "maria", Verb: "account.password_reset", Target: "tom", Address: "192.168.1.20", Detail: "2 API keys revoked"},
		{At: noon.AddDate(0, 0, -2), Actor: "command line", Verb: "account.promote", Target: "maria"},
	}
	return []view{
		{"factor-off", at("account"), accountviews.SecondFactorPage(factor)},
		{"factor-owed", at("account"), accountviews.SecondFactorPage(owed)},
		{"factor-on", at("account"), accountviews.SecondFactorPage(accountviews.SecondFactor{On: true, Since: noon.AddDate(0, -1, 0), Left: 2, Required: true})},
		{"factor-codes", at("account"), accountviews.SecondFactorPage(accountviews.SecondFactor{On: true, Since: noon, Left: 10, Codes: accountviews.JoinCodes([]string{"k3fw-9d2m-7xqa-4h2c-p8ye-w5rt", "aaaa-bbbb-cccc-dddd-eeee-ffff"})})},
		{"factor-switch-off", at("account"), accountviews.FactorQuestionPage(accountviews.FactorQuestion{Verb: "off", Form: web.Form{}.Wrong("current_code", "Wrong code. A code works once: wait for the next one.")})},
		{"factor-new-codes", at("account"), accountviews.FactorQuestionPage(accountviews.FactorQuestion{Verb: "codes", Left: 1})},
		{"reauth-code", at("account"), web.ReauthPage(web.Reauth{Action: "/settings/keys", Factor: true})},
		{"events", at("admin"), web.EventsPage(web.Events{Lines: events, User: "gone", Kind: "sign-ins", Users: []string{"maria", "tom"}, Older: "/admin/activity?before=7"})},
		{"events-empty", at("admin"), web.EventsPage(web.Events{})},
		{"events-unknown", at("admin"), web.EventsPage(web.Events{User: "nobody", Unknown: true})},
		{"users-factor-off", at("admin"), web.AdminQuestionPage(web.AdminQuestion{Verb: "factor-off", Account: users[1]})},
		{"profile", at("account"), accountviews.ProfilePage(accountviews.Profile{Form: web.Form{Values: map[string]string{"username": "maria"}}, Email: "maria@home.example", Since: noon.AddDate(-1, 0, 0), Admin: true, Topics: 4})},
		{"account-delete", at("account"), accountviews.DeletePage(accountviews.Delete{Name: "maria", Topics: 4})},
		{"account-delete-wrong", at("account"), accountviews.DeletePage(accountviews.Delete{Name: "maria", Topics: 1, Form: web.Form{Values: map[string]string{"confirm": "mario"}}.Wrong("confirm", "That is not your username.").Wrong("current_password", "That is not your password.")})},
		{"reauth", at("account"), web.ReauthPage(web.Reauth{Action: "/settings/keys", Fields: []web.ReauthField{{Name: "name", Value: "laptop"}}, Form: web.Form{}.Wrong("current_password", "That is not your password.")})},
		{"account-delete-last", at("account"), accountviews.DeletePage(accountviews.Delete{Name: "maria", Last: true})},
		{"signin-left", left, web.SignInPage(web.SignIn{})},
		{"security", at("account"), accountviews.SecurityPage(accountviews.Security{Sessions: sessions})},
		{"keys", at("account"), accountviews.KeysPage(accountviews.Keys{Keys: keys[:1], Ended: keys[1:], Gone: "Laptop scripts"})},
		{"keys-empty", at("account"), accountviews.KeysPage(accountviews.Keys{})},
		{"keys-reveal", at("account"), accountviews.KeysPage(accountviews.Keys{Keys: keys[:1], Fresh: keys[0], Sample: "backups", Reveal: &web.Reveal{Name: "Laptop", Secret: "noti_0123456789ABCDEFGHIJKLMNOPQRSTUV"}})},
		{"keys-new", at("account"), accountviews.NewKeyPage(accountviews.Keys{})},
		{"keys-revoke", at("account"), accountviews.EndKeyPage(accountviews.EndKey{Key: keys[0]})},
		{"preferences", at("account"), accountviews.PreferencesPage(prefs)},
		{"admin", at("admin"), web.ServerPage(server)},
		{"admin-backup-wrong", at("admin"), web.ServerPage(backup)},
		{"admin-backup-full", at("admin"), web.ServerPage(full)},
		{"users", at("admin"), web.UsersPage(web.Users{Users: users, Reset: &web.Reveal{Name: "tom", Secret: "correct-horse-battery"}})},
		{"users-new", at("admin"), web.NewUserPage(web.Form{})},
		{"users-delete", at("admin"), web.AdminQuestionPage(web.AdminQuestion{Verb: "delete", Account: users[1]})},
		{"all-topics", at("admin"), web.AllTopicsPage(web.AllTopics{Topics: []web.AdminTopic{{Name: "backups", Display: "Backups of the house", Access: "private", Owner: "ann", OwnerID: "user_1", Messages: 12345, Size: "3.1 MiB", Tokens: 4, LastAt: noon}, {Name: "weather", Access: "public", Owner: "tom", OwnerID: "user_2"}}})},
	}
}

// inboxView is a feed of two topics, of which some messages are new.
func inboxView() web.Topic {
	v := topicView()
	v.Inbox, v.Name, v.Beside, v.Unread = true, "", rows(), 3
	v.Senders = []web.Sender{{Kind: "account", Name: "maria"}, {Kind: "token", Name: "Uptime monitor"}}
	for i := range v.Messages {
		v.Messages[i].Topic, v.Messages[i].New = []string{"nas", "doorbell"}[i%2], i < 2
	}
	return v
}

func devicesView() accountviews.Devices {
	key := &accountviews.Key{ID: "key_p", Name: "Kitchen tablet", Scopes: []string{"subscribe"}, Topics: []string{"backup-*", "door"}, Matches: []string{"backup-nas", "door"}, Paired: true, Status: "active"}
	return accountviews.Devices{Devices: []accountviews.Device{
		{ID: "device_p", Name: "Kitchen tablet", Push: true, Key: key},
		{ID: "key_p", Name: "Kitchen tablet", Key: key},
		{ID: "device_1", Name: "Chrome on Android", Push: true, Topics: []accountviews.DeviceTopic{{Name: "nas", Least: 1}, {Name: "doorbell", Least: 4}}, Delivered: noon, QuietFrom: "22:30", QuietTo: "07:00"},
		{ID: "device_2", Name: "Firefox on Linux", Push: true, Muted: true, MutedUntil: noon.Add(26 * time.Hour), Failures: 3, Failure: "push service push.example answered 500", Failed: noon},
	}}
}

// testQR is a checked square of the size of a small QR code.
func testQR() string {
	var b strings.Builder
	for y := 4; y < 29; y++ {
		for x := 4 + y%2; x < 29; x += 2 {
			fmt.Fprintf(&b, "M%d %dh1v1h-1z", x, y)
		}
	}
	return b.String()
}
