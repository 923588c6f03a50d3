// Package server joins the parts of a running server: it holds the route tables and chooses a handler by them, hands what the store has
// committed to the streams and the pusher, and answers /healthz, /readyz and /metrics. The other handlers are those of wire, rest and pages.
package server

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/hub"
	"notifer/server/manage"
	"notifer/server/notices"
	"notifer/server/pages"
	"notifer/server/pages/frame"
	"notifer/server/pages/keys"
	"notifer/server/pages/security"
	"notifer/server/pages/tokens"
	"notifer/server/push"
	"notifer/server/request"
	"notifer/server/rest"
	"notifer/server/stream"
	"notifer/server/wire"
	"notifer/web/markdown"
)

// Config says how a server behaves. Every field is used as it is: the defaults are those of package config.
type Config struct {
	Log            *slog.Logger
	BaseURL        *url.URL // the public address, nil when it is not configured
	TrustedProxies []netip.Prefix
	Version        string

	MessageBytes       int   // bytes of the largest message text
	BodyBytes          int   // bytes of the largest body of a publish
	AnonymousPerMinute int   // anonymous publishes per minute and address
	AnonymousBytes     int64 // bytes published per day and address without a credential; 0: any number
	TokenBytes         int64 // bytes published per day and token; 0: any number
	MaxTopics          int   // of an account; 0: any number
	Changes            int   // per day and account or token; 0: any number
	AnonymousReads     int   // pages per second and address without a credential; 0: any number
	InFlight           int   // bytes of unfinished requests, and again of unread answers
	Registration       bool  // anybody may register
	Streams            int   // open streams in total
	StreamsPerAddress  int
	StreamsPerKey      int           // per credential
	Heartbeat          time.Duration // between heartbeats
	WriteTimeout       time.Duration // a stalled subscriber is dropped after this long
	ReauthAfter        time.Duration // age of a sign-in at which sensitive pages ask for the password
	DefaultExpiry      time.Duration // of new tokens when the request names none; 0 is never
	MaxExpiry          time.Duration // 0 is no bound
	KeepEnded          time.Duration // ended tokens are listed for this long
	NoticeInterval     time.Duration // between checks for what owners of tokens should know
	Retention          time.Duration // messages are kept for, where a topic has no rule of its own; 0 is for ever
	Push               bool          // requests go out to push services
	PushHosts          []string      // further push services
	PushContact        string        // an email or an https URL; empty: the site
	Auth               auth.Options
	Checks             func() []Check // further lines for the page of the server; may be nil
}

// Check is a line on the page of the server: what was checked, whether it is "ok", "warn", "bad" or "skipped", and what was
// found.
type Check struct{ Name, State, Text string }

func (c *Config) limits() request.Limits {
	return request.Limits{MessageBytes: c.MessageBytes, BodyBytes: c.BodyBytes, AnonymousPerMinute: c.AnonymousPerMinute, Streams: c.Streams,
		StreamsPerAddress: c.StreamsPerAddress, StreamsPerKey: c.StreamsPerKey, AnonymousBytes: c.AnonymousBytes, TokenBytes: c.TokenBytes,
		AnonymousReads: c.AnonymousReads, InFlight: c.InFlight, Changes: c.Changes}
}

// Server answers HTTP over a store. All methods may be called from any goroutine.
type Server struct {
	// immutable after New
	c             Config
	site          *request.Site
	manage        *manage.Manager
	rest          *rest.API
	log           *slog.Logger
	d             *db.DB
	auth          *auth.Auth
	hub           *hub.Hub
	streams       *stream.Streams
	wire          *wire.Wire
	app           *http.ServeMux
	topic         *http.ServeMux
	routed        map[string]bool // first segments that never lead to a topic
	notices       *notices.Notices
	pages         *pages.Pages
	tokenPages    *tokens.Tokens
	securityPages *security.Pages
	keyPages      *keys.Keys
	push          *push.Pusher // nil when it is off
	began         time.Time
	meters        *meters

	background context.Context // ends with the server
	stop       context.CancelFunc
	closing    context.Context // ends when the server begins to stop
	beginClose context.CancelFunc

	events []hub.Event // owned by announce

	stopping atomic.Bool
	workers  sync.WaitGroup
}

// New makes a server over an open store, which stays the caller's to close, after Close.
func New(ctx context.Context, d *db.DB, c Config) (*Server, error) {
	a, err := auth.New(ctx, d, c.Auth)
	if err != nil {
		return nil, err
	}
	last, err := d.LastID()
	if err != nil {
		return nil, err
	}
	s := &Server{c: c, log: c.Log, d: d, auth: a, began: d.Now()}
	s.background, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.closing, s.beginClose = context.WithCancel(s.background)
	if err := s.startPush(ctx); err != nil {
		s.stop()
		return nil, err
	}
	s.hub = hub.New(hub.Options{History: s.history, Last: int64(last), Beat: c.Heartbeat, Now: a.Now,
		Panicked: s.panicked}) // after all that may fail: only Close ends its goroutines
	d.Notify(s.rightsChanged, s.announce)
	s.rightsChanged([]db.Change{{Foreign: true}}) // for what has changed since a was made
	s.meters = newMeters(s)
	s.notices = notices.New(d, c.Log, c.NoticeInterval)
	s.site = request.NewSite(d, a, request.Options{Log: c.Log, BaseURL: c.BaseURL, TrustedProxies: c.TrustedProxies,
		ReauthAfter: c.ReauthAfter, Limits: c.limits()})
	s.manage = manage.New(d, a, c.Rules())
	s.rest = rest.New(s.site, s.manage, s.hub, c.Registration)
	f := frame.New(s.closing, s.site, s.manage, s.pageSettings())
	s.pages, s.tokenPages = pages.New(f, s.hub, s.pageHooks()), tokens.New(f, eventHeaders)
	s.keyPages, s.securityPages = keys.New(f), security.New(f)
	s.site.ErrorPage, s.site.ExpiredTokenUsed, s.site.Count = s.pages.ErrorPage, s.notices.ExpiredTokenUsed, s.meters.refuse
	s.streams = stream.New(s.background, s.site, s.hub, stream.Options{WriteTimeout: c.WriteTimeout, Heartbeat: c.Heartbeat, Panicked: s.panicked})
	s.wire = wire.New(s.site, s.manage, s.hub, s.streams, wire.Options{Published: s.meters.publish})
	s.route()
	s.workers.Go(func() { s.notices.Run(s.background) })
	return s, nil
}

// Rules are the settings that decide what may be made and changed, for the server and for commands beside it.
func (c *Config) Rules() manage.Rules {
	base := cmp.Or(c.BaseURL, &url.URL{})
	return manage.Rules{DefaultExpiry: c.DefaultExpiry, MaxExpiry: c.MaxExpiry, KeepEnded: c.KeepEnded, MaxTopics: c.MaxTopics,
		Reserved: reserved(base.Path), Host: base.Hostname()}
}

func (s *Server) panicked(p any) {
	s.log.Error("panic in a stream", "panic", p, "stack", string(debug.Stack()))
}

// rightsChanged forgets the cached records that changes concern, and holds the streams that depend on them until their rights have been
// decided again (hub.HoldDependents). A change is what a write notes of itself with Tx.changed, such as the token in db.RevokeToken; that
// of an API key names its owner's account, so all streams of the account are asked. The store calls this after its commit and before its caller gets an answer, on the committing goroutine, so it reads nothing from the store.
// The next request with the token misses the cache, reads its record, and is refused. What another process wrote, such as
// "notifer token revoke", the store notices within 250 ms (db/poll.go), or at its own next commit, and reports as Foreign; until then the
// cached rights count, for a publish too.
func (s *Server) rightsChanged(changes []db.Change) {
	s.auth.Invalidate(changes)
	var depends []string
	if s.push != nil {
		s.push.RightsChanged()
		if slices.ContainsFunc(changes, func(c db.Change) bool { return c.Foreign || c.Keys }) {
			s.push.RefreshFollowersSoon()
		}
	}
	for _, c := range changes {
		if c.Foreign {
			s.hub.HoldAll()
			return
		}
		if c.User != "" {
			depends = append(depends, c.User)
		}
		if c.Topic != 0 {
			depends = append(depends, stream.TopicKey(c.Topic))
		}
		if c.Token != "" {
			depends = append(depends, c.Token)
		}
	}
	s.hub.HoldDependents(depends...)
}

// announce hands stored messages to the hub, in the order of their ids: Hub.Publish appends each to the buffers of its topic, encoded once
// for each encoding, and wakes the workers, which call Sub.notify. The store calls it after their commit and before their
// publishers get an answer, from one goroutine at a time.
func (s *Server) announce(msgs []*db.Message) {
	s.events = s.events[:0]
	for _, m := range msgs {
		s.events = append(s.events, hub.Event{ID: int64(m.ID), Topic: m.TopicID, Data: m})
	}
	s.hub.Publish(s.events)
	clear(s.events)
	if s.push != nil {
		s.push.Announce(msgs)
	}
}

// startPush makes the pusher, which goes on with what was stored before.
func (s *Server) startPush(ctx context.Context) error {
	if !s.c.Push {
		return nil
	}
	base := ""
	if s.c.BaseURL != nil {
		base = s.c.BaseURL.String()
	}
	var err error
	if s.push, err = push.New(ctx, s.d, push.Options{Log: s.log, Base: base, Contact: s.c.PushContact, Hosts: s.c.PushHosts,
		Plain: markdown.Text, Now: s.d.Now}); err != nil {
		return err
	}
	return s.push.Start()
}

// Purged keeps what retention has deleted, of a topic's messages up to an id, from being sent or shown from memory.
func (s *Server) Purged(topic int64, upTo db.ID) {
	s.hub.Trim(topic, int64(upTo))
	s.site.Payloads.Forget(topic, 0, int64(upTo))
}

// NotifyAdmins writes to the inbox of every admin.
func (s *Server) NotifyAdmins(ctx context.Context, title, text string, priority int) error {
	return s.notices.Admins(ctx, title, text, priority)
}

// history is the hub's view of the log.
func (s *Server) history(ctx context.Context, topics []int64, after, upTo int64, limit int, each func(hub.Event) bool) error {
	return s.d.MessagesBetween(ctx, topics, db.ID(after), db.ID(upTo), limit, func(list []db.Message) error {
		err := s.d.NameTopics(ctx, list)
		if err == nil {
			err = s.d.NameSenders(ctx, list)
		}
		for i := 0; err == nil && i < len(list); i++ {
			m := &list[i]
			if !each(hub.Event{ID: int64(m.ID), Topic: m.TopicID, Data: m}) {
				break
			}
		}
		return err
	})
}

// Close ends all streams within the context and tells their peers why. From then on /readyz answers 503.
func (s *Server) Close(ctx context.Context) {
	s.stopping.Store(true)
	s.beginClose()
	s.streams.Close(ctx, hub.Shutdown)
	if s.push != nil {
		s.push.Close()
	}
	s.stop()
	s.workers.Wait()
}

// Hub is the fan-out, for tests and the watchdog.
func (s *Server) Hub() *hub.Hub { return s.hub }

// Auth is the authority, for commands that run in the server's process.
func (s *Server) Auth() *auth.Auth { return s.auth }
