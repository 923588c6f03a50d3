package manage_test

import (
	"strconv"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server/manage"
	"notifer/web"
)

// TestFormsTakeWhatRulesAllow: a field of a form takes as many characters as its rule allows, and not one more.
func TestFormsTakeWhatRulesAllow(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	topic := func(v manage.TopicValues) error {
		_, err := h.NewTopic(h.ann, "a-topic", v)
		return err
	}
	account := func(v manage.AccountChange) error {
		_, err := h.UpdateAccount(t.Context(), h.ann.User.ID, v)
		return err
	}
	for field, row := range map[string]struct {
		limit string
		judge func(n int) error
	}{
		"name of a topic": {web.MaxTopicName, func(n int) error { return h.CheckTopicName(strings.Repeat("a", n)) }},
		"display name":    {web.MaxDisplayName, func(n int) error { return topic(manage.TopicValues{DisplayName: ptr(strings.Repeat("ä", n))}) }},
		"description":     {web.MaxDescription, func(n int) error { return topic(manage.TopicValues{Description: ptr(strings.Repeat("ä", n))}) }},
		"title":           {web.MaxTitle, func(n int) error { _, err := manage.CheckTitle(strings.Repeat("ä", n)); return err }},
		"name":            {web.MaxName, func(n int) error { _, err := manage.CheckName(strings.Repeat("ä", n)); return err }},
		"note":            {web.MaxNote, func(n int) error { _, err := manage.CheckNote(strings.Repeat("ä", n)); return err }},
		"username":        {web.MaxUsername, func(n int) error { return account(manage.AccountChange{Username: ptr(strings.Repeat("a", n))}) }},
		"email": {web.MaxEmail, func(n int) error {
			return account(manage.AccountChange{Email: ptr("a@" + strings.Repeat("e", n-2)), Proven: true})
		}},
		"password": {web.MaxPassword, func(n int) error {
			return h.CheckPassword(strings.Repeat("correct horse ", 20)[:n], &db.User{Email: "bob@home.example", Username: "bob"})
		}},
	} {
		n, err := strconv.Atoi(row.limit)
		if err != nil {
			t.Fatal(err)
		}
		if err := row.judge(n); err != nil {
			t.Errorf("%s of %d characters: %v, want none", field, n, err)
		}
		if err := row.judge(n + 1); err == nil {
			t.Errorf("%s of %d characters is allowed, and its form takes %d", field, n+1, n)
		}
	}
	least, err := strconv.Atoi(web.MinPassword)
	if err != nil {
		t.Fatal(err)
	}
	for n, fine := range map[int]bool{least: true, least - 1: false} {
		if err := h.CheckPassword("x7#kP2mQvL"[:n], &db.User{Email: "bob@home.example", Username: "bob"}); (err == nil) != fine {
			t.Errorf("a password of %d characters: %v, and forms take %d", n, err, least)
		}
	}
}
