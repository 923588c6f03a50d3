// Package push hands messages to browsers whose page is closed, through the push services of their makers (RFC 8030).
//
// A device is a reader of the log with its own place in it for each topic, kept in the store: nothing is queued a second time,
// and after a crash it goes on from there. Each device is served by at most one goroutine, which exists only while there is
// something for it; a push service that hangs delays only its own devices.
package push

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"notifer/db"
)

// Options say where pushes go and what they link to.
type Options struct {
	Log     *slog.Logger
	Base    string                       // the site's URL, empty while it is not configured
	Contact string                       // whom push services may write to: an email or an https URL; empty: the site
	Hosts   []string                     // further push services
	Plain   func(markdown string) string // text that a notification shows of Markdown
	Now     func() time.Time             // the wall clock
}

const (
	perService  = 8 // deliveries at a time to one push service
	perHost     = 4 // of them to one host name below the service: one that does not answer leaves places to the others
	sendTimeout = 15 * time.Second
	endGrace    = 2 * time.Second // for a push under way when the server stops: cut off, it would be sent again after the next start
	batch       = 50              // messages that are read, and whose places are stored, together
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

	epoch atomic.Uint64 // grows with each change of what devices may be sent

	// guarded by mu
	mu        sync.Mutex
	followers map[int64][]string
	devices   map[string]*state
	gates     map[string]chan struct{}  // by push service, as hosts.check names it
	below     map[string]*hostGate      // by host name below a service, while a delivery to it is under way or waits
	owed      map[string][]func() error // by device: what could not be written, see note
	stale     bool                      // followers are to be read again
	reading   bool                      // a goroutine does
	closed    bool
	running   sync.WaitGroup
}

// state is what is going on for a device.
type state struct {
	busy, again bool
	renewed     bool // while busy: what it had to wait for may be over
	retry       *time.Timer
}

// New makes a Pusher; Start lets it begin and Close ends it.
func New(ctx context.Context, d *db.DB, o Options) (*Pusher, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Plain == nil {
		o.Plain = func(text string) string { return text }
	}
	s, err := newSigner(ctx, d)
	if err != nil {
		return nil, err
	}
	h := newHosts(o.Hosts)
	p := &Pusher{o: o, db: d, signer: s, hosts: h, client: h.client(sendTimeout, net.DefaultResolver), followers: map[int64][]string{}, devices: map[string]*state{},
		gates: map[string]chan struct{}{}, below: map[string]*hostGate{}, owed: map[string][]func() error{}}
	p.ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	return p, nil
}

// Key is the server's public key, which a browser subscribes with.
func (p *Pusher) Key() string { return b64.EncodeToString(p.signer.public) }

// Check reports whether a subscription leads to a push service: ErrService if not.
func (p *Pusher) Check(endpoint string) error {
	_, _, err := p.hosts.check(endpoint)
	return err
}

// RightsChanged has every delivery under way ask again what its device may be sent, before its next push. It never waits.
func (p *Pusher) RightsChanged() { p.epoch.Add(1) }

// RefreshFollowersSoon has it read again soon who follows what. It never waits, and many calls are one reading.
func (p *Pusher) RefreshFollowersSoon() {
	p.RightsChanged()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stale = true; p.reading || p.closed {
		return
	}
	p.reading = true
	p.running.Go(p.readAgain)
}

func (p *Pusher) readAgain() {
	for {
		p.mu.Lock()
		if !p.stale || p.closed {
			p.reading = false
			p.mu.Unlock()
			return
		}
		p.stale = false
		p.mu.Unlock()
		if err := p.RefreshFollowers(); err != nil && p.ctx.Err() == nil {
			p.o.Log.Error("read who follows what", "err", err)
		}
	}
}

// Start reads who follows what, and hands on what was stored before.
func (p *Pusher) Start() error { return p.RefreshFollowers() }

// RefreshFollowers reads again who follows what, after a device has changed. A device that waits may have another subscription now, so
// whether it has to is read again too.
func (p *Pusher) RefreshFollowers() error {
	p.RightsChanged()
	all, err := p.db.Followers(p.ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.followers = all
	for _, list := range all {
		for _, device := range list {
			p.stopWaiting(device)
			p.ring(device)
		}
	}
	return nil
}

// stopWaiting ends the pause of a device. The caller holds mu.
func (p *Pusher) stopWaiting(device string) {
	s := p.devices[device]
	if s == nil {
		return
	}
	s.renewed = s.busy
	if s.retry != nil {
		s.retry.Stop()
		s.retry = nil
	}
}

// Announce starts serving the devices that follow the topics of stored messages. It never waits.
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

// ring starts serving a device, unless it has to wait. The caller holds mu.
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

// serve sends a device what there is until there is nothing more, or it has to wait.
func (p *Pusher) serve(device string) {
	for {
		wait := p.recovered(device)
		p.mu.Lock()
		s := p.devices[device]
		if (s.again && wait == 0 || s.renewed) && !p.closed {
			s.again, s.renewed = false, false
			p.mu.Unlock()
			continue
		}
		s.busy, s.again = false, false
		if wait > 0 && !p.closed {
			var own *time.Timer
			own = time.AfterFunc(wait, func() {
				p.mu.Lock()
				defer p.mu.Unlock()
				if s.retry == own { // else it was stopped too late
					s.retry = nil
					p.ring(device)
				}
			})
			s.retry = own
		} else if wait == 0 {
			delete(p.devices, device)
		}
		p.mu.Unlock()
		return
	}
}

// recovered is deliver, with a pause after a panic: the server and the other devices go on.
func (p *Pusher) recovered(device string) (wait time.Duration) {
	defer func() {
		if fault := recover(); fault != nil {
			p.panicked(device, fault)
			wait = unwritten
		}
	}()
	return p.deliver(device)
}

func (p *Pusher) panicked(device string, fault any) {
	p.o.Log.Error("panic in a delivery", "device", device, "panic", fault, "stack", string(debug.Stack()))
}

// open reports whether further deliveries may begin.
func (p *Pusher) open() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.closed
}

// hostGate bounds the deliveries to one host name, as long as there are any.
type hostGate struct {
	places chan struct{}
	users  int // guarded by Pusher.mu
}

// enter waits for a place among the deliveries to a host and to its service. The caller leaves it.
func (p *Pusher) enter(ctx context.Context, host, service string) (leave func(), err error) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if strings.Contains(service, "://") {
		host = service // one origin, beside which there may be others of the host
	}
	below := p.hostGate(host, service)
	gates := []chan struct{}{below.places, p.gate(service)}
	for i, gate := range gates {
		select {
		case gate <- struct{}{}:
		case <-ctx.Done():
			if i > 0 {
				<-below.places
			}
			p.dropHostGate(host, below)
			return nil, ctx.Err()
		}
	}
	return func() {
		<-gates[1]
		<-gates[0]
		p.dropHostGate(host, below)
	}, nil
}

// hostGate returns the bound of a host name. That of a service's own or only name is the service's.
func (p *Pusher) hostGate(host, service string) *hostGate {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.below[host]
	if g == nil {
		g = &hostGate{places: make(chan struct{}, perHost)}
		if host == service || onlyHosts[host] {
			g.places = make(chan struct{}, perService)
		}
		p.below[host] = g
	}
	g.users++
	return g
}

func (p *Pusher) dropHostGate(host string, g *hostGate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g.users--; g.users == 0 {
		delete(p.below, host)
	}
}

// gate returns what bounds the deliveries to one push service.
func (p *Pusher) gate(service string) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.gates[service]
	if g == nil {
		g = make(chan struct{}, perService)
		p.gates[service] = g
	}
	return g
}

// Close begins no further push, lets those under way end, and cuts off those that do not. The rest is sent after the next start.
func (p *Pusher) Close() {
	p.mu.Lock()
	p.closed = true
	for _, s := range p.devices {
		if s.retry != nil {
			s.retry.Stop()
		}
	}
	p.mu.Unlock()
	p.RightsChanged()
	late := time.AfterFunc(endGrace, p.stop)
	p.running.Wait()
	late.Stop()
	p.stop()
	p.client.CloseIdleConnections()
}
