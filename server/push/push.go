// Package push hands messages to browsers whose page is closed, through the push services of their makers (RFC 8030).
//
// A device is a reader of the log with its own place in it for each topic, kept in the store: nothing is queued a second time,
// and after a crash it goes on from there. Each device is served by at most one goroutine, which exists only while there is
// something for it; a push service that hangs holds up its own devices and nobody else.
package push

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"notifer/db"
)

// Options say where pushes go and what they link to.
type Options struct {
	Log   *slog.Logger
	Base  string   // the site's URL, empty while it is not configured
	Hosts []string // further push services
	Now   func() time.Time
}

const (
	perService  = 8 // deliveries at a time to one push service
	sendTimeout = 15 * time.Second
	batch       = 50 // messages that are read, and whose places are stored, together
)

// Pusher serves the devices. All methods may be called from any goroutine.
type Pusher struct {
	// immutable after New
	o      Options
	db     *db.DB
	signer *signer
	hosts  hosts
	client *http.Client
	ctx    context.Context
	stop   context.CancelFunc

	// guarded by mu
	mu        sync.Mutex
	followers map[int64][]string
	devices   map[string]*state
	gates     map[string]chan struct{} // by push service
	closed    bool
	running   sync.WaitGroup
}

// state is what is going on for a device.
type state struct {
	busy, again bool
	retry       *time.Timer
}

// New makes a Pusher; Start lets it begin and Close ends it.
func New(ctx context.Context, d *db.DB, o Options) (*Pusher, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	contact := o.Base
	if len(contact) < 8 || contact[:8] != "https://" {
		contact = "mailto:admin@localhost.localdomain"
	}
	s, err := newSigner(ctx, d, contact)
	if err != nil {
		return nil, err
	}
	h := newHosts(o.Hosts)
	p := &Pusher{o: o, db: d, signer: s, hosts: h, client: h.client(sendTimeout), followers: map[int64][]string{}, devices: map[string]*state{},
		gates: map[string]chan struct{}{}}
	p.ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	return p, nil
}

// Key is the server's public key, which a browser subscribes with.
func (p *Pusher) Key() string { return b64.EncodeToString(p.signer.public) }

// Check reports whether a subscription leads to a push service: ErrService if not.
func (p *Pusher) Check(endpoint string) error {
	_, err := p.hosts.check(endpoint)
	return err
}

// Start reads who follows what, and hands on what was stored before.
func (p *Pusher) Start() error { return p.Changed() }

// Changed reads again who follows what, after a device has changed.
func (p *Pusher) Changed() error {
	all, err := p.db.Followers(p.ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.followers = all
	for _, list := range all {
		for _, device := range list {
			p.ring(device)
		}
	}
	return nil
}

// Announce wakes the devices that follow the topics of stored messages. It never waits.
func (p *Pusher) Announce(msgs []*db.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.followers) == 0 {
		return
	}
	var last int64
	for _, m := range msgs {
		if m.TopicID == last {
			continue
		}
		last = m.TopicID
		for _, device := range p.followers[m.TopicID] {
			p.ring(device)
		}
	}
}

// ring is called with mu held.
func (p *Pusher) ring(device string) {
	s := p.devices[device]
	if s == nil {
		s = &state{}
		p.devices[device] = s
	}
	switch {
	case p.closed || s.retry != nil:
	case s.busy:
		s.again = true
	default:
		s.busy = true
		p.running.Go(func() { p.serve(device) })
	}
}

// serve hands a device what there is until there is nothing more, or it has to wait.
func (p *Pusher) serve(device string) {
	for {
		wait := p.deliver(device)
		p.mu.Lock()
		s := p.devices[device]
		if s.again && wait == 0 && !p.closed {
			s.again = false
			p.mu.Unlock()
			continue
		}
		s.busy, s.again = false, false
		if wait > 0 && !p.closed {
			s.retry = time.AfterFunc(wait, func() {
				p.mu.Lock()
				defer p.mu.Unlock()
				s.retry = nil
				p.ring(device)
			})
		} else if wait == 0 {
			delete(p.devices, device)
		}
		p.mu.Unlock()
		return
	}
}

// gate is what bounds the deliveries to one push service.
func (p *Pusher) gate(host string) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.gates[host]
	if g == nil {
		g = make(chan struct{}, perService)
		p.gates[host] = g
	}
	return g
}

// Close ends all deliveries; what is not handed on yet will be after the next start.
func (p *Pusher) Close() {
	p.mu.Lock()
	p.closed = true
	for _, s := range p.devices {
		if s.retry != nil {
			s.retry.Stop()
		}
	}
	p.mu.Unlock()
	p.stop()
	p.running.Wait()
	p.client.CloseIdleConnections()
}
