// Package doctor examines the way from the public address of a server to its store: `notifer doctor` prints what it finds
// beside the diagnosis of the machine, which is in package daemon.
package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/client"
	"notifer/server/daemon"
)

// prompt is how soon a message must arrive; longer means that something on the way collects it first.
const prompt = 3 * time.Second

// found is the result of one check.
func found(name, state, text string) daemon.Diagnosis {
	return daemon.Diagnosis{Name: name, State: state, Text: text}
}

// Server is the server whose public address is examined.
type Server struct {
	DB     *db.DB
	Auth   *auth.Auth
	Actor  string                // who makes the topic, for the activity log
	Await  func(context.Context) // waits until a running server has noticed a change of the store
	Reason func(error) error     // says why a request failed
}

// Outside sends a message to the public address and receives it there.
func (s *Server) Outside(ctx context.Context, public string) []daemon.Diagnosis {
	users, err := s.DB.Users(ctx)
	if err != nil {
		return []daemon.Diagnosis{found("way from outside", daemon.Bad, err.Error())}
	}
	if len(users) == 0 {
		return []daemon.Diagnosis{found("way from outside", daemon.Skipped, "there is no account yet")}
	}
	topic := db.NewTopic("doctor-"+strings.ToLower(rand.Text()[:12]), users[0])
	if err := s.DB.CreateTopic(&topic, s.Actor); err != nil {
		return []daemon.Diagnosis{found("way from outside", daemon.Bad, err.Error())}
	}
	defer s.DB.DeleteTopic(topic, s.Actor)
	token := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: "doctor", CreatedBy: users[0].ID, CanPublish: true, CanSubscribe: true}
	secret, err := s.Auth.IssueToken(ctx, &token)
	if err != nil {
		return []daemon.Diagnosis{found("way from outside", daemon.Bad, err.Error())}
	}
	s.Await(ctx)
	c, err := client.New(public)
	if err != nil {
		return []daemon.Diagnosis{found("way from outside", daemon.Bad, err.Error())}
	}
	w := &way{s: s, public: public, topic: topic, secret: secret, client: c.With(secret)}
	return w.examine(ctx)
}

// way is the path from the public address to this server.
type way struct {
	s              *Server
	public, secret string
	topic          db.Topic
	client         *client.Client
}

func (w *way) examine(ctx context.Context) []daemon.Diagnosis {
	if _, err := w.client.Health(ctx); err != nil {
		return []daemon.Diagnosis{found("public address", daemon.Bad, fmt.Sprintf("%s: %v", w.public, w.s.Reason(err)))}
	}
	list := []daemon.Diagnosis{found("public address", daemon.Fine, w.public+" answers")}
	sent, f := w.headers(ctx)
	list = append(list, f)
	if f.State != daemon.Fine {
		return list
	}
	return append(list, w.here(ctx, sent), w.events(ctx), w.socket(ctx))
}

// headers publishes with every field in a header, as curl does, and looks at what arrived.
func (w *way) headers(ctx context.Context) (api.Message, daemon.Diagnosis) {
	const name = "headers"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.client.URL("/"+w.topic.Name), strings.NewReader("doctor"))
	if err != nil {
		return api.Message{}, found(name, daemon.Bad, err.Error())
	}
	for field, value := range map[string]string{"X-Topic-Token": w.secret, "X-Title": "t", "X-Priority": "2", "X-Tags": "a"} {
		req.Header.Set(field, value)
	}
	sent, err := w.client.Send(req)
	var refused *client.Error
	switch {
	case errors.As(err, &refused) && refused.Status == http.StatusUnauthorized:
		return sent, found(name, daemon.Bad, "X-Topic-Token does not reach the server: the proxy must pass it (notifer init nginx)")
	case err != nil:
		return sent, found(name, daemon.Bad, err.Error())
	case sent.Title == nil || sent.Priority != 2 || len(sent.Tags) != 1:
		return sent, found(name, daemon.Bad, "X-Title, X-Priority or X-Tags do not reach the server")
	}
	return sent, found(name, daemon.Fine, "X-Topic-Token, X-Title, X-Priority and X-Tags pass")
}

// here says whether the public address leads to this server and not to another one.
func (w *way) here(ctx context.Context, sent api.Message) daemon.Diagnosis {
	list, err := w.s.DB.MessagesBetween(ctx, []int64{w.topic.ID}, 0, 1<<62, 10)
	for _, m := range list {
		if m.ID.String() == sent.ID {
			return found("same server", daemon.Fine, "the public address leads here")
		}
	}
	if err != nil {
		return found("same server", daemon.Bad, err.Error())
	}
	return found("same server", daemon.Bad, "the message went to another server")
}

// events receives by server-sent events what is published after the stream is open.
func (w *way) events(ctx context.Context) daemon.Diagnosis {
	ctx, cancel := context.WithTimeout(ctx, 2*prompt)
	defer cancel()
	began := time.Now()
	got := errors.New("received")
	sub := client.Subscription{Topics: []string{w.topic.Name}, Opened: func(string) {
		began = time.Now()
		go w.client.Publish(ctx, w.topic.Name, api.PublishRequest{Message: "doctor"})
	}}
	err := w.client.Subscribe(ctx, sub, func(api.Message) error { return got })
	return arrival("server-sent events", errors.Is(err, got), err, time.Since(began))
}

// socket does the same by WebSocket.
func (w *way) socket(ctx context.Context) daemon.Diagnosis {
	ctx, cancel := context.WithTimeout(ctx, 2*prompt)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, strings.Replace(w.client.URL("/"+w.topic.Name+"/ws"), "http", "ws", 1),
		&websocket.DialOptions{HTTPHeader: http.Header{"X-Topic-Token": {w.secret}}})
	if err != nil {
		return found("WebSocket", daemon.Bad, "the proxy does not pass the upgrade: "+err.Error())
	}
	defer conn.CloseNow()
	began := time.Now()
	go w.client.Publish(ctx, w.topic.Name, api.PublishRequest{Message: "doctor"})
	_, _, err = conn.Read(ctx)
	return arrival("WebSocket", err == nil, err, time.Since(began))
}

func arrival(name string, came bool, err error, took time.Duration) daemon.Diagnosis {
	switch {
	case !came:
		return found(name, daemon.Bad, fmt.Sprintf("nothing arrived within %s: is the answer buffered? %v", 2*prompt, err))
	case took > prompt:
		return found(name, daemon.Bad, fmt.Sprintf("a message took %s: the answer is buffered on the way", took.Round(time.Millisecond)))
	}
	return found(name, daemon.Fine, fmt.Sprintf("a message took %s", took.Round(time.Millisecond)))
}
