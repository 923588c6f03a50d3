// Package inprocess runs the server inside a test, over a real store, for tests that look at it from outside but need what a process
// does not show: its store, its clock, its log. Only tests import it.
package inprocess

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"reflect"
	"sync"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/auth/argon"
	"notifer/server/config"
	"notifer/server/daemon"
	"notifer/server/manage"
)

// CheapHashes cost a test nothing.
var CheapHashes = argon.Params{Memory: 64, Time: 1, Threads: 1}

// New is a server without a listener, with cheap hashes and a log that nobody reads unless c says otherwise. The test's end closes it.
func New(t testing.TB, d *db.DB, c server.Config) *server.Server {
	t.Helper()
	s := open(t, d, c)
	t.Cleanup(func() { shut(s) })
	return s
}

// Server is a server with a listener on the loopback address.
type Server struct {
	*server.Server
	HTTP *httptest.Server
	URL  string

	once sync.Once
}

// Start is New with a listener.
func Start(t testing.TB, d *db.DB, c server.Config) *Server {
	t.Helper()
	s := &Server{Server: open(t, d, c)}
	s.HTTP = httptest.NewServer(s.Server)
	s.URL = s.HTTP.URL
	t.Cleanup(s.Stop)
	return s
}

// Stop ends the streams, the server and its listener, once.
func (s *Server) Stop() {
	s.once.Do(func() {
		shut(s.Server)
		s.HTTP.Close()
	})
}

func open(t testing.TB, d *db.DB, c server.Config) *server.Server {
	t.Helper()
	if c.Auth.Params == (argon.Params{}) {
		c.Auth.Params = CheapHashes
	}
	fillZero(reflect.ValueOf(&c).Elem(), reflect.ValueOf(defaults(t)))
	s, err := server.New(context.Background(), d, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// AddUser makes an account with an email address of its name, as registering does.
func AddUser(t testing.TB, d *db.DB, s *server.Server, name, password string) db.User {
	t.Helper()
	return addAccount(t, d, s, manage.AccountValues{Username: name, Password: password})
}

// AddAdmin is AddUser for an account that is an admin.
func AddAdmin(t testing.TB, d *db.DB, s *server.Server, name, password string) db.User {
	t.Helper()
	return addAccount(t, d, s, manage.AccountValues{Username: name, Password: password, Admin: true})
}

func addAccount(t testing.TB, d *db.DB, s *server.Server, v manage.AccountValues) db.User {
	t.Helper()
	v.Email, v.By = v.Username+"@home.example", db.By{Address: "127.0.0.1"}
	u, err := manage.New(d, s.Auth(), manage.Rules{}).CreateAccount(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func shut(s *server.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s.Close(ctx)
}

// defaults is what a server without a configuration file has, without a log.
func defaults(t testing.TB) server.Config {
	t.Helper()
	c, err := daemon.ServerConfig(config.Default(), slog.New(slog.DiscardHandler), "dev")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fillZero sets the fields that a test leaves at zero.
func fillZero(to, from reflect.Value) {
	for i := range to.NumField() {
		switch f := to.Field(i); {
		case f.Kind() == reflect.Struct:
			fillZero(f, from.Field(i))
		case f.IsZero():
			f.Set(from.Field(i))
		}
	}
}
