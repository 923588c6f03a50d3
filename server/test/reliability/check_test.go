package reliability_test

import (
	"strings"
	"testing"

	"notifer/server/test/reliability"
)

// script turns "a:join= a:1 a:2 b:mark2 a:end" into events; message n is id n with body "mn".
func script(t *testing.T, text string) []reliability.Event {
	t.Helper()
	var events []reliability.Event
	for _, word := range strings.Fields(text) {
		client, what, ok := strings.Cut(word, ":")
		if !ok {
			t.Fatalf("script word %q has no client", word)
		}
		e := reliability.Event{Client: client}
		switch {
		case strings.HasPrefix(what, "join="):
			e.Kind, e.ID = reliability.Joined, what[len("join="):]
		case strings.HasPrefix(what, "mark="):
			e.Kind, e.ID = reliability.Bookmarked, what[len("mark="):]
		case what == "end":
			e.Kind = reliability.CaughtUp
		default:
			e.Kind, e.ID, e.Body = reliability.Delivered, what, "m"+what
		}
		events = append(events, e)
	}
	return events
}

func messages(ids string) []reliability.Message {
	var log []reliability.Message
	for _, id := range strings.Fields(ids) {
		log = append(log, reliability.Message{ID: id, Body: "m" + id})
	}
	return log
}

func TestCheckerAcceptsGoodHistories(t *testing.T) {
	for _, text := range []string{
		"a:join=0 a:1 a:2 a:3 a:4 a:5 a:end",
		"a:join= a:mark=2 a:3 a:4 a:join=4 a:5 a:end",
		"a:join= a:3 a:4 a:5 a:end",
		"a:join=0 a:1 b:join=3 a:2 b:4 a:3 b:5 b:end a:4 a:mark=4 a:5 a:end",
		"a:join=0 a:1 a:2 a:3 a:join=1 a:mark=1 a:2 a:3 a:4",
		"a:join=9 a:mark=5 a:end",
	} {
		if found := reliability.Check(messages("1 2 3 4 5"), nil, script(t, text)); len(found) > 0 {
			t.Errorf("Check(%q) = %v, want nothing", text, found)
		}
	}
}

func TestCheckerCatchesBrokenHistories(t *testing.T) {
	for _, row := range []struct{ rule, text string }{
		{"resumable", "a:join=0 a:2 a:3 a:4 a:5 a:end"},
		{"resumable", "a:join=0 a:1 a:2 a:join=2 a:4 a:5"},
		{"reliable", "a:join=0 a:1 a:3 a:4 a:5 a:end"},
		{"reliable", "a:join=0 a:1 a:2 a:end"},
		{"reliable", "a:join= a:2 a:4"},
		{"unique", "a:join=0 a:1 a:2 a:2 a:3"},
		{"unique", "a:join=0 a:1 a:2 a:join=2 a:2 a:3"},
		{"ordered", "a:join=0 a:1 a:2 a:3 a:1"},
		{"ordered", "a:join=0 a:1 a:2 a:3 a:mark=1"},
		{"bookmarkable", "a:join=0 a:1 a:mark=3 a:4"},
		{"stored", "a:join=0 a:1 a:15 a:2"},
	} {
		found := reliability.Check(messages("1 2 3 4 5"), nil, script(t, row.text))
		if len(found) == 0 || found[0].Rule != row.rule {
			t.Errorf("Check(%q) = %v, want %s first", row.text, found, row.rule)
		}
	}
}

func TestCheckerCatchesBrokenLogs(t *testing.T) {
	body := reliability.Message{ID: "4", Body: "m3"}
	for _, row := range []struct {
		rule string
		log  []reliability.Message
		acks []reliability.Message
	}{
		{"durable", messages("1 2"), messages("1 3")},
		{"durable", messages("1 2 3"), []reliability.Message{{ID: "2", Body: "other"}}},
		{"log", messages("1 3 2"), nil},
		{"log", append(messages("1 2 3"), body), nil},
	} {
		found := reliability.Check(row.log, row.acks, nil)
		if len(found) != 1 || found[0].Rule != row.rule {
			t.Errorf("Check(log %v, acks %v) = %v, want one %s", row.log, row.acks, found, row.rule)
		}
	}
	altered := []reliability.Event{{Client: "a", Kind: reliability.Joined, ID: "0"}, {Client: "a", Kind: reliability.Delivered, ID: "1", Body: "forged"}}
	if found := reliability.Check(messages("1"), nil, altered); len(found) != 1 || found[0].Rule != "stored" {
		t.Errorf("Check(altered body) = %v, want one stored", found)
	}
}
