package server_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"notifer/db"
)

const leavePage = "/settings/delete"

// TestDeleteOwnAccount: the name and the password are asked for, everything goes, and the browser is signed out.
func TestDeleteOwnAccount(t *testing.T) {
	s := newSite(t)
	tom := s.stranger().signIn("tom")
	id := userID(s, "tom")
	tom.post("/topics", "name", "toms", "access", "private").want(200)
	tom.post("/topic/toms/messages", "message", "hello").want(200)
	tom.post("/topic/toms/settings/tokens", "name", "job", "permissions", "publish").want(200)
	token := tom.ByID("secret").Text()
	tom.post("/settings/keys", "name", "laptop", "scopes", "publish").want(200)
	tom.get("/settings").want(200).says("Delete account")
	if !leadsTo(tom, leavePage) {
		t.Errorf("the profile page does not lead to %s", leavePage)
	}
	tom.get(leavePage).want(200).says("1 topic are deleted, with all messages and tokens").says("Type tom to confirm")
	tom.post(leavePage, "confirm", "maria", "current_password", pagePassword).want(422).says("That is not your username.")
	tom.post(leavePage, "confirm", "tom", "current_password", "wrong").want(422).says("That is not your password.")
	if _, err := s.d.User(t.Context(), id); err != nil {
		t.Fatalf("after refused forms: %v", err)
	}
	tom.post(leavePage, "confirm", " tom", "current_password", pagePassword).want(200).says("Your account, its topics, API keys and sessions are deleted").says("Sign in")
	if _, err := s.d.User(t.Context(), id); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("User(tom) = %v, want %v", err, db.ErrNotFound)
	}
	if _, err := s.d.Topic(t.Context(), "toms"); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("Topic(toms) = %v, want %v", err, db.ErrNotFound)
	}
	if keys, err := s.d.Keys(t.Context(), id); err != nil || len(keys) != 0 {
		t.Errorf("Keys(tom) = %d, %v; want none", len(keys), err)
	}
	if status := send(t, s.url+"/toms", "X-Topic-Token", token); status != 401 {
		t.Errorf("publishing by a token of the topic = %d, want 401", status)
	}
	at, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range tom.client.Jar.Cookies(at) {
		if c.Name != "notifer-form" { // of the next sign-in
			t.Errorf("a cookie is left: %v", c)
		}
	}
	tom.get("/settings").want(401)
	tom.post("/login", "email", "tom@home.example", "password", pagePassword).want(401)
}

func leadsTo(s *site, path string) bool {
	for _, a := range s.All("a") {
		if a.Attrs["href"] == path {
			return true
		}
	}
	return false
}

// send posts a message with one header and reports the status.
func send(t *testing.T, address, name, value string) int {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(name, value)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// TestLastAdminCannotLeave: the page says so before anything is typed, and the form does when it is sent all the same.
func TestLastAdminCannotLeave(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.get(leavePage).want(200).says("You are the last admin").hides("Type maria")
	s.post(leavePage, "confirm", "maria", "current_password", pagePassword).want(409).says("You are the last admin")
	s.get("/settings").want(200)
	s.post("/admin/users/" + userID(s, "tom") + "/promote").want(200)
	s.get(leavePage).want(200).says("Type maria to confirm")
	s.post("/admin/users/" + userID(s, "tom") + "/disable").want(200)
	s.get(leavePage).want(200).says("You are the last admin")
	s.post("/admin/users/" + userID(s, "tom") + "/enable").want(200)
	s.post(leavePage, "confirm", "maria", "current_password", pagePassword).want(200).says("Your account, its topics, API keys and sessions are deleted")
}

// TestGuessesInFormsAreThrottled: a form that asks for the password is no way around the limit of the sign-in page, and says what is wrong.
func TestGuessesInFormsAreThrottled(t *testing.T) {
	for path, fields := range map[string][]string{
		leavePage:            {"confirm", "tom"},
		"/settings/password": {"new_password", "another horse battery"},
	} {
		s := newSite(t).signIn("tom")
		told := false
		for n := 0; n < 70 && !told; n++ { // a burst for the address, and one for the browser that has signed in
			s.post(path, append(fields, "current_password", "wrong")...)
			told = strings.Contains(strings.Join(s.Words(), " "), "Too many wrong passwords")
		}
		if !told {
			t.Errorf("%s: seventy wrong passwords in a row, and none was too many", path)
		}
	}
}
