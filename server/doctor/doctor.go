// Package doctor examines the path from the public URL of a server to its store. `notifer doctor` prints the result, together with the
// diagnosis of the machine, which is in package daemon.
package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/client"
	"notifer/server/daemon"
	"notifer/server/manage"
)

// deliveryLimit is how soon a message must arrive; a later one was buffered on the way.
const deliveryLimit = 3 * time.Second

// result is the result of one check.
func result(name, state, text string) daemon.Diagnosis {
	return daemon.Diagnosis{Name: name, State: state, Text: text}
}

// Server is the server whose public URL is examined.
type Server struct {
	DB     *db.DB
	Manage *manage.Manager
	By     func(db.User) manage.Actor // who acts for an account
	Await  func(context.Context)      // waits until a running server has noticed a change in the store
	Reason func(error) error          // says why a request failed
}

// tokenLifetime bounds how long the tokens of an interrupted examination work.
const tokenLifetime = 10 * time.Minute

// Outside publishes to a temporary topic through the public URL and receives the messages there. It deletes the topic afterwards. It takes
// about a second, or a few more when a check fails.
func (s *Server) Outside(ctx context.Context, public string) []daemon.Diagnosis {
	users, err := s.DB.Users(ctx)
	if err != nil {
		return []daemon.Diagnosis{result("public URL", daemon.Bad, err.Error())}
	}
	// The tokens of a disabled account are refused, which would look like a fault of the proxy.
	i := slices.IndexFunc(users, func(u db.User) bool { return !u.Disabled })
	if i < 0 {
		return []daemon.Diagnosis{result("public URL", daemon.Skipped, "there is no enabled account yet")}
	}
	actor := s.By(users[i])
	topic, err := s.Manage.CreateTopic(actor, "doctor-"+strings.ToLower(rand.Text()[:12]), manage.TopicValues{})
	if err != nil {
		return []daemon.Diagnosis{result("public URL", daemon.Bad, err.Error())}
	}
	defer s.Manage.DeleteTopic(actor, topic)
	p, err := s.prepare(ctx, public, actor, topic)
	if err != nil {
		return []daemon.Diagnosis{result("public URL", daemon.Bad, err.Error())}
	}
	return p.run(ctx)
}

// prepare creates the tokens of an examination and waits until the server knows them.
func (s *Server) prepare(ctx context.Context, public string, actor manage.Actor, topic db.Topic) (*probe, error) {
	c, err := client.New(public)
	if err != nil {
		return nil, err
	}
	p := &probe{s: s, public: public, topic: topic, ownAddress: ownAddress(ctx, public)}
	name, ends := "doctor", s.DB.Now().Add(tokenLifetime)
	_, p.secret, err = s.Manage.CreateToken(ctx, actor, &topic, manage.TokenValues{Name: &name, Expires: &ends,
		Permissions: []string{manage.Publish, manage.Subscribe}})
	if err == nil && p.ownAddress.IsValid() {
		name := "doctor, this address only"
		_, p.boundSecret, err = s.Manage.CreateToken(ctx, actor, &topic, manage.TokenValues{Name: &name, Expires: &ends,
			Permissions: []string{manage.Publish}, Networks: &[]string{p.ownAddress.String()}})
	}
	if err != nil {
		return nil, err
	}
	p.client = c.With(p.secret)
	s.Await(ctx)
	return p, nil
}

// probe examines the path from the public URL to this server.
type probe struct {
	s           *Server
	public      string
	topic       db.Topic
	client      *client.Client
	secret      string
	ownAddress  netip.Addr // of this machine as the server should see it; the zero Addr when it is not known
	boundSecret string     // of a token that works only from ownAddress
}

func (p *probe) run(ctx context.Context) []daemon.Diagnosis {
	if _, err := p.client.Health(ctx); err != nil {
		return []daemon.Diagnosis{result("public URL", daemon.Bad, p.unreachable(err))}
	}
	list := []daemon.Diagnosis{result("public URL", daemon.Fine, p.public+" answers")}
	sent, f := p.headers(ctx)
	list = append(list, f)
	if f.State != daemon.Fine {
		return list
	}
	return append(list, p.sameServer(ctx, sent), p.clientAddress(ctx), p.sse(ctx), p.webSocket(ctx))
}

// unreachable says why nothing answers at the URL.
func (p *probe) unreachable(err error) string {
	reason := p.s.Reason(err).Error()
	if strings.Contains(reason, p.public) {
		return reason
	}
	return p.public + ": " + reason
}

// headers publishes with every field in a header, as curl does, and compares what arrived.
func (p *probe) headers(ctx context.Context) (api.Message, daemon.Diagnosis) {
	const name = "headers"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.client.URL("/"+p.topic.Name), strings.NewReader("doctor"))
	if err != nil {
		return api.Message{}, result(name, daemon.Bad, err.Error())
	}
	for field, value := range map[string]string{"X-Topic-Token": p.secret, "X-Title": "t", "X-Priority": "2", "X-Tags": "a"} {
		req.Header.Set(field, value)
	}
	sent, err := p.client.Send(req)
	var refused *client.Error
	switch {
	case errors.As(err, &refused) && refused.Status == http.StatusUnauthorized:
		return sent, result(name, daemon.Bad, "X-Topic-Token does not reach the server: the proxy must pass it (`notifer init nginx`)")
	case err != nil:
		return sent, result(name, daemon.Bad, err.Error())
	case sent.Title == nil || sent.Priority != 2 || len(sent.Tags) != 1:
		return sent, result(name, daemon.Bad, "X-Title, X-Priority or X-Tags do not reach the server")
	}
	return sent, result(name, daemon.Fine, "X-Topic-Token, X-Title, X-Priority and X-Tags pass")
}

// sameServer looks for the message in this server's store: the public URL may lead to another server.
func (p *probe) sameServer(ctx context.Context, sent api.Message) daemon.Diagnosis {
	list, err := p.s.DB.MessagesAfter(ctx, p.topic.ID, 0, 10)
	for _, m := range list {
		if m.ID.String() == sent.ID {
			return result("same server", daemon.Fine, "the public URL leads to this server")
		}
	}
	if err != nil {
		return result("same server", daemon.Bad, err.Error())
	}
	return result("same server", daemon.Bad, "the message went to another server")
}

// sse publishes after a stream has opened, and receives the message by server-sent events.
func (p *probe) sse(ctx context.Context) daemon.Diagnosis {
	ctx, cancel := context.WithTimeout(ctx, 2*deliveryLimit)
	defer cancel()
	began := time.Now()
	got := errors.New("received")
	sub := client.Subscription{Topics: []string{p.topic.Name}, Opened: func(string) {
		began = time.Now()
		go p.client.Publish(ctx, p.topic.Name, api.PublishRequest{Message: "doctor"})
	}}
	err := p.client.Subscribe(ctx, sub, func(api.Message) error { return got })
	return delivery("server-sent events", errors.Is(err, got), err, time.Since(began))
}

// webSocket does the same over WebSocket.
func (p *probe) webSocket(ctx context.Context) daemon.Diagnosis {
	ctx, cancel := context.WithTimeout(ctx, 2*deliveryLimit)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, strings.Replace(p.client.URL("/"+p.topic.Name+"/ws"), "http", "ws", 1),
		&websocket.DialOptions{HTTPClient: p.client.HTTP(), HTTPHeader: http.Header{"X-Topic-Token": {p.secret}}})
	if err != nil {
		return result("WebSocket", daemon.Bad, "the proxy does not pass the upgrade: "+err.Error())
	}
	defer conn.CloseNow()
	began := time.Now()
	go p.client.Publish(ctx, p.topic.Name, api.PublishRequest{Message: "doctor"})
	_, _, err = conn.Read(ctx)
	return delivery("WebSocket", err == nil, err, time.Since(began))
}

func delivery(name string, came bool, err error, took time.Duration) daemon.Diagnosis {
	switch {
	case !came:
		return result(name, daemon.Bad, fmt.Sprintf("nothing arrived within %s: is the response buffered? %v", 2*deliveryLimit, err))
	case took > deliveryLimit:
		return result(name, daemon.Bad, fmt.Sprintf("a message took %s: a proxy buffers the response", took.Round(time.Millisecond)))
	}
	return result(name, daemon.Fine, fmt.Sprintf("a message took %s", took.Round(time.Millisecond)))
}
