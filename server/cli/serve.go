package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server"
	"notifer/server/auth"
)

// Bounds of a request at the connection, against peers that send or read slowly (Slowloris).
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 120 * time.Second
	headerBytes   = 16 << 10
	stopTimeout   = 2500 * time.Millisecond
)

func serveCommand(app *App) *cobra.Command {
	var demo bool
	cmd := &cobra.Command{
		Use: "serve", Short: "Run the server", GroupID: "run", Args: words(),
		Long: `Run the server.

Without a configuration file it listens on :8080 and keeps its data in ./data.
The first start prints a one-time link that makes the first admin; it works for
15 minutes, and "notifer setup-link" prints a new one.

  notifer serve
  notifer serve --listen 127.0.0.1:9000 --data-dir /var/lib/notifer

With --demo it shows made-up topics and messages, listens on loopback only, reads
no configuration file, and leaves nothing behind when it stops.

  notifer serve --demo --listen localhost:9000`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if demo {
				return app.demo(cmd)
			}
			c, err := app.Load(cmd)
			if err != nil {
				return err
			}
			return app.serve(cmd.Context(), c, func() (*Config, error) { return app.Load(cmd) })
		},
	}
	cmd.Flags().BoolVar(&demo, "demo", false, "a server to look at: made-up content, for this machine only, nothing is kept")
	app.Flags(cmd)
	return cmd
}

// service is a running server and all that it holds.
type service struct {
	c       *Config
	log     *slog.Logger
	level   *slog.LevelVar
	lock    *db.Lock
	d       *db.DB
	server  *server.Server
	sockets sockets
	https   []*http.Server

	certificates *certificates // nil without TLS
	connections  *connections
	workers      sync.WaitGroup
}

// serve runs a server until ctx ends. SIGHUP takes over what load returns; without load it is left to the caller.
func (a *App) serve(ctx context.Context, c *Config, load func() (*Config, error)) error {
	hangup, deaf := hangups()
	defer deaf()
	limitMemory()
	log, level := newLogger(c, a.Stderr, a.Env)
	slog.SetDefault(log)
	s := &service{c: c, log: log, level: level}
	if err := s.open(ctx); err != nil {
		return errors.Join(refusedStore(c, err), s.close())
	}
	if err := s.declare(ctx, a.Env); err != nil {
		return errors.Join(err, s.close())
	}
	if err := a.announce(ctx, s); err != nil {
		return errors.Join(refusedStore(c, err), s.close())
	}
	work, stop := context.WithCancel(context.Background())
	s.workers.Go(func() { (&upkeep{s.d, c, log, s.server.Purged}).run(work) })
	s.workers.Go(func() { tidy(work) })
	s.workers.Go(func() { feedWatchdog(work, log, s.answers) })
	if load != nil {
		s.workers.Go(func() { s.watchReload(work, hangup, load) })
	}
	failed := s.listen()
	tellSystemd(log, daemon.SdNotifyReady)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	tellSystemd(log, daemon.SdNotifyStopping)
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
	config, err := serverConfig(s.c, s.log)
	if err != nil {
		return err
	}
	config.Checks = serverChecks(s.c, s.d)
	if s.server, err = server.New(ctx, s.d, config); err != nil {
		return err
	}
	if s.certificates, err = newCertificates(s.c); err != nil {
		return err
	}
	s.connections = newConnections(s.c)
	if s.sockets, err = openSockets(s.c); err == nil && s.c.demo {
		s.sockets.addLoopback()
	}
	return err
}

// declare makes what the configuration declares.
func (s *service) declare(ctx context.Context, env Environment) error {
	declared := &store{s.c, s.d, s.server.Auth(), env}
	return declared.declare(ctx, false, func(text string) { s.log.Info("declared", "change", text) })
}

// refusedStore adds what to do to the error of a store that does not open.
func refusedStore(c *Config, err error) error {
	if errors.Is(err, db.ErrCorrupt) {
		return fmt.Errorf("%w\n%s is left as it is. Put a copy back with: notifer restore FILE --data-dir %s",
			err, filepath.Join(c.DataDir, db.FileName), c.DataDir)
	}
	return err
}

// announce prints where the server listens, and the setup link while there is no admin.
func (a *App) announce(ctx context.Context, s *service) error {
	code, err := auth.NewSetupCode(ctx, s.d)
	if err != nil && !errors.Is(err, db.ErrSetUp) {
		return err
	}
	for _, l := range s.sockets.main {
		a.Printf("notifer %s listens on %s\n", Version(), s.address(l))
	}
	if err == nil {
		a.Printf("Make the first admin within 15 minutes: %s\n", setupLink(s.c, s.sockets.main[0].Addr().String(), code))
	}
	if s.c.demo {
		a.present(s)
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
	for _, l := range s.sockets.main {
		l, h := s.dress(l, pages)
		s.serve(l, h, failed)
	}
	for _, l := range s.sockets.metrics {
		s.serve(l, metricsHandler(s.server), failed)
	}
	return failed
}

// dress bounds a socket's connections and puts TLS on it, where that is configured; port 80 beside TLS only answers
// challenges and sends pages over.
func (s *service) dress(l net.Listener, h http.Handler) (net.Listener, http.Handler) {
	tcp, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return l, h
	}
	l = boundedListener{l, s.connections}
	switch {
	case s.certificates == nil:
		return l, h
	case tcp.Port == 80:
		return l, s.certificates.Plain()
	}
	return tls.NewListener(l, s.certificates.Config()), h
}

// serve answers on one socket until it is closed.
func (s *service) serve(l net.Listener, handler http.Handler, failed chan<- error) {
	h := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytes, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
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
