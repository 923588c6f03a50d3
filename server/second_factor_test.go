package server_test

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/auth/totp"
)

// phone is an authenticator app. Its codes are oathtool's, where that is installed.
type phone struct {
	t      *testing.T
	clock  *dbtest.Clock
	secret string // base32, as it was typed or scanned
	shown  string // the last code that was read from it
	ahead  time.Duration
}

// code is the code of now; next lets the time of one code pass first. Real time passes too: the code that was just read is shown.
func (p *phone) code() string {
	p.t.Helper()
	p.shown = p.read()
	return p.shown
}

func (p *phone) read() string {
	p.t.Helper()
	if oathtool, err := exec.LookPath("oathtool"); err == nil {
		now := p.clock.Now().UTC().Format("2006-01-02 15:04:05 UTC")
		out, err := exec.CommandContext(p.t.Context(), oathtool, "--totp", "--base32", "--now="+now, p.secret).Output()
		if err != nil {
			p.t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(p.secret, " ", ""))
	if err != nil {
		p.t.Fatal(err)
	}
	return totp.Code(secret, totp.Step(p.clock.Now()))
}

func (p *phone) next() string {
	p.ahead += totp.Period
	p.clock.Set(p.ahead)
	return p.code()
}

// wrong is a code that is none of the ones around now.
func (p *phone) wrong() string {
	for n := 0; ; n++ {
		text := fmt.Sprintf("%06d", n)
		if text != p.code() && text != p.next() && text != p.next() {
			return text
		}
	}
}

// factorSite is a site whose clock the test sets.
func factorSite(t *testing.T, change ...func(*server.Config)) (*site, *phone) {
	t.Helper()
	clock := &dbtest.Clock{}
	d, err := db.Open(t.TempDir(), db.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return siteOver(t, d, change...), &phone{t: t, clock: clock}
}

// switchOn gives the signed-in account of a site a second factor, and returns its recovery codes.
func (p *phone) switchOn(s *site) []string {
	p.t.Helper()
	s.get("/settings/second-factor").want(200)
	p.secret = s.ByID("factor-secret").Text()
	s.post("/settings/second-factor", "code", p.code()).want(200).says("Save your recovery codes now")
	codes := strings.Fields(s.ByID("recovery-codes").Text())
	if len(codes) != 10 {
		p.t.Fatalf("there are %d recovery codes", len(codes))
	}
	return codes
}

// passed sends the password and returns what proves on the next page that it was right.
func passed(s *site) string {
	s.t.Helper()
	s.post("/login", "email", "maria", "password", pagePassword, "next", "/settings").want(200).says("Enter your code")
	for _, input := range s.All("input") {
		if input.Attrs["name"] == "passed" {
			return input.Attrs["value"]
		}
	}
	s.t.Fatal("the page has no field passed")
	return ""
}

// TestSecondFactor turns a second factor on, signs in with codes and recovery codes, each of which works once, and turns
// it off.
func TestSecondFactor(t *testing.T) {
	s, app := factorSite(t)
	s.signIn("maria").get("/settings/security").says("Turn on")
	s.post("/settings/second-factor", "code", "000000").want(422).says("That is not the code.")
	recovery := app.switchOn(s)
	s.get("/settings/second-factor?created").want(200).hides("Save your recovery codes").says("10 codes are left")

	other := s.stranger()
	ticket := passed(other)
	other.get("/settings").want(401)
	other.post("/login", "passed", ticket, "code", app.shown).want(401).says("Wrong code") // it turned the factor on
	code := app.next()
	other.post("/login", "passed", ticket, "code", code[:3]+" "+code[3:], "next", "/settings").want(200).says("Joined")
	s.stranger().post("/login", "passed", ticket, "code", code).want(401).says("Wrong code")
	s.stranger().post("/login", "passed", ticket, "code", app.wrong()).want(401).says("Wrong code")
	s.stranger().post("/login", "passed", ticket+"x", "code", app.code()).want(401).says("That took too long")

	third := s.stranger()
	third.post("/login", "passed", passed(third), "code", strings.ToUpper(recovery[3])).want(200).says("Signed in with a recovery code. 9 left.")
	s.stranger().post("/login", "passed", ticket, "code", recovery[3]).want(401).says("Wrong code")

	other.post("/settings/second-factor/codes", "current_password", pagePassword, "current_code", app.next()).want(200).says("Save your recovery codes now")
	s.stranger().post("/login", "passed", ticket, "code", recovery[4]).want(401).says("Wrong code")
	other.post("/settings/second-factor/off", "current_password", pagePassword).want(403).says("Code")
	other.post("/settings/second-factor/off", "current_password", "wrong", "current_code", app.next()).want(422).says("That is not your password.")
	other.post("/settings/second-factor/off", "current_password", pagePassword, "current_code", app.code()).want(200).says("The second factor is off")
	s.stranger().signIn("maria").says("No topics yet")
	app.switchOn(other)
	other.post("/admin/users/" + userID(s, "maria") + "/factor-off").want(409)
	other.get("/settings/second-factor").says("10 codes are left")
}

// TestSecondFactorOfTheAPI: a sign-in takes the code with the password, and a wrong one says not which of them is wrong.
func TestSecondFactorOfTheAPI(t *testing.T) {
	clock := &dbtest.Clock{}
	d, err := db.Open(t.TempDir(), db.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	h, app := newHomeOn(t, d, server.Config{}), &phone{t: t, clock: clock}
	bob := h.user("bob")
	var fresh api.NewSecondFactor
	h.call("POST", "/auth/second-factor", bob.AccessToken, nil, 200, &fresh)
	app.secret = fresh.Secret
	on := api.SecondFactorRequest{CurrentPassword: "wrong", Code: app.code()}
	h.call("POST", "/auth/second-factor/confirm", bob.AccessToken, on, 403, nil)
	on.CurrentPassword = pagePassword
	var codes api.RecoveryCodes
	h.call("POST", "/auth/second-factor/confirm", bob.AccessToken, on, 200, &codes)
	h.call("POST", "/auth/second-factor/confirm", bob.AccessToken, on, 409, nil)
	h.call("POST", "/auth/second-factor", bob.AccessToken, nil, 409, nil)
	var key api.Key
	h.call("POST", "/api/keys", bob.AccessToken, api.KeyRequest{Name: "k", Scopes: []string{"*"}}, 201, &key)

	said := map[string]bool{}
	for _, in := range []api.LoginRequest{{Password: pagePassword, Code: app.wrong()}, {Password: "wrong wrong", Code: app.next()}, {Password: pagePassword, Code: "nonsense"}} {
		in.Email = "bob"
		var refused api.Error
		h.call("POST", "/auth/login", "", in, 401, &refused)
		said[refused.Detail+refused.Hint] = true
	}
	if len(said) != 1 {
		t.Errorf("a wrong code and a wrong password are answered differently: %v", said)
	}
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "bob", Password: pagePassword}, 401, nil)
	var again api.Login
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "bob", Password: pagePassword, Code: app.next()}, 200, &again)
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "bob", Password: pagePassword, Code: app.shown}, 401, nil)
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "bob", Password: pagePassword, Code: codes.RecoveryCodes[0]}, 200, nil)
	h.call("GET", "/auth/me", key.Key, nil, 200, nil)

	h.call("DELETE", "/auth/second-factor", again.AccessToken, api.SecondFactorRequest{CurrentPassword: pagePassword}, 403, nil)
	h.call("DELETE", "/auth/second-factor", key.Key, api.SecondFactorRequest{CurrentPassword: pagePassword, Code: app.next()}, 403, nil)
	h.call("POST", "/api/users/"+bob.User.ID+"/reset-second-factor", again.AccessToken, nil, 403, nil)
	h.call("POST", "/api/users/"+bob.User.ID+"/reset-second-factor", h.jwt, nil, 204, nil)
	h.call("GET", "/auth/me", again.AccessToken, nil, 401, nil)
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "bob", Password: pagePassword}, 200, nil)
}

// TestCodesAreBounded: after twenty wrong codes an account takes no other from strangers, while its owner's browser and a
// recovery code still get in. They are counted for the address like wrong passwords.
func TestCodesAreBounded(t *testing.T) {
	s, app := factorSite(t)
	s.signIn("maria")
	recovery := app.switchOn(s)
	thief := s.stranger()
	ticket := passed(thief)
	wrong := app.wrong()
	for n := range 20 {
		thief.post("/login", "passed", ticket, "code", wrong)
		if thief.status != 401 {
			t.Fatalf("wrong code %d = %d, want 401", n+1, thief.status)
		}
	}
	for _, code := range []string{wrong, app.next()} {
		if thief.post("/login", "passed", ticket, "code", code); thief.status != 429 || thief.header.Get("Retry-After") == "" {
			t.Errorf("after twenty wrong codes = %d, Retry-After %q", thief.status, thief.header.Get("Retry-After"))
		}
	}
	s.post("/logout").want(200)
	s.post("/login", "passed", ticket, "code", app.next()).want(200).says("No topics yet") // it has the device cookie
	thief.stranger().post("/login", "passed", ticket, "code", recovery[0]).want(200).says("9 left")
}

// TestFreshSignInDemandsTheCode: where a page asks for the password again, it asks for the code too.
func TestFreshSignInDemandsTheCode(t *testing.T) {
	s, app := factorSite(t, func(c *server.Config) { c.ReauthAfter = time.Hour })
	s.signIn("maria")
	app.switchOn(s)
	app.ahead = 2 * time.Hour
	app.clock.Set(app.ahead)
	s.post("/settings/keys", "name", "laptop", "scopes", "publish", "current_password", pagePassword).want(403).says("Enter your password to continue")
	if s.ByID("current_code") == nil {
		t.Fatal("the page does not ask for the code")
	}
	if got := s.header.Get("Content-Encoding"); got != "" {
		t.Errorf("the page that holds a form is sent with Content-Encoding %s", got)
	}
	s.post("/settings/keys", "name", "laptop", "scopes", "publish", "current_password", pagePassword, "current_code", app.wrong()).want(403).says("Wrong code")
	s.post("/settings/keys", "name", "laptop", "scopes", "publish", "current_password", pagePassword, "current_code", app.next()).want(200).says(`Copy "laptop" now`)
}

// TestDemandedSecondFactor: where the server demands one, a session without it reaches nothing else.
func TestDemandedSecondFactor(t *testing.T) {
	s, app := factorSite(t, func(c *server.Config) { c.Auth.SecondFactor = auth.DemandAdmins })
	s.post("/login", "email", "maria", "password", pagePassword).want(403).says("This server requires a code in addition to the password.")
	for _, path := range []string{"/", "/settings", "/admin/users", "/settings/keys", "/inbox"} {
		s.get(path).want(403).says("Turn on a second factor")
	}
	s.get("/docs").want(200)
	s.get("/api/topics/my").want(403)
	s.get("/settings/second-factor").want(200).says("Turn it on to continue.")
	app.switchOn(s)
	s.get("/settings").want(200).says("Joined")
	s.stranger().signIn("tom").says("No topics yet")
}

// TestMustChange: who signs in with a password that somebody else has set does nothing before choosing another.
func TestMustChange(t *testing.T) {
	h := newHome(t, server.Config{})
	bob := h.user("bob")
	var key api.Key
	h.call("POST", "/api/keys", bob.AccessToken, api.KeyRequest{Name: "k", Scopes: []string{"*"}}, 201, &key)
	set := "something for now 7"
	h.call("PATCH", "/api/users/"+bob.User.ID, h.jwt, api.UserRequest{Password: &set}, 200, &bob.User)
	if !bob.User.MustChangePassword {
		t.Error("the account need not change the password that the admin has set")
	}
	h.call("GET", "/auth/me", bob.AccessToken, nil, 401, nil)
	h.call("GET", "/auth/me", key.Key, nil, 200, nil) // revoke_keys was not asked for
	h.call("POST", "/auth/login", "", api.LoginRequest{Email: "bob", Password: set}, 200, &bob)
	h.call("GET", "/auth/me", bob.AccessToken, nil, 200, nil)
	name := "mine"
	h.call("POST", "/api/topics", bob.AccessToken, api.TopicRequest{Name: &name}, 403, nil)
	h.call("GET", "/api/keys", bob.AccessToken, nil, 403, nil)
	change := api.PasswordRequest{CurrentPassword: set, NewPassword: set}
	h.call("POST", "/auth/password", bob.AccessToken, change, 422, nil)
	change.NewPassword = pagePassword
	h.call("POST", "/auth/password", bob.AccessToken, change, 204, nil)
	h.call("POST", "/api/topics", bob.AccessToken, api.TopicRequest{Name: &name}, 201, nil)

	h.call("PATCH", "/api/users/"+bob.User.ID, h.jwt, api.UserRequest{Password: &set, RevokeKeys: true, MustChangePassword: new(false)}, 200, &bob.User)
	if bob.User.MustChangePassword {
		t.Error("must_change_password false is not kept")
	}
	h.call("GET", "/auth/me", key.Key, nil, 401, nil)
}

func TestMustChangePages(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.post("/admin/users/" + userID(s, "tom") + "/reset").want(200)
	password := s.ByID("secret").Text()
	s.get("/admin/users").says("New password due")
	tom := s.stranger()
	tom.post("/login", "email", "tom", "password", password, "next", "/settings/preferences").want(403).says("Choose a new password")
	tom.get("/").want(403).says("Somebody else has set your password.")
	tom.get("/inbox").want(403)
	tom.post("/topics", "name", "news").want(403)
	tom.post("/settings/password", "new_password", "short").want(422).says("Choose a new password")
	tom.post("/settings/password", "new_password", password).want(422).says("That is the password you were given.")
	tom.post("/settings/password", "new_password", pagePassword, "next", "/settings/preferences").want(200).says("Time zone")
	tom.get("/").want(200).says("No topics yet")
	s.get("/admin/users").hides("New password due")
}

// TestQRCodeOfThePage is read by another program, and holds what is shown to be typed.
func TestQRCodeOfThePage(t *testing.T) {
	zbarimg, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbarimg (Debian's zbar-tools) is not installed")
	}
	s := newSite(t).signIn("maria")
	s.get("/settings/second-factor").want(200)
	svg := s.All("svg")
	var size int
	var path string
	for _, n := range svg {
		if n.Attrs["class"] == "qr" {
			fmt.Sscanf(n.Attrs["viewbox"]+n.Attrs["viewBox"], "0 0 %d", &size)
			path = n.All("path")[0].Attrs["d"]
		}
	}
	const scale = 4
	img := image.NewGray(image.Rect(0, 0, scale*size, scale*size))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for _, part := range strings.Split(strings.TrimPrefix(path, "M"), "M") {
		var x, y, w int
		if _, err := fmt.Sscanf(part, "%d %dh%dv1", &x, &y, &w); err != nil {
			t.Fatalf("%q: %v", part, err)
		}
		for dx := range scale * w {
			for dy := range scale {
				img.SetGray(scale*x+dx, scale*y+dy, color.Gray{})
			}
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "code.png")
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), zbarimg, "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.ReplaceAll(s.ByID("factor-secret").Text(), " ", "")
	if want := "otpauth://totp/Notifer:maria?secret=" + secret + "&issuer=Notifer\n"; string(out) != want {
		t.Errorf("the code reads %q, want %q", out, want)
	}
	if s.header.Get("Content-Encoding") != "" || s.header.Get("Cache-Control") != "no-store" || s.status != http.StatusOK {
		t.Error("the page with the secret may be kept or is compressed")
	}
}
