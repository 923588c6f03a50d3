// Package daemon is a running server: its sockets, TLS, systemd, reload, maintenance and shutdown.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"

	"notifer/db"
	"notifer/server"
	"notifer/server/config"
	"notifer/server/daemon/connections"
)

// Bounds of a request at the connection, against peers that send or read slowly (Slowloris).
const (
	readTimeout  = 30 * time.Second
	writeTimeout = 60 * time.Second
	idleTimeout  = 120 * time.Second
	stopTimeout  = 2500 * time.Millisecond
)

// Options say what a server runs with.
type Options struct {
	Config   *config.Config
	Env      config.Environment
	Version  string
	Stdout   io.Writer
	Stderr   io.Writer // takes the log
	Terminal bool      // a person reads Stderr

	Load     func() (*config.Config, error) // reads the configuration again on SIGHUP; nil leaves the signal to the caller
	Loopback bool                           // listen on the other loopback address too
	Ready    func(address string)           // called once the server has printed where it listens; may be nil

	Wrap func(http.Handler) http.Handler // stands before the server's handler, for a demo's sign-in link; may be nil
}

// service is a running server and all that it holds.
type service struct {
	o       Options
	c       *config.Config
	log     *slog.Logger
	level   *slog.LevelVar
	lock    *db.Lock
	d       *db.DB
	server  *server.Server
	sockets sockets
	https   []*http.Server

	certificates *certificates // nil without TLS
	places       *connections.Places
	workers      sync.WaitGroup
}

// Run runs a server until ctx ends.
func Run(ctx context.Context, o Options) error {
	reload, stopSignals := reloadSignals()
	defer stopSignals()
	log, level := newLogger(o.Config, o.Stderr, o.Terminal, o.Env)
	slog.SetDefault(log)
	limitMemory(log)
	s := &service{o: o, c: o.Config, log: log, level: level}
	if err := s.open(ctx); err != nil {
		return s.abandon(ExplainOpen(s.c, err))
	}
	if err := s.provision(ctx); err != nil {
		return s.abandon(ExplainDamage(s.c, err))
	}
	if err := s.announce(ctx); err != nil {
		return s.abandon(ExplainDamage(s.c, err))
	}
	s.warn()
	work, stop := context.WithCancel(context.Background())
	s.workers.Go(func() {
		(&maintenance{d: s.d, c: s.c, log: log, purged: s.server.Purged, notify: s.server.NotifyAdmins}).run(work)
	})
	s.workers.Go(func() { feedWatchdog(work, log, s.answers) })
	if o.Load != nil {
		s.workers.Go(func() { s.watchReload(work, reload) })
	}
	failed := s.listen()
	notifySystemd(log, systemd.SdNotifyReady)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	notifySystemd(log, systemd.SdNotifyStopping)
	stop()
	s.stop()
	return errors.Join(err, s.close())
}

func (s *service) open(ctx context.Context) (err error) {
	if s.lock, err = db.LockDir(s.c.DataDir); err != nil {
		return err
	}
	if s.d, err = s.lock.OpenStore(s.c.DataDir, db.Options{Log: s.log}); err != nil {
		return err
	}
	settings, err := ServerConfig(s.c, s.log, s.o.Version)
	if err != nil {
		return err
	}
	settings.Checks = serverChecks(s.c, s.d)
	if s.server, err = server.New(ctx, s.d, settings); err != nil {
		return err
	}
	if s.certificates, err = newCertificates(s.c); err != nil {
		return err
	}
	s.places = connections.NewPlaces(s.c)
	if s.sockets, err = openSockets(s.c); err == nil && s.o.Loopback {
		s.sockets.addLoopback()
	}
	return err
}

// provision makes what the configuration declares.
func (s *service) provision(ctx context.Context) error {
	return Provision(ctx, Store{s.c, s.d, s.server.Auth(), s.o.Env}, false, func(ch Change) {
		if ch.LeftOut {
			s.log.Warn("declared", "change", ch.Text)
		} else {
			s.log.Info("declared", "change", ch.Text)
		}
	})
}

// announce prints where the server listens, and the setup link while there is no admin.
func (s *service) announce(ctx context.Context) error {
	code, err := s.server.Auth().NewSetupCode(ctx)
	if err != nil && !errors.Is(err, db.ErrSetUp) {
		return err
	}
	for _, l := range s.sockets.main {
		fmt.Fprintf(s.o.Stdout, "notifer %s listens on %s\n", s.o.Version, s.address(l))
	}
	if err == nil {
		links := SetupLinks(s.c, s.sockets.pages(s.c).Addr().String(), code)
		for i, link := range links {
			fmt.Fprintf(s.o.Stdout, "%s: %s\n", [2]string{"Create the first admin within 15 minutes", "From another machine"}[min(i, 1)], link)
		}
		if len(links) == 1 && s.c.BaseURL == "" && strings.Contains(links[0], "//localhost:") && inContainer(os.DirFS("/")) {
			fmt.Fprintln(s.o.Stdout, "From another machine: the same, with the name of the machine that runs the container and the port that it publishes")
		}
	}
	if s.o.Ready != nil {
		s.o.Ready(s.address(s.sockets.main[0]))
	}
	return nil
}

func (s *service) address(l net.Listener) string {
	if l.Addr().Network() == "unix" {
		return "unix:" + l.Addr().String()
	}
	if tcp, ok := l.Addr().(*net.TCPAddr); ok && s.certificates != nil && tcp.Port != 80 {
		return "https://" + l.Addr().String()
	}
	return "http://" + l.Addr().String()
}

// listen serves on every socket; the channel yields the first failure.
func (s *service) listen() <-chan error {
	failed := make(chan error, len(s.sockets.main)+len(s.sockets.metrics))
	pages := allowMetrics(s.c, s.server)
	if s.o.Wrap != nil {
		pages = s.o.Wrap(pages)
	}
	for _, l := range s.sockets.main {
		l, h := s.secureListener(l, pages)
		s.serve(l, h, failed)
	}
	for _, l := range s.sockets.metrics {
		s.serve(l, metricsHandler(s.server), failed)
	}
	return failed
}

// secureListener bounds a socket's connections and puts TLS on it, where that is configured; port 80 beside TLS only answers
// challenges and sends pages over.
func (s *service) secureListener(l net.Listener, h http.Handler) (net.Listener, http.Handler) {
	tcp, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return l, h
	}
	l = s.places.Bound(l)
	switch {
	case s.certificates == nil:
		return l, h
	case s.c.OnlyRedirects(strconv.Itoa(tcp.Port)):
		return l, s.certificates.Plain()
	}
	return connections.TLS(l, s.certificates.Config()), h
}

// serve answers on one socket until it is closed.
func (s *service) serve(l net.Listener, handler http.Handler, failed chan<- error) {
	h := &http.Server{
		Handler: handler, ReadHeaderTimeout: connections.HeaderTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: connections.HeaderBytes, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		// Each stream of HTTP/2 is a request of its own, and what has arrived of its body and is not read yet is held for it.
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 50, MaxReceiveBufferPerConnection: 256 << 10, MaxReceiveBufferPerStream: 64 << 10},
	}
	s.https = append(s.https, h)
	s.workers.Go(func() {
		if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	})
}

// answers goes through what every request needs, so that the watchdog notices when one of them hangs. A store that
// refuses writes, or fails, is an answer too: a restart would not heal it.
func (s *service) answers() bool {
	s.server.Hub().Announced()
	_, err := s.d.LastID()
	return err == nil || s.d.Health() != nil
}

// stop accepts nothing more, answers what was accepted and ends the streams, within stopTimeout.
func (s *service) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var stopping sync.WaitGroup
	for _, h := range s.https {
		stopping.Go(func() {
			if err := h.Shutdown(ctx); err != nil {
				h.Close()
			}
		})
	}
	s.server.Close(ctx)
	stopping.Wait()
	s.workers.Wait()
}

// abandon ends a start that has failed. What already works with the store ends before the store, which it would otherwise report as closed.
func (s *service) abandon(err error) error {
	if s.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		s.server.Close(ctx)
	}
	return errors.Join(err, s.close())
}

func (s *service) close() error {
	var errs []error
	if s.d != nil {
		errs = append(errs, s.d.Close())
	}
	s.sockets.Close() // closed already after a run
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}
