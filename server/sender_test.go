package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/test/run"
)

// key makes an API key of the account.
func (h *home) key(name string, scopes ...string) string {
	h.t.Helper()
	var out api.Key
	h.call("POST", "/api/keys", h.jwt, api.KeyRequest{Name: name, Scopes: scopes}, 201, &out)
	return out.Key
}

// doors are the ways to read a topic; each returns the first n messages of all.
var doors = map[string]func(h *home, topic, bearer string, n int) []api.Message{
	"history": func(h *home, topic, bearer string, _ int) (list []api.Message) {
		h.call("GET", "/"+topic+"/json?since=all", bearer, nil, 200, &list)
		return list
	},
	"search": func(h *home, topic, bearer string, _ int) []api.Message {
		var found api.Found
		h.call("GET", "/api/topics/"+topic+"/messages?since=all", bearer, nil, 200, &found)
		return found.Messages
	},
	"events": func(h *home, topic, bearer string, n int) []api.Message {
		return h.events("/"+topic+"/sse?since=all", bearer, n)
	},
	"WebSocket": func(h *home, topic, bearer string, n int) (list []api.Message) {
		ctx, cancel := context.WithTimeout(h.t.Context(), run.Patience)
		defer cancel()
		c, _, err := websocket.Dial(ctx, h.url+"/"+topic+"/ws?since=all", &websocket.DialOptions{HTTPHeader: bearerHeader(bearer)})
		if err != nil {
			h.t.Fatal(err)
		}
		defer c.CloseNow()
		for range n {
			_, text, err := c.Read(ctx)
			var m api.Message
			if err == nil {
				err = json.Unmarshal(text, &m)
			}
			if err != nil {
				h.t.Fatal(err)
			}
			list = append(list, m)
		}
		return list
	},
}

func bearerHeader(bearer string) http.Header {
	if bearer == "" {
		return http.Header{}
	}
	return http.Header{"Authorization": {"Bearer " + bearer}}
}

// events reads the first n messages of a stream.
func (h *home) events(path, bearer string, n int) (list []api.Message) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), run.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", h.url+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header = bearerHeader(bearer)
	res, err := streaming.Do(req)
	if err != nil || res.StatusCode != 200 {
		h.t.Fatalf("%s: %v %v", path, res, err)
	}
	defer res.Body.Close()
	in := bufio.NewScanner(res.Body)
	for len(list) < n && in.Scan() {
		if data, ok := strings.CutPrefix(in.Text(), "data: "); ok {
			var m api.Message
			if err := json.Unmarshal([]byte(data), &m); err != nil {
				h.t.Fatal(err)
			}
			list = append(list, m)
		}
	}
	if len(list) < n {
		h.t.Fatalf("%s ended after %d of %d messages: %v", path, len(list), n, in.Err())
	}
	return list
}

// shownSenders are the senders of messages; "-" stands for none.
func shownSenders(list []api.Message) []string {
	out := make([]string, len(list))
	for i, m := range list {
		if out[i] = "-"; m.Sender != nil {
			out[i] = m.Sender.Kind + " " + m.Sender.Name
		}
	}
	return out
}

// TestOnlyManagersSeeSenders reads topics through every door with every kind of credential.
func TestOnlyManagersSeeSenders(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	h.topic("open", db.Public)
	ci := h.token("ops-east", "CI Pipeline", "publish").Token
	all, reader := h.key("Laptop", "*"), h.key("reader", "subscribe")
	manager := h.key("manager", "subscribe", "topics:write")
	h.call("POST", "/ops-east", ci, "built", 200, nil)
	h.call("POST", "/ops-east", all, "by hand", 200, nil)
	h.call("POST", "/ops-east", h.jwt, "signed in", 200, nil)
	h.call("POST", "/open", all, "by hand", 200, nil)
	h.call("POST", "/open", "", "by anybody", 200, nil)
	other, admin := h.user("tom").AccessToken, h.admin("eve").AccessToken
	seen := map[string][]string{
		"ops-east": {"token CI Pipeline", "key Laptop", "account ann"},
		"open":     {"key Laptop", "-"},
	}
	for _, reader := range []struct {
		name, topic, bearer string
		manages             bool
	}{
		{"the owner", "ops-east", h.jwt, true},
		{"another admin", "ops-east", admin, true},
		{"a key of all scopes", "ops-east", all, true},
		{"a key that may change topics", "ops-east", manager, true},
		{"a key that may subscribe", "ops-east", reader, false},
		{"a token", "ops-east", h.token("ops-east", "display", "subscribe").Token, false},
		{"a token for both", "ops-east", h.token("ops-east", "both", "publish", "subscribe").Token, false},
		{"the owner of an open topic", "open", h.jwt, true},
		{"another account", "open", other, false},
		{"a stranger", "open", "", false},
	} {
		want := slices.Clone(seen[reader.topic])
		if !reader.manages {
			for i := range want {
				want[i] = "-"
			}
		}
		for door, read := range doors {
			if got := shownSenders(read(h, reader.topic, reader.bearer, len(want))); !slices.Equal(got, want) {
				t.Errorf("%s sees by %s: %q, want %q", reader.name, door, got, want)
			}
		}
		status := 403
		if reader.manages {
			status = 200
		}
		for _, path := range []string{"/" + reader.topic + "/json?sender=Laptop", "/api/topics/" + reader.topic + "/messages?sender=laptop"} {
			h.call("GET", path, reader.bearer, nil, status, nil)
		}
	}
	h.call("GET", "/api/messages?sender=Laptop", reader, nil, 403, nil)
	var found api.Found
	h.call("GET", "/api/messages?sender=laptop", all, nil, 200, &found)
	if got, want := shownSenders(found.Messages), []string{"key Laptop", "key Laptop"}; !slices.Equal(got, want) {
		t.Errorf("a search for a sender in all topics = %q, want %q", got, want)
	}
}

// TestAnswersOfPublishersNameTheSenderToManagers: who publishes with a token learns no more than before; the owner sees what will be shown.
func TestAnswersOfPublishersNameTheSenderToManagers(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	var m api.Message
	h.call("POST", "/ops-east", h.token("ops-east", "CI", "publish", "subscribe").Token, "built", 200, &m)
	if m.Sender != nil {
		t.Errorf("a token is told of the sender %v", m.Sender)
	}
	h.call("POST", "/ops-east", h.jwt, "signed in", 200, &m)
	if m.Sender == nil || m.Sender.Name != "ann" {
		t.Errorf("the owner is told of the sender %v, want ann", m.Sender)
	}
	text := "edited"
	m.Sender = nil
	h.call("PATCH", "/api/ops-east/messages/"+m.ID, h.jwt, api.MessageEdit{Message: &text}, 200, &m)
	if m.Sender == nil || m.Sender.Name != "ann" {
		t.Errorf("an edited message has the sender %v, want ann", m.Sender)
	}
}

// TestStreamOfManagedAndOtherTopics: one stream of several topics shows senders in those that its reader manages.
func TestStreamOfManagedAndOtherTopics(t *testing.T) {
	h := newHome(t, server.Config{})
	tom := h.user("tom").AccessToken
	h.topic("open", db.Public)
	name, access := "toms", db.Private
	h.call("POST", "/api/topics", tom, api.TopicRequest{Name: &name, AccessLevel: &access}, 201, nil)
	h.call("POST", "/open", h.jwt, "old", 200, nil)
	h.call("POST", "/toms", tom, "old", 200, nil)
	live := make(chan []api.Message, 1)
	go func() { live <- h.events("/sse?topics=open,toms&since=all", tom, 4) }()
	eventually(t, "the stream is open", func() bool { return h.s.Hub().Open() > 0 })
	h.call("POST", "/open", h.jwt, "live", 200, nil)
	h.call("POST", "/toms", tom, "live", 200, nil)
	if got, want := shownSenders(<-live), []string{"-", "account tom", "-", "account tom"}; !slices.Equal(got, want) {
		t.Errorf("senders = %q, want %q", got, want)
	}
}

// TestStreamOfAnAdminWhoIsNoneAnyMore: who may go on reading but no longer manage has to open the stream anew.
func TestStreamOfAnAdminWhoIsNoneAnyMore(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("open", db.Public)
	eve := h.admin("eve")
	h.call("POST", "/open", h.jwt, "one", 200, nil)
	read := make(chan struct{})
	go func() {
		defer close(read)
		req, err := http.NewRequest("GET", h.url+"/open/sse?since=all", nil)
		if err != nil {
			return
		}
		req.Header = bearerHeader(eve.AccessToken)
		if res, err := streaming.Do(req); err == nil {
			in := bufio.NewScanner(res.Body)
			for in.Scan() {
				if strings.Contains(in.Text(), "two") {
					t.Error("a message after the change came with its sender: " + in.Text())
				}
			}
			res.Body.Close()
		}
	}()
	eventually(t, "the stream is open", func() bool { return h.s.Hub().Open() > 0 })
	no := false
	h.call("PATCH", "/api/users/"+eve.User.ID, h.jwt, map[string]any{"is_admin": no}, 200, nil)
	h.call("POST", "/open", h.jwt, "two", 200, nil)
	select {
	case <-read:
	case <-time.After(run.Patience):
		t.Fatal("the stream goes on")
	}
	if got := shownSenders(h.events("/open/sse?since=all", eve.AccessToken, 2)); !slices.Equal(got, []string{"-", "-"}) {
		t.Errorf("the new stream shows %q", got)
	}
}

// TestPinnedTopics stand first in the list of who pinned them, and nobody pins what they may not read.
func TestPinnedTopics(t *testing.T) {
	s := newSite(t).signIn("maria")
	for _, name := range []string{"first", "second", "third"} {
		s.post("/topics", "name", name, "access", "private").want(200)
	}
	s.post("/topics/pin", "topic", "third", "on", "1").want(200)
	if got := s.get("/").want(200).ByID("rows").First("h2").Text(); !strings.Contains(got, "third") {
		t.Errorf("the list begins with %q, want the pinned topic", got)
	}
	s.post("/topics/pin", "topic", "third", "on", "0").want(200)
	if got := s.get("/").want(200).ByID("rows").First("h2").Text(); strings.Contains(got, "third") {
		t.Errorf("the list begins with %q after it was unpinned", got)
	}
	tom := s.stranger().signIn("tom")
	tom.post("/topics/pin", "topic", "second", "on", "1").want(422)
	tom.post("/topics/pin", "topic", "none", "on", "1").want(422)
}

// TestPagesShowSendersToManagers reads a topic's page as its owner and as another account, with and without the filter.
func TestPagesShowSendersToManagers(t *testing.T) {
	s := newSite(t).signIn("maria")
	s.post("/topics", "name", "open", "access", "public").want(200)
	s.post("/topic/open/messages", "message", "by hand", "priority", "3").want(200)
	s.get("/topic/open").says("Show messages from")
	s.get("/topic/open?sender=maria").says("by hand").says("1 message")
	s.get("/topic/open?sender=nobody").says("No matches")
	s.get("/inbox?sender=MARIA").says("by hand")
	tom := s.stranger().signIn("tom")
	tom.get("/topic/open").says("by hand").hides("Show messages from")
	tom.get("/topic/open?sender=nobody").says("by hand").hides("Sender")
}
