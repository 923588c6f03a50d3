package alertgroups_test

import (
	"context"
	"database/sql"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server/wire/alertgroups"
)

// group is a topic that payloads about alerts are sent to.
type group struct {
	t     *testing.T
	d     *db.DB
	g     *alertgroups.Groups
	topic db.Topic
	clock atomic.Pointer[time.Time] // read by the store's own goroutine too
}

func newGroup(t *testing.T) *group {
	t.Helper()
	g := &group{t: t}
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	g.clock.Store(&began)
	d, err := db.Open(t.TempDir(), db.Options{Now: g.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	g.d, g.g, g.topic = d, alertgroups.New(d), dbtest.Topic(t, d, "alerts")
	return g
}

func (g *group) now() time.Time { return *g.clock.Load() }

// pass lets time go by.
func (g *group) pass(d time.Duration) {
	at := g.now().Add(d)
	g.clock.Store(&at)
}

// said is one alert of a payload.
type said struct {
	key, text string
	resolved  bool
	since     time.Time
}

// send publishes a payload, and returns the texts of the messages that it stored.
func (g *group) send(payload ...said) (stored []string, repeated bool) {
	g.t.Helper()
	before, err := g.d.LastID()
	if err != nil {
		g.t.Fatal(err)
	}
	var all []*db.Message
	for _, s := range payload {
		m := &db.Message{TopicID: g.topic.ID, Topic: g.topic.Name, Priority: 3, Body: s.text, Since: s.since}
		m.SetExtras(db.Extras{Key: s.key, Resolved: s.resolved})
		all = append(all, m)
	}
	news, repeated, err := g.g.Publish(context.Background(), all[0], all[1:], nil)
	if err != nil {
		g.t.Fatal(err)
	}
	list, err := g.d.MessagesAfter(context.Background(), g.topic.ID, before, 100)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, m := range list {
		stored = append(stored, m.Body)
	}
	if !repeated && len(news) != len(list) {
		g.t.Errorf("%d messages are reported as stored, %d are", len(news), len(list))
	}
	for _, m := range news {
		if m.ID == 0 || m.At.Sub(m.ID.Time()).Abs() > time.Second {
			g.t.Errorf("the message %q has the id %s and the time %v", m.Body, m.ID, m.At)
		}
	}
	return stored, repeated
}

// stores expects a payload to become some messages.
func (g *group) stores(what string, payload []said, want ...string) {
	g.t.Helper()
	if got, repeated := g.send(payload...); !slices.Equal(got, want) || repeated {
		g.t.Errorf("%s: stored %q, repeated %v; want %q", what, got, repeated, want)
	}
}

func TestOnlyNewsIsStored(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	disk, fan := said{key: "disk", text: "disk full"}, said{key: "fan", text: "fan slow"}
	g.stores("a first payload", []said{disk, fan}, "disk full", "fan slow")
	g.pass(time.Minute)
	worse := said{key: "disk", text: "disk at 99 %"}
	g.stores("another text of one", []said{worse, fan}, "disk at 99 %")
	over := said{key: "disk", text: "disk at 99 %", resolved: true}
	g.stores("the end of one", []said{over, fan}, "disk at 99 %")
	g.stores("its end once more, beside news", []said{over, {key: "fan", text: "fan stopped"}}, "fan stopped")
	g.stores("it is open again", []said{worse, {key: "fan", text: "fan stopped"}}, "disk at 99 %")
	g.stores("a message without a key", []said{{text: "hello"}, worse}, "hello")
	g.pass(time.Hour)
	g.stores("news beside what is an hour old", []said{{key: "disk", text: "disk full"}, {key: "fan", text: "fan stopped"}}, "disk full", "fan stopped")
}

// TestReminders: what says nothing new is stored whole, unless it comes just after it was stored.
func TestReminders(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	payload := []said{{key: "disk", text: "disk full"}, {key: "fan", text: "fan slow"}}
	g.stores("a first payload", payload, "disk full", "fan slow")
	g.pass(44 * time.Second)
	if stored, repeated := g.send(payload...); stored != nil || !repeated {
		t.Errorf("the same from a second Alertmanager: stored %q, repeated %v; want nothing, as a repeat", stored, repeated)
	}
	g.pass(2 * time.Second)
	g.stores("a reminder", payload, "disk full", "fan slow")
	g.topic = dbtest.Topic(t, g.d, "others")
	g.stores("the same in another topic", payload, "disk full", "fan slow")
}

// TestRepeatsAfterTheClockWasSetBack: what seems to have been stored in the future repeats nothing.
func TestRepeatsAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	disk := said{key: "disk", text: "disk full"}
	stored := func(want bool, what string) {
		t.Helper()
		if list, repeated := g.send(disk); repeated == want || (list != nil) != want {
			t.Errorf("%s: stored %q, repeated %v", what, list, repeated)
		}
	}
	stored(true, "a first payload")
	stored(false, "the same")
	g.pass(-time.Hour)
	m := &db.Message{TopicID: g.topic.ID, Topic: g.topic.Name, Priority: 3, Body: disk.text}
	m.SetExtras(db.Extras{Key: disk.key})
	if _, repeated, err := g.g.Publish(context.Background(), m, nil, nil); err != nil || repeated {
		t.Errorf("the same after the clock was set back: repeated %v, %v", repeated, err)
	}
}

// TestAnAlertFiresAnew: one that is so since after its last message is open once more, even in the same words.
func TestAnAlertFiresAnew(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	began := g.now().Add(-time.Minute)
	fan := said{key: "fan", text: "fan slow"}
	at := func(since time.Time) said { return said{key: "disk", text: "disk full", since: since} }
	g.stores("a first payload", []said{at(began), fan}, "disk full", "fan slow")
	g.pass(5 * time.Minute)
	g.stores("since the same moment", []said{at(began), {key: "fan", text: "fan slower"}}, "fan slower")
	again := g.now()
	g.pass(time.Minute)
	g.stores("since a later moment", []said{at(again), {key: "fan", text: "fan slower"}}, "disk full")
	g.pass(time.Minute)
	g.stores("since that moment", []said{at(again), fan}, "fan slow")

	ahead := g.now().Add(time.Hour) // by the sender's clock
	g.stores("since a moment to come", []said{at(ahead), fan}, "disk full")
	g.pass(time.Minute)
	g.stores("since the same moment to come", []said{at(ahead), {key: "fan", text: "fan fast"}}, "fan fast")

	g.g = alertgroups.New(g.d)
	g.pass(time.Minute)
	g.stores("since the same moment to come, to a server that has just started", []said{at(ahead), {key: "fan", text: "fan faster"}}, "fan faster")
	g.stores("since before its last message", []said{at(again), fan}, "fan slow")
	over := func(since time.Time) said { return said{key: "disk", text: "disk full", since: since, resolved: true} }
	g.stores("its end", []said{over(ahead), fan}, "disk full")
	g.stores("its end since a later moment", []said{over(ahead.Add(time.Hour)), {key: "fan", text: "fan fast"}}, "fan fast")
}

// TestTheLatestBeginningCounts: a message that names an earlier one, or none, changes nothing about it.
func TestTheLatestBeginningCounts(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	ahead := g.now().Add(time.Hour) // by the sender's clock
	fan := said{key: "fan", text: "fan slow"}
	g.stores("a first payload", []said{{key: "disk", text: "a", since: ahead}, fan}, "a", "fan slow")
	for text, since := range map[string]time.Time{"b": {}, "c": g.now()} {
		g.pass(time.Minute)
		g.stores("another text", []said{{key: "disk", text: text, since: since}, fan}, text)
		g.pass(time.Minute)
		g.stores("since the same moment to come", []said{{key: "disk", text: text, since: ahead}, {key: "fan", text: "fan " + text}}, "fan "+text)
		g.stores("the fan as it was", []said{fan, {key: "disk", text: text, since: ahead}}, "fan slow")
	}
}

// TestABeginningThatIsNone: a moment that no clock shows says nothing, and does not hide the next firing.
func TestABeginningThatIsNone(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	fan := said{key: "fan", text: "fan slow"}
	at := func(since time.Time) said { return said{key: "disk", text: "disk full", since: since} }
	never := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	g.stores("a first payload", []said{at(never), fan}, "disk full", "fan slow")
	g.pass(5 * time.Minute)
	g.stores("since the same moment", []said{at(never), {key: "fan", text: "fan slower"}}, "fan slower")
	again := g.now()
	g.pass(time.Minute)
	g.stores("since a moment that has come", []said{at(again), {key: "fan", text: "fan slower"}}, "disk full")
}

// TestDamageLosesNoAlert: what an alert said last cannot be compared when it is damaged, and what it says next is stored.
func TestDamageLosesNoAlert(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	g.stores("a first payload", []said{{key: "disk", text: "disk full"}}, "disk full")
	raw, err := sql.Open("sqlite", "file:"+g.d.Path()+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("update message set body = 'disk FULL'"); err != nil {
		t.Fatal(err)
	}
	g.pass(time.Minute)
	g.stores("after damage", []said{{key: "disk", text: "disk full"}}, "disk full")
}
