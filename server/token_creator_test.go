package server_test

import "testing"

// TestCreatorLeadsAdminsToTheAccount: from the list and from the token's own page, and nobody else.
func TestCreatorLeadsAdminsToTheAccount(t *testing.T) {
	s := newSite(t).signIn("maria")
	tom := s.stranger().signIn("tom")
	tom.post("/topics", "name", "backups", "access", "private").want(200)
	secret := tom.create("job")
	account := "/admin/users#" + userID(s, "tom")
	for _, path := range []string{tab, tab + "/" + tokenIDs(tom)[0]} {
		if s.get(path).want(200).says("by tom"); !leadsTo(s, account) {
			t.Errorf("%s does not lead an admin to %s", path, account)
		}
		if tom.get(path).want(200).says("by tom").hides(secret); leadsTo(tom, account) {
			t.Errorf("%s leads somebody who is no admin to %s", path, account)
		}
	}
	if s.get("/admin/users").ByID(userID(s, "tom")) == nil {
		t.Error("the card of an account cannot be led to")
	}
	s.post(tab, "name", "hers", "permissions", "publish").want(200)
	hers := userID(s, "maria")
	s.post("/admin/users/" + userID(s, "tom") + "/promote").want(200)
	s.post(leavePage, "confirm", "maria", "current_password", pagePassword).want(200)
	if tom.get(tab).want(200).says("by maria"); leadsTo(tom, "/admin/users#"+hers) {
		t.Error("the page leads to an account that is gone")
	}
}
