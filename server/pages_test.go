package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/auth/secrets"
	"notifer/server/test/inprocess"
)

func TestSignInPage(t *testing.T) {
	s := newSite(t)
	s.get("/").want(200).says("Sign in")
	s.get("/settings").want(401).says("Sign in to see this page")
	s.post("/login", "email", "maria@home.example", "password", "wrong").want(401).says("Wrong email, username or password")
	s.signIn("maria").says("No topics yet")
	s.post("/logout").want(200).says("signed out on this device")
	s.get("/settings").want(401)
	if got := s.overWire("GET", "/"); got.status != 303 || got.header.Get("Location") != "/login" {
		t.Errorf("GET / = %d to %q, want 303 to /login", got.status, got.header.Get("Location"))
	}
}

// TestFirstVisit: whoever comes to a new server is told how to make an account, at whatever address.
func TestFirstVisit(t *testing.T) {
	fresh := (&site{t: t, url: inprocess.Start(t, dbtest.New(t), server.Config{}).URL}).stranger()
	fresh.get("/login").want(200).says("There is no admin yet")
	fresh.get("/settings").want(401).says("There is no admin yet").says("notifer setup-link").hides("Sign in to see this page")
	newSite(t).get("/settings").want(401).hides("There is no admin yet").says("Sign in to see this page")
}

func TestWhomToAsk(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "backups", "access", "public").want(200)
	tom := s.stranger().signIn("tom")
	tom.get("/admin").want(403).says("Ask an admin, or sign in").hides("owner")
	tom.get("/topic/backups/settings").want(403).says("Ask the topic's owner or an admin")
}

func TestRegistration(t *testing.T) {
	s := newSite(t)
	s.get("/register").want(403).says("Registration is off")
	s.post("/register", "email", "eve@home.example", "username", "eve", "password", pagePassword).want(403)
	s = newSite(t, func(c *server.Config) { c.Registration = true })
	s.get("/login").says("No account yet?")
	s.post("/register", "email", "eve@home.example", "username", "maria", "password", pagePassword).want(409)
	s.post("/register", "email", "eve@home.example", "username", "eve", "password", pagePassword).want(200).says("No topics yet")
	s.get("/admin").want(403)
	s.post("/settings", "username", "anonymous").want(422).says("The server uses this name itself")
	s.stranger().post("/register", "email", "mal@home.example", "username", "configuration", "password", pagePassword).want(422).says("The server uses this name itself")
}

// TestRegistrationIsBounded: an address makes so many accounts at once, and then one a minute.
func TestRegistrationIsBounded(t *testing.T) {
	h := newHome(t, server.Config{Registration: true})
	for range 30 {
		h.call("POST", "/auth/register", "", map[string]string{"email": "no"}, 422, nil)
	}
	if status, head := h.status("POST", "/auth/register", "", "{}"); status != 429 || head.Get("Retry-After") == "" {
		t.Errorf("one account more = %d, want 429 with Retry-After", status)
	}
}

func TestDisabledSignIn(t *testing.T) {
	s := newSite(t).signIn("maria")
	tom, err := s.d.UserByLogin(context.Background(), "tom")
	if err != nil {
		t.Fatal(err)
	}
	s.post("/admin/users/" + tom.ID + "/disable").want(200).says("Account tom is disabled.")
	s.stranger().post("/login", "email", "tom@home.example", "password", pagePassword).want(401).says("This account is disabled")
	s.stranger().post("/login", "email", "tom@home.example", "password", "wrong").want(401).hides("disabled")
}

func TestTopicPages(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "No Good").want(422).says("A name has 3 to 64 characters")
	s.post("/topics", "name", "API").want(422)
	s.post("/topics", "name", "api").want(422).says("The server uses this name itself")
	s.post("/topics", "name", "backups", "access", "private").want(200).says("Topic backups is ready.")
	s.post("/topics", "name", "backups").want(409).says("There is already a topic with this name")
	s.get("/?new").says("Only you, your tokens and admins can publish and read.")
	s.post("/topic/backups/messages", "message", " ").want(422).says("Write a message first.")
	s.post("/topic/backups/messages", "message", "all **fine**", "title", "Night", "tags", "tada, nas", "priority", "4").want(200).says("Night High").says("all fine")
	s.get("/topic/backups?tag=nas").want(200).says("Night")
	s.get("/topic/backups?tag=other").want(200).says("No matches")
	s.get("/").says("Night: all fine")
	s.stranger().get("/topic/backups").want(401).hides("Night")
	tom := s.stranger().signIn("tom")
	tom.get("/topic/backups").want(404).hides("Night")
	tom.get("/topic/backups/settings").want(404)
	s.post("/topic/backups/settings", "display_name", "Backups", "access", "public", "retention_days", "x").want(422).says("Enter a number of days")
	s.post("/topic/backups/settings", "display_name", "Backups", "access", "public", "retention_days", "7").want(200).says("Backups settings")
	s.post("/topic/backups/settings", "display_name", "Backups", "description", "Says **it** all", "access", "public", "retention_days", "7")
	s.get("/").says("Says it all")
	s.get("/topic/backups/settings/activity").want(200).says("maria changed display name, access public, retention")
	s.stranger().get("/topic/backups").want(200).says("Night")
	tom.get("/topic/backups").want(200).says("Publish a message").hides("Topic settings")
	s.post("/topic/backups/settings/purge", "confirm", "backups").want(200).says("Messages deleted: 1.")
	s.post("/topic/backups/settings/delete", "confirm", "no").want(422)
	s.post("/topic/backups/settings/delete", "confirm", "backups").want(200).says("Topic backups is deleted.")
}

// TestAdminFindsTopics: the filter searches every topic by its name, its display name and its owner, not only those on the page, and the
// links between the pages of a list keep its tab and its filter.
func TestAdminFindsTopics(t *testing.T) {
	t.Parallel()
	s := newSite(t).signIn("maria")
	tom := s.stranger().signIn("tom")
	tom.post("/topics", "name", "zz-last").want(200)
	for i := range 60 {
		if res := s.send("/topics", url.Values{"name": {fmt.Sprintf("topic-%02d", i)}}); res.StatusCode != 303 {
			t.Fatalf("topic %d: %s, want 303", i, res.Status)
		}
	}
	s.post("/topic/topic-59/settings", "access", "private", "display_name", "Green House").want(200)
	s.get("/admin/topics").want(200).says("topic-00").hides("zz-last")
	s.get("/admin/topics?name=ZZ-").want(200).says("zz-last").hides("topic-00")
	s.get("/admin/topics?name=tom").want(200).says("zz-last").hides("topic-00")
	s.get("/admin/topics?name=green").want(200).says("Green House").hides("topic-00")
	s.get("/admin/topics?name=topic&offset=50").want(200).says("topic-58").hides("zz-last")
	s.get("/admin/topics?name=nothing").want(200).says("No topic or owner has this in its name.")
	for path, want := range map[string]string{"/": "/?offset=50", "/?show=all": "/?offset=50&show=all", "/?show=all&name=topic": "/?name=topic&offset=50&show=all",
		"/?show=" + url.QueryEscape("mine&name=zz"): "/?offset=50", "/admin/topics": "/admin/topics?offset=50", "/admin/topics?name=topic": "/admin/topics?name=topic&offset=50"} {
		if got := s.get(path).want(200).link("Older"); got != want {
			t.Errorf("%s leads on to %q, want %q", path, got, want)
		}
	}
}

// TestTopicIcon: the settings offer an icon and a colour, every list shows them, and what the API named stays to the word.
func TestTopicIcon(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "garage", "access", "private").want(200)
	const general = "/topic/garage/settings"
	stored := func(icon, color string) {
		t.Helper()
		if topic, err := s.d.Topic(t.Context(), "garage"); err != nil || topic.IconName != icon || topic.IconColor != color {
			t.Errorf("the icon is %q on %q, want %q on %q; %v", topic.IconName, topic.IconColor, icon, color, err)
		}
	}
	stored("bell", "blue")
	s.get("/").says("G").hides("🔔")
	s.post(general, "access", "private", "icon", "🔔", "color", "").want(200)
	stored("🔔", "auto")
	s.get("/").says("🔔")
	s.post(general, "access", "private", "icon", "🔔", "color", "teal", "icon_other", "🚗🚗").want(422).says("Enter one emoji, or its name")
	s.post(general, "access", "private", "icon", "🔔", "color", "teal", "icon_other", "garage").want(422).says("Enter one emoji, or its name")
	stored("🔔", "auto")
	s.post(general, "access", "private", "icon", "🔔", "color", "teal", "icon_other", ":motorcycle:").want(200)
	stored("🏍️", "teal")
	s.get("/topic/garage").says("🏍️")
	s.get("/admin/topics").says("🏍️")
	s.post("/topic/garage/messages", "message", "open").want(200)
	s.get("/inbox").says("🏍️")
	s.post(general, "access", "private", "icon", "", "color", "teal").want(200)
	stored("letter", "teal")
	s.post(general, "access", "private").want(200)
	stored("letter", "teal")
	s.post(general, "access", "private", "icon_other", "1️⃣").want(200)
	stored("1️⃣", "teal")
	s.get("/").says("1️⃣")
	s.post(general, "access", "private", "icon", "", "color", "").want(200)
	stored("bell", "blue")
	topic, err := s.d.Topic(t.Context(), "garage")
	if err == nil {
		_, err = s.d.UpdateTopic(topic.ID, db.By{Name: "test"}, func(t *db.Topic) ([]string, error) {
			t.IconName, t.IconColor = "car", "pink"
			return []string{"icon"}, nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	s.get("/").says("🚗")
	s.get(general).says("🚗")
	s.post(general, "access", "private", "display_name", "Garage", "icon", "🚗", "color", "pink").want(200)
	stored("car", "pink")
}

// TestRetentionStaysToTheHour: the form knows days, the API hours; to save another field changes neither.
func TestRetentionStaysToTheHour(t *testing.T) {
	s := newSite(t, func(c *server.Config) { c.Retention = 36 * time.Hour }).signIn("maria")
	s.post("/topics", "name", "backups", "access", "private").want(200)
	const general = "/topic/backups/settings"
	for keep, shown := range map[time.Duration]string{0: "", 12 * time.Hour: "0.5", 36 * time.Hour: "1.5", 7 * 24 * time.Hour: "7", 5000 * 24 * time.Hour: "5000"} {
		topic, err := s.d.Topic(t.Context(), "backups")
		if err == nil {
			_, err = s.d.UpdateTopic(topic.ID, db.By{Name: "test"}, func(t *db.Topic) ([]string, error) { t.Retention = keep; return []string{"retention"}, nil })
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := s.get(general).says("the server's setting: 1.5 days").ByID("retention_days").Attrs["value"]; got != shown {
			t.Errorf("%s is shown as %q days, want %q", keep, got, shown)
		}
		s.post(general, "display_name", keep.String(), "access", "private", "retention_days", shown).want(200)
		if topic, err = s.d.Topic(t.Context(), "backups"); err != nil || topic.Retention != keep || topic.DisplayName != keep.String() {
			t.Errorf("after another field was saved: kept for %s, want %s; %q, %v", topic.Retention, keep, topic.DisplayName, err)
		}
	}
}

func TestExport(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "log")
	for _, text := range []string{"one", "two"} {
		s.post("/topic/log/messages", "message", text)
	}
	res, err := s.client.Get(s.url + "/topic/log/settings/export")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	lines := strings.Split(strings.TrimSpace(string(body)), "\n")
	if err != nil || len(lines) != 2 || !strings.Contains(lines[0], `"message":"one"`) || !strings.Contains(lines[1], `"message":"two"`) {
		t.Errorf("export = %v %q, want two lines, the oldest first", err, body)
	}
	if got := res.Header.Get("Content-Disposition"); got != `attachment; filename="log.jsonl"` {
		t.Errorf("Content-Disposition = %q", got)
	}
	s.stranger().signIn("tom").get("/topic/log/settings/export").want(404)
}

func TestOlderPages(t *testing.T) {
	t.Parallel()
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "log")
	for i := range 60 {
		s.send("/topic/log/messages", url.Values{"message": {fmt.Sprint("number ", i)}})
	}
	s.get("/topic/log").says("number 59").says("number 10").hides("number 9 ").says("Load older")
	for _, a := range s.All("a") {
		if _, older := a.Attrs["data-older"]; older {
			s.get(a.Attrs["href"]).want(200).says("number 9").says("number 0")
			for _, nav := range s.All("nav") {
				if _, hidden := nav.Attrs["hidden"]; nav.Attrs["aria-label"] == "More" && !hidden {
					t.Error("the last page offers older messages")
				}
			}
			return
		}
	}
	t.Error("no link to older messages")
}

// TestPiecesOfAFeed: a page that was left finds what came since, in pieces that join, with the count of what is left out.
func TestPiecesOfAFeed(t *testing.T) {
	t.Parallel()
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "log")
	s.post("/topic/log/messages", "message", "number 0")
	cursor := feedOf(t, s.get("/topic/log"))["data-cursor"]
	for i := range 120 {
		s.send("/topic/log/messages", url.Values{"message": {fmt.Sprintf("number %d.", i+1)}})
	}
	if n := feedOf(t, s.get("/topic/log?part=count&after="+cursor))["data-left"]; n != "120" {
		t.Errorf("%s messages after the place, want 120", n)
	}
	for _, piece := range []struct{ first, last, left string }{{"number 1.", "number 50.", "70"}, {"number 51.", "number 100.", "20"}, {"number 101.", "number 120.", "0"}} {
		feed := feedOf(t, s.get("/topic/log?part=feed&after="+cursor).says(piece.first).says(piece.last).hides("Load older"))
		if feed["data-left"] != piece.left || (feed["data-next"] == "") != (piece.left == "0") {
			t.Errorf("a piece leaves %q after %q, want %s", feed["data-left"], feed["data-next"], piece.left)
		}
		cursor = feed["data-cursor"]
	}
	if feed := feedOf(t, s.get("/topic/log?part=feed&after="+cursor)); feed["data-cursor"] != cursor {
		t.Errorf("nothing new moves the place from %s to %s", cursor, feed["data-cursor"])
	}
}

func feedOf(t *testing.T, s *site) map[string]string {
	t.Helper()
	for _, d := range s.want(200).All("div") {
		if d.Attrs["id"] == "feed" {
			return d.Attrs
		}
	}
	t.Fatal("no feed")
	return nil
}

func TestUnreadSinceLastVisit(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "news", "access", "public")
	s.stranger().signIn("tom").post("/topic/news/messages", "message", "one")
	s.get("/").says("1 new")
	s.get("/topic/news").want(200)
	s.get("/").hides("1 new")
}

func TestSecretsAreShownOnce(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.post("/settings/keys", "name", "laptop").want(422).says("Choose at least one permission")
	s.post("/settings/keys", "name", "laptop", "scopes", "publish").want(200).says(`Copy "laptop" now`)
	secret := s.ByID("secret").Text()
	if secrets.CheckKey(secret) != secrets.Sound {
		t.Fatalf("no key on the page: %q", secret)
	}
	s.get("/settings/keys").hides("Copy \"laptop\"").says("laptop").says("Never used")
	list, err := s.d.Keys(context.Background(), userID(s, "maria"))
	if err != nil || len(list) != 1 {
		t.Fatalf("Keys() = %v, %v, want one", list, err)
	}
	s.get("/settings/keys?created=" + list[0].ID).want(200).says("was already shown")
	s.get("/settings/keys/" + list[0].ID + "/revoke").want(200).says("nothing should break")
	s.post("/settings/keys/" + list[0].ID + "/revoke").want(200).says("No API keys yet").says("Revoked and expired 1")
	tom := userID(s, "tom")
	s.post("/admin/users/" + tom + "/reset").want(200).says("New password for tom")
	fresh := s.ByID("secret").Text()
	s.get("/admin/users?reset=" + tom).want(200).hides("New password for tom")
	s.stranger().post("/login", "email", "tom@home.example", "password", fresh).want(403).says("Choose a new password")
}

func userID(s *site, name string) string {
	s.t.Helper()
	u, err := s.d.UserByLogin(context.Background(), name)
	if err != nil {
		s.t.Fatal(err)
	}
	return u.ID
}

func TestAccountPages(t *testing.T) {
	s := newSite(t).signIn("maria")
	other := s.stranger().signIn("maria")
	s.post("/settings/password", "current_password", "wrong", "new_password", "another horse battery").want(403).says("That is not your password.")
	s.post("/settings/password", "current_password", pagePassword, "new_password", "another horse battery").want(200).says("Password changed.")
	other.get("/settings").want(401)
	s.post("/settings/preferences", "theme", "dark", "dates", "both", "zone", "Nowhere/Town").want(422).says("Unknown time zone")
	s.post("/settings/preferences", "theme", "dark", "dates", "both", "zone", "Europe/Berlin").want(200)
	if got := s.First("html").Attrs["data-theme"]; got != "dark" {
		t.Errorf("data-theme = %q, want dark", got)
	}
	s.post("/settings", "username", "Maria!").want(422)
	s.post("/settings", "username", "tom").want(409)
	s.post("/settings", "username", "mary").want(200).says("mary")
	if text := s.get("/settings/security").Text(); !strings.Contains(text, "Last used ") || !strings.Contains(text, ", signed in ") || strings.Contains(text, " ,") {
		t.Errorf("the words of a session run together: %s", text)
	}
	s.post("/settings/sessions/end").want(200).says("Sign in")
	s.get("/settings").want(401)
}

func TestAdminPages(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.get("/admin").want(200).says("Messages per day")
	s.post("/admin/users", "email", "ann@home.example", "username", "ann", "password", pagePassword).want(200).says("Account ann is ready.")
	s.post("/admin/users", "email", "ann@home.example", "username", "ann2", "password", pagePassword).want(409)
	s.get("/admin/topics").want(200)
	tom := s.stranger().signIn("tom")
	for _, path := range []string{"/admin", "/admin/users", "/admin/topics"} {
		tom.get(path).want(403).says("You don't have permission to do that")
	}
}

// TestKeysEndWithThePassword: who changes a password, or resets another's, is offered to end the API keys made with it.
func TestKeysEndWithThePassword(t *testing.T) {
	s := newSite(t).signIn("maria")
	tom := s.stranger().signIn("tom")
	live := func(name string) (n int) {
		list, err := s.d.Keys(t.Context(), userID(s, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range list {
			if k.Live(s.d.Now()) {
				n++
			}
		}
		return n
	}
	for _, x := range []*site{s, tom} {
		x.post("/settings/keys", "name", "laptop", "scopes", "publish").want(200)
		x.post("/settings/keys", "name", "phone", "scopes", "publish").want(200)
	}
	s.get("/settings/security").says("Revoke my API keys too (2)")
	s.post("/settings/password", "current_password", pagePassword, "new_password", "another horse battery").want(200)
	if n := live("maria"); n != 2 {
		t.Errorf("%d keys after a change that did not ask to end them, want 2", n)
	}
	s.post("/settings/password", "current_password", "another horse battery", "new_password", pagePassword, "revoke_keys", "1").want(200)
	if n := live("maria"); n != 0 {
		t.Errorf("%d keys after a change that ended them, want 0", n)
	}
	s.get("/settings/security").hides("API keys too")
	path := "/admin/users/" + userID(s, "tom") + "/reset"
	if s.get(path).says("Revoke the account's API keys too (2)"); s.ByID("revoke_keys") == nil {
		t.Fatal("no box to end the keys")
	}
	if _, on := s.ByID("revoke_keys").Attrs["checked"]; !on {
		t.Error("after a reset the keys should end unless that is unticked")
	}
	s.post(path, "revoke_keys", "1").want(200).says("New password for tom")
	if n := live("tom"); n != 0 {
		t.Errorf("%d keys of tom, want 0", n)
	}
}

// TestTokenPageShowsTheLastWarning: the owner of a script that nobody watches learns what its messages lack.
func TestTokenPageShowsTheLastWarning(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "news", "access", "private").want(200)
	s.post("/topic/news/settings/tokens", "name", "ci", "permissions", "publish").want(200)
	token := s.ByID("secret").Text()
	for range 3 {
		req, err := http.NewRequest("POST", s.url+"/news", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Topic-Token", token)
		req.Header.Set("X-Priority", "9")
		res, err := http.DefaultClient.Do(req)
		if err != nil || res.StatusCode != 200 {
			t.Fatalf("a priority of 9 = %v, %v", res, err)
		}
		res.Body.Close()
	}
	list, err := s.d.Tokens(t.Context(), 1)
	if err != nil || len(list) != 1 {
		t.Fatalf("tokens: %v, %v", list, err)
	}
	s.get("/topic/news/settings/tokens/" + list[0].ID).want(200).says("3 messages published with this token had to be corrected").says(list[0].LastWarning)
	// A text in another field leads to the page on publishing, not to the one on other programs.
	req, err := http.NewRequest("POST", s.url+"/news?text=ding", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Topic-Token", token)
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("?text=ding = %v, %v", res, err)
	}
	res.Body.Close()
	s.get("/topic/news/settings/tokens/" + list[0].ID).want(200).says("?text= was taken as the message. About publishing").hides("About webhooks")
}

func TestAdminEndsSessions(t *testing.T) {
	s := newSite(t).signIn("maria")
	tom := s.stranger().signIn("tom")
	path := "/admin/users/" + userID(s, "tom")
	s.get(path + "/signout").want(200).says("End all sessions of tom?")
	s.post(path + "/signout").want(200).says("tom is signed out everywhere.")
	tom.get("/settings").want(401)
	s.post(path + "/elevate").want(404)
	s.get(path + "/promote").want(404)
}

// TestFormsHaveBounds: the publish box takes what the API takes, also where messages may be large; what is read before
// it is known who sends it is small.
func TestFormsHaveBounds(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *server.Config) { c.MessageBytes = 1 << 20 }).signIn("maria")
	s.post("/topics", "name", "news").want(200)
	s.post("/topic/news/messages", "message", strings.Repeat("%", 1<<20)).want(200).says("Published.")
	s.post("/topic/news/messages", "message", strings.Repeat("%", 1<<20+1)).want(422)
	s.post("/settings", "username", strings.Repeat("x", 80<<10)).want(413)
	s.post("/login", "email", strings.Repeat("x", 10<<10)).want(413)
}

func TestFormsFromOtherSitesAreRefused(t *testing.T) {
	s := newSite(t).signIn("maria")
	for _, path := range []string{"/topics", "/logout", "/settings/sessions/end", "/login"} {
		req, err := http.NewRequest(http.MethodPost, s.url+path, strings.NewReader("name=evil&email=maria@home.example&password="+url.QueryEscape(pagePassword)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", "https://evil.example")
		res, err := s.client.Do(req)
		s.read(res, err).want(403)
	}
	s.get("/").want(200).hides("evil")
}

func TestPageHeaders(t *testing.T) {
	s := newSite(t).signIn("maria")
	for _, path := range []string{"/", "/settings", "/no/such/page", "/login"} {
		s.get(path)
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Opener-Policy": "same-origin"} {
			if got := s.header.Get(name); got != want {
				t.Errorf("%s: %s = %q, want %q", path, name, got, want)
			}
		}
		if policy := s.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; script-src 'self';") || !strings.Contains(policy, "require-trusted-types-for 'script'") {
			t.Errorf("%s: Content-Security-Policy = %q", path, policy)
		}
	}
	s.get("/no/such/page").want(404).says("Page not found")
	for _, path := range []string{"/topics", "/logout", "/devices/read", "/admin/backup"} { // as the address bar asks again for what a form led to
		if s.get(path).want(405).says("Go back and use the buttons on the page"); s.header.Get("Allow") != "POST" {
			t.Errorf("GET %s allows %q, want POST", path, s.header.Get("Allow"))
		}
	}
}
