package web_test

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"notifer/web"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const longName = "a-name-of-exactly-sixty-characters-without-any-break-in-it-x"

func someone() web.Env {
	return web.Env{Public: "https://notify.home.example", Local: "127.0.0.1:8080", Now: noon, User: &web.User{Name: "maria", Admin: true}, Place: "home"}
}

func stranger() web.Env {
	return web.Env{Public: "https://notify.home.example", Local: "127.0.0.1:8080", Now: noon}
}

var fortnight = []int{3, 0, 5, 8, 2, 0, 0, 12, 30, 4, 1, 0, 7, 9}

func rows() []web.TopicRow {
	return []web.TopicRow{
		{Name: "backups", Display: "Backups", Access: "private", Mine: true, Readable: true, Unread: 3, LastAt: noon.Add(-4 * time.Minute), LastText: "nas: nightly copy finished, 412 files, 18.2 GiB in 00:41:12 without errors and a very long tail of words", Days: fortnight},
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
		{"signin-slow", stranger(), web.SignInPage(web.SignIn{State: "slow", Wait: "40 seconds"})},
		{"signin-disabled", stranger(), web.SignInPage(web.SignIn{State: "disabled"})},
		{"register", stranger(), web.RegisterPage(wrong.Wrong("username", web.UsernameRule))},
		{"signin-register", stranger(), web.SignInPage(web.SignIn{Register: true})},
		{"signed-out", stranger(), web.SignedOutPage()},
		{"home", someone(), web.HomePage(web.Home{Tab: "mine", Topics: rows(), Older: "/?offset=50"})},
		{"home-empty", someone(), web.HomePage(web.Home{Tab: "mine", Open: true})},
		{"home-wrong", someone(), web.HomePage(web.Home{Tab: "mine", Topics: rows(), Open: true, New: web.Form{Values: map[string]string{"name": "API"}}.Wrong("name", "The server uses this name itself. Choose another one.")})},
		{"home-catalog", someone(), web.HomePage(web.Home{Tab: "catalog"})},
		{"inbox", someone(), web.InboxPage(inboxView(), rows(), "/sse?topics=nas")},
		{"inbox-empty", someone(), web.InboxPage(web.Topic{Inbox: true, Search: web.Search{Text: "nothing"}}, rows(), "/sse?topics=nas")},
		{"devices", someone(), web.DevicesPage(devicesView())},
		{"devices-none", someone(), web.DevicesPage(web.Devices{On: true, Key: "key"})},
		{"devices-off", someone(), web.DevicesPage(web.Devices{})},
		{"style", someone(), web.StylePage()},
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
	wrong := topicView()
	wrong.PublishOpen, wrong.Publish = true, web.Form{Values: map[string]string{"tags": "a b"}}.Wrong("message", "Write a message first.").Wrong("tags", "Tags are letters, digits, hyphens, underscores and dots, separated by commas; at most 20.")
	general := web.Form{Values: map[string]string{"display_name": "Backups", "access": "private", "retention_days": "30", "description": "What the *NAS* says."}}
	deeds := []web.Deed{{At: noon.Add(-time.Hour), Actor: "maria", Verb: "token.create", Detail: "“NAS backup job”"}, {At: noon.AddDate(0, 0, -2), Actor: "tom", Verb: "topic.update", Detail: "access_level"}}
	return []view{
		{"topic", someone(), web.TopicPage(topicView())},
		{"topic-foreign", someone(), web.TopicPage(foreign)},
		{"topic-stranger", stranger(), web.TopicPage(foreign)},
		{"topic-none", someone(), web.TopicPage(found)},
		{"topic-empty", someone(), web.TopicPage(fresh)},
		{"topic-wrong", someone(), web.TopicPage(wrong)},
		{"message-delete", someone(), web.DeleteMessagePage(web.DeleteMessage{Topic: "backups", ID: "cwpwyk54r009", Text: "nas: /srv is at 97 %"})},
		{"general", someone(), web.GeneralPage(web.General{Settings: settings("general"), Form: general, Retained: "30 days", Tokens: 2})},
		{"activity", someone(), web.ActivityPage(web.Activity{Settings: settings("activity"), Lines: deeds})},
		{"activity-empty", someone(), web.ActivityPage(web.Activity{Settings: settings("activity")})},
		{"advanced", someone(), web.AdvancedPage(web.Advanced{Settings: settings("advanced"), Messages: 12345})},
		{"purge", someone(), web.PurgePage(web.Advanced{Settings: settings("advanced"), Messages: 12345})},
		{"delete-wrong", someone(), web.DeleteTopicPage(web.Advanced{Settings: settings("advanced"), Messages: 12345, Form: web.Form{Values: map[string]string{"confirm": "backup"}}.Wrong("confirm", web.NotThisTopic)})},
	}
}

func accountViews() []view {
	sessions := []web.Session{
		{ID: "s1", Device: "Firefox on Linux", Address: "192.168.1.20", CreatedAt: noon.AddDate(0, 0, -3), UsedAt: noon, Current: true},
		{ID: "s2", Device: "Safari on iPhone", Address: "2001:db8::12", CreatedAt: noon.AddDate(0, -1, 0), UsedAt: noon.AddDate(0, 0, -2)},
	}
	keys := []web.Key{
		{ID: "key_a", Name: "Laptop scripts", Description: "cron on the laptop", Hint: "noti_Ab3d…Zz90", Scopes: []string{"publish", "topics:read"}, CreatedAt: noon.AddDate(0, -3, 0), LastUsedAt: noon.Add(-time.Hour), Requests: 4096, Status: "active"},
		{ID: "key_b", Name: "Old phone", Hint: "noti_Qq12…0aaB", Scopes: []string{"*"}, CreatedAt: noon.AddDate(-1, 0, 0), RevokedAt: noon.AddDate(0, -1, 0), Status: "revoked"},
	}
	users := []web.Account{
		{ID: "user_a", Name: "maria", Email: "maria@home.example", Admin: true, Self: true, Topics: 4, CreatedAt: noon.AddDate(-1, 0, 0), SeenAt: noon},
		{ID: "user_b", Name: "tom", Email: "tom@home.example", Topics: 1, CreatedAt: noon.AddDate(0, -1, 0), SeenAt: noon.AddDate(0, 0, -5)},
		{ID: "user_c", Name: "gone", Email: "gone@home.example", Disabled: true, CreatedAt: noon.AddDate(0, -6, 0)},
	}
	server := web.Server{Version: "1.0.0", Database: "48.2 MiB", DiskLeft: "12.1 GiB", DiskTotal: "29 GiB", StartedAt: noon.AddDate(0, 0, -12), Users: 3, Topics: 12, Messages: 48213, Streams: 7, Days: fortnight, Warnings: []string{web.WarnBackup, web.WarnBase, web.WarnProxy},
		Checks: []web.Finding{{"clock", "ok", "It says 24 Nov 2026, 12:00 UTC"}, {"disk", "skipped", "The free space cannot be read"}, {"file modes", "bad", "/data has mode 0755: chmod go= /data"},
			{"backup", "warn", "There is no copy yet: notifer backup FILE, or set backup.dir"}, {"base_url", "ok", "Links begin with https://notify.home.example"}, {"proxy trust", "ok", "These may say where a client is: 10.0.0.1/32"}}}
	backup, full := server, server
	backup.Again, backup.Form = true, web.Form{}.Wrong("current_password", "That is not your password.")
	full.Form = web.Form{}.Wrong("", "The disk has no room for the backup. Free some space, or write it to another disk on the server: `notifer backup FILE`")
	left := stranger()
	left.Flash = &web.Flash{Key: "flash.left"}
	prefs := web.Preferences{Form: web.Form{Values: map[string]string{"theme": "dark", "dates": "relative", "zone": "Europe/Berlin"}}, Example: noon.Add(-4 * time.Minute)}
	return []view{
		{"profile", at("account"), web.ProfilePage(web.Profile{Form: web.Form{Values: map[string]string{"username": "maria"}}, Email: "maria@home.example", Since: noon.AddDate(-1, 0, 0), Admin: true, Topics: 4})},
		{"account-delete", at("account"), web.DeleteAccountPage(web.DeleteAccount{Name: "maria", Topics: 4})},
		{"account-delete-wrong", at("account"), web.DeleteAccountPage(web.DeleteAccount{Name: "maria", Topics: 1, Form: web.Form{Values: map[string]string{"confirm": "mario"}}.Wrong("confirm", "That is not your username.").Wrong("current_password", "That is not your password.")})},
		{"reauth", at("account"), web.ReauthPage(web.Reauth{Action: "/settings/keys", Fields: []web.ReauthField{{Name: "name", Value: "laptop"}}, Form: web.Form{}.Wrong("current_password", "That is not your password.")})},
		{"account-delete-last", at("account"), web.DeleteAccountPage(web.DeleteAccount{Name: "maria", Last: true})},
		{"signin-left", left, web.SignInPage(web.SignIn{})},
		{"security", at("account"), web.SecurityPage(web.Security{Sessions: sessions})},
		{"keys", at("account"), web.KeysPage(web.Keys{Keys: keys[:1], Ended: keys[1:], Gone: "Laptop scripts"})},
		{"keys-empty", at("account"), web.KeysPage(web.Keys{})},
		{"keys-reveal", at("account"), web.KeysPage(web.Keys{Keys: keys[:1], Reveal: &web.Reveal{Name: "Laptop", Secret: "noti_0123456789ABCDEFGHIJKLMNOPQRSTUV"}})},
		{"keys-new", at("account"), web.NewKeyPage(web.Keys{})},
		{"keys-revoke", at("account"), web.EndKeyPage(web.EndKey{Key: keys[0]})},
		{"preferences", at("account"), web.PreferencesPage(prefs)},
		{"admin", at("admin"), web.ServerPage(server)},
		{"admin-backup-wrong", at("admin"), web.ServerPage(backup)},
		{"admin-backup-full", at("admin"), web.ServerPage(full)},
		{"users", at("admin"), web.UsersPage(web.Users{Users: users, Reset: &web.Reveal{Name: "tom", Secret: "correct-horse-battery"}})},
		{"users-new", at("admin"), web.NewUserPage(web.Users{})},
		{"users-delete", at("admin"), web.AdminQuestionPage(web.AdminQuestion{Verb: "delete", Account: users[1]})},
		{"all-topics", at("admin"), web.AllTopicsPage(web.AllTopics{Topics: rows()})},
	}
}

// inboxView is a feed of two topics, of which some messages are new.
func inboxView() web.Topic {
	v := topicView()
	v.Inbox, v.Name = true, ""
	for i := range v.Messages {
		v.Messages[i].Topic, v.Messages[i].New = []string{"nas", "doorbell"}[i%2], i < 2
	}
	return v
}

func devicesView() web.Devices {
	return web.Devices{On: true, Key: "key", Devices: []web.Device{
		{ID: "device_1", Name: "Chrome on Android", Topics: []web.DeviceTopic{{Name: "nas", Least: 1}, {Name: "doorbell", Least: 4}}, Delivered: noon, QuietFrom: "22:30", QuietTo: "07:00"},
		{ID: "device_2", Name: "Firefox on Linux", Muted: true, Failures: 3, Failure: "push service push.example answered 500", Failed: noon},
	}}
}
