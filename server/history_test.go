package server_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

func texts(list []api.Message) string {
	var out []string
	for _, m := range list {
		out = append(out, m.Message)
	}
	return strings.Join(out, " ")
}

// A page says where to go on as long as there may be more.
func TestPagesSayWhereToGoOn(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	var sent []api.Message
	for _, text := range []string{"one", "two", "three"} {
		sent = append(sent, h.publish("ops-east", text))
	}
	for _, c := range []struct{ query, next string }{
		{"limit=2", sent[1].ID},
		{"limit=2&before=" + sent[1].ID, ""},
		{"limit=2&since=all", sent[1].ID},
		{"limit=2&after=" + sent[1].ID, ""},
		{"limit=1&q=t&since=all", sent[1].ID},
		{"q=four", ""},
	} {
		if got := h.call("GET", "/ops-east/json?"+c.query, h.jwt, nil, 200, nil).Get("X-Next"); got != c.next {
			t.Errorf("%s goes on at %q, want %q", c.query, got, c.next)
		}
	}
}

func TestHistoryParameters(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	var ids []string
	for i := range 6 {
		tags, priority := []string{"even"}, i%5+1
		if i%2 == 1 {
			tags = []string{"odd", "disk"}
		}
		var m api.Message
		h.call("POST", "/ops-east", h.jwt, api.PublishRequest{Message: fmt.Sprint("m", i), Priority: &priority, Tags: tags}, 200, &m)
		ids = append(ids, m.ID)
	}
	for _, c := range []struct{ query, want string }{
		{"", "m5 m4 m3 m2 m1 m0"},
		{"limit=2", "m5 m4"},
		{"limit=2&offset=1", "m4 m3"},
		{"page=2&per_page=4", "m1 m0"},
		{"before=" + ids[2], "m1 m0"},
		{"after=" + ids[3], "m4 m5"},
		{"since=all", "m0 m1 m2 m3 m4 m5"},
		{"since=" + ids[4], "m5"},
		{"since=all&limit=2", "m0 m1"},
		{"since=all&limit=2&after=" + ids[1], "m2 m3"},
		{"since=0&limit=2", "m0 m1"},
		{"q=M3", "m3"},
		{"tags=odd", "m5 m3 m1"},
		{"tags=even,disk", "m5 m4 m3 m2 m1 m0"},
		{"tags=odd,disk&tags_mode=all", "m5 m3 m1"},
		{"tags=even,disk&tags_mode=all", ""},
		{"priority_min=4", "m4 m3"},
		{"since=all&priority_min=4", "m3 m4"},
		{"until=1577934245", ""},
	} {
		var got []api.Message
		h.call("GET", "/ops-east/json?"+c.query, h.jwt, nil, 200, &got)
		if texts(got) != c.want {
			t.Errorf("?%s = %q, want %q", c.query, texts(got), c.want)
		}
	}
	for _, bad := range []string{"limit=0", "limit=x", "offset=-1", "before=x", "after=x", "since=x", "until=x", "priority_min=6", "tags_mode=some", "page=0"} {
		h.call("GET", "/ops-east/json?"+bad, h.jwt, nil, 400, nil)
	}
}

func TestHistoryPollsWithoutLoss(t *testing.T) {
	t.Parallel()
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	var want, got []string
	after := ""
	for i := range 250 {
		want = append(want, h.publish("ops-east", fmt.Sprint(i)).ID)
		if i%97 != 0 {
			continue
		}
		for {
			var page []api.Message
			query := "limit=100&since=all"
			if after != "" {
				query = "limit=100&after=" + after
			}
			h.call("GET", "/ops-east/json?"+query, h.jwt, nil, 200, &page)
			if len(page) == 0 {
				break
			}
			for _, m := range page {
				got = append(got, m.ID)
			}
			after = got[len(got)-1]
		}
	}
	var rest []api.Message
	h.call("GET", "/ops-east/json?limit=100&after="+after, h.jwt, nil, 200, &rest)
	for _, m := range rest {
		got = append(got, m.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("polled %d messages, want the %d published in their order", len(got), len(want))
	}
}

// found is a reply of a search.
type found struct {
	Messages []api.Message
	Total    int
	Next     string
}

func TestSearchOverOwnTopics(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.topic("ops-west", db.Private)
	h.publish("ops-east", "disk full")
	h.publish("ops-west", "disk fine")
	bob := h.user("bob")
	for _, path := range []string{"/api/messages", "/api/messages/search", "/api/topics/ops-east/messages"} {
		var found found
		h.call("GET", path+"?q=full", h.jwt, nil, 200, &found)
		if found.Total != 1 || found.Messages[0].Topic != "ops-east" {
			t.Errorf("%s found %+v, want the one of ops-east", path, found)
		}
	}
	var found found
	h.call("GET", "/api/messages?q=disk", bob.AccessToken, nil, 200, &found)
	if found.Total != 0 || found.Messages == nil {
		t.Errorf("another account found %+v, want an empty list", found)
	}
	h.call("GET", "/api/topics/ops-east/messages?q=disk", bob.AccessToken, nil, 404, nil)
}

// The thirty days of the chart end today, also in the month after the clocks were set back.
func TestMessageActivityEndsToday(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	begin := time.Date(2026, 11, 10, 1, 30, 0, 0, berlin) // 00:30 UTC; 29 days before, the same hour was on the day before
	var minutes atomic.Int64
	clock := func() time.Time { return begin.Add(time.Duration(minutes.Load()) * time.Minute) }
	d, err := db.Open(t.TempDir(), db.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	h := newHomeOn(t, d, server.Config{})
	h.topic("ops-east", db.Private)
	h.topic("ops-west", db.Private)
	for _, topic := range []string{"ops-east", "ops-west", "ops-west"} {
		h.publish(topic, "hello")
	}
	minutes.Add(1) // the counts are written down with the next message
	h.publish("ops-east", "hello")
	var days []api.Activity
	h.call("GET", "/api/messages/activity", h.jwt, nil, 200, &days)
	if want := (api.Activity{Day: "2026-11-10", Count: 4}); len(days) != 30 || days[29] != want {
		t.Errorf("activity = %v, want 30 days that end with %v", days, want)
	}
}

// TestOneMessage is read by its id, under the rights of the history: in no other topic, and with its sender for those who may manage the topic.
func TestOneMessage(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.topic("ops-west", db.Private)
	sent := h.publish("ops-east", "hello")
	path := "/api/topics/ops-east/messages/" + sent.ID
	var got api.Message
	h.call("GET", path, h.jwt, nil, 200, &got)
	if got.ID != sent.ID || got.Topic != "ops-east" || got.Message != "hello" || got.Sender == nil {
		t.Errorf("the owner reads %+v", got)
	}
	got = api.Message{}
	h.call("GET", path, h.token("ops-east", "wall", "subscribe").Token, nil, 200, &got)
	if got.Message != "hello" || got.Sender != nil {
		t.Errorf("a token that may subscribe reads %+v", got)
	}
	h.call("GET", path, h.token("ops-east", "job", "publish").Token, nil, 403, nil)
	h.call("GET", "/api/topics/ops-west/messages/"+sent.ID, h.jwt, nil, 404, nil)
	h.call("GET", "/api/topics/ops-east/messages/none", h.jwt, nil, 404, nil)
	h.call("DELETE", "/api/ops-east/messages/"+sent.ID, h.jwt, nil, 204, nil)
	h.call("GET", path, h.jwt, nil, 404, nil)
}
