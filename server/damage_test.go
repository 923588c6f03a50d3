package server_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// damage changes the text of a stored message behind the back of its checksum.
func damage(t *testing.T, d *db.DB, which string) {
	t.Helper()
	raw, err := sql.Open("sqlite", "file:"+d.Path()+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("update message set body = 'SPOILT' where " + which); err != nil {
		t.Fatal(err)
	}
}

// TestDamageIsPassedAndSaid reads past a damaged message through every door.
func TestDamageIsPassedAndSaid(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.topic("other", db.Private)
	h.publish("ops-east", "before")
	damaged := h.publish("ops-east", "damaged one")
	h.publish("ops-east", "after")
	damage(t, h.d, "body = 'damaged one'")
	check := func(what string, list []api.Message) {
		t.Helper()
		if len(list) != 3 {
			t.Errorf("%s has %d messages, want 3", what, len(list))
			return
		}
		if list[0].Message == "after" { // newest first
			list[0], list[2] = list[2], list[0]
		}
		m := list[1]
		if list[0].Message != "before" || list[2].Message != "after" || list[0].Damaged || list[2].Damaged {
			t.Errorf("%s: around the damaged message are %+v and %+v", what, list[0], list[2])
		}
		if !m.Damaged || m.ID != damaged.ID || m.Topic != "ops-east" || !strings.Contains(m.Message, "is damaged") || m.Priority != 3 || m.Tags == nil {
			t.Errorf("%s: the damaged message is %+v", what, m)
		}
	}
	for name, read := range doors {
		check(name, read(h, "ops-east", h.jwt, 3))
	}
	check("a stream of two topics", h.events("/sse?topics=ops-east,other&since=all", h.jwt, 3))
	var list []api.Message
	h.call("GET", "/ops-east/json", h.jwt, nil, 200, &list)
	check("the newest messages", list)
	var found api.Found
	h.call("GET", "/api/messages", h.jwt, nil, 200, &found)
	check("the search of all topics", found.Messages)
	var one api.Message
	h.call("GET", "/api/topics/ops-east/messages/"+damaged.ID, h.token("ops-east", "reader", "subscribe").Token, nil, 200, &one)
	if !one.Damaged {
		t.Errorf("the damaged message by its id is %+v", one)
	}
	edit := "/api/ops-east/messages/" + damaged.ID
	h.call("PATCH", edit, h.jwt, map[string]any{"message": "mended"}, 409, nil)
	h.call("DELETE", edit, h.jwt, nil, 204, nil)
	h.call("GET", "/ops-east/json", h.jwt, nil, 200, &list)
	if len(list) != 2 {
		t.Errorf("%d messages are left of three, one of which was deleted", len(list))
	}
}

// TestDamagedAlertIsMarked: an alert whose last message is damaged stays open, and says that its texts are not what was sent.
func TestDamagedAlertIsMarked(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	topic, err := h.d.Topic(t.Context(), "ops-east")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"sound", "damaged one"} {
		m := &db.Message{TopicID: topic.ID, Priority: 3, Body: key}
		m.SetExtras(db.Extras{Key: key})
		if err := h.d.Publish(m, nil); err != nil {
			t.Fatal(err)
		}
	}
	damage(t, h.d, "body = 'damaged one'")
	var list api.Alerts
	h.call("GET", "/api/topics/ops-east/alerts", h.jwt, nil, 200, &list)
	if len(list.Alerts) != 2 || !list.Alerts[0].Damaged || list.Alerts[0].Status != "open" || list.Alerts[1].Damaged {
		t.Errorf("the alerts are %+v, want the newer one damaged", list.Alerts)
	}
}

// TestPagesPassDamage: the page of a topic, the inbox and the export show what surrounds a damaged message.
func TestPagesPassDamage(t *testing.T) {
	s := exportable(t, 3, 8, 0)
	damage(t, s.d, "id = (select id from message order by id limit 1 offset 1)")
	const says = "This message is damaged"
	s.get("/topic/big").want(200).says(says).says("xxxxxxxx").hides("SPOILT")
	s.get("/").want(200).hides("SPOILT")
	var text bytes.Buffer
	if _, err := text.ReadFrom(s.export().Body); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("the export has %d lines, want 3: %s", len(lines), &text)
	}
	var m api.Message
	if err := json.Unmarshal([]byte(lines[1]), &m); err != nil || !m.Damaged || !strings.Contains(m.Message, says) {
		t.Errorf("the export has %s, %v", lines[1], err)
	}
}
