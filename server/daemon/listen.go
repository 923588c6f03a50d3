package daemon

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/coreos/go-systemd/v22/activation"

	"notifer/server/config"
)

// sockets are the open listeners of the server.
type sockets struct {
	main    []net.Listener
	metrics []net.Listener
}

// metricsSocket is the FileDescriptorName= of a passed-in socket that serves only /metrics.
const metricsSocket = "metrics"

// openSockets takes the sockets systemd passed in, else opens the configured addresses. On an error none stays open.
func openSockets(c *config.Config) (sockets, error) {
	s, err := passedSockets()
	if err != nil {
		return s, err
	}
	var listen, metrics config.List
	if len(s.main) == 0 {
		listen = c.Listen
	}
	if len(s.metrics) == 0 {
		metrics = c.Metrics.Listen
	}
	err = c.CheckAddresses(listen, metrics)
	if err == nil && len(listen) > 0 {
		s.main, err = openAll(listen, os.FileMode(c.ListenMode))
	}
	if err == nil && len(metrics) > 0 {
		s.metrics, err = openAll(metrics, os.FileMode(c.ListenMode))
	}
	if err != nil {
		s.Close()
	}
	return s, err
}

// pages is the socket that pages are opened at.
func (s sockets) pages(c *config.Config) net.Listener {
	for _, l := range s.main {
		if tcp, ok := l.Addr().(*net.TCPAddr); !ok || !c.OnlyRedirects(strconv.Itoa(tcp.Port)) {
			return l
		}
	}
	return s.main[0]
}

// Close closes every listener.
func (s sockets) Close() error {
	var errs []error
	for _, l := range append(s.main, s.metrics...) {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

func passedSockets() (sockets, error) {
	var s sockets
	named, err := activation.ListenersWithNames()
	if err != nil {
		return s, fmt.Errorf("take the sockets passed in: %w", err)
	}
	for name, list := range named {
		for _, l := range list {
			switch {
			case l == nil:
			case name == metricsSocket:
				s.metrics = append(s.metrics, l)
			default:
				s.main = append(s.main, l)
			}
		}
	}
	return s, nil
}

func openAll(addresses config.List, mode os.FileMode) ([]net.Listener, error) {
	var list []net.Listener
	for _, address := range addresses {
		l, err := openOne(address, mode)
		if err != nil {
			sockets{main: list}.Close()
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

func openOne(address string, mode os.FileMode) (net.Listener, error) {
	path, ok := strings.CutPrefix(address, "unix:")
	if !ok {
		l, err := net.Listen("tcp", address)
		if errors.Is(err, syscall.EADDRINUSE) {
			host, _, _ := net.SplitHostPort(address)
			return nil, &config.Passing{Err: config.Usagef("--listen "+net.JoinHostPort(host, "8081"), "listen: %s is taken by another program", address)}
		}
		if errors.Is(err, syscall.EACCES) {
			return nil, &config.Passing{Err: config.Usagef("notifer serve --listen :8080", "listen: %s needs CAP_NET_BIND_SERVICE", address)}
		}
		return l, wrap(err, "listen")
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if err := os.Chmod(path, mode); err != nil {
		l.Close()
		return nil, fmt.Errorf("set the socket's mode: %w", err)
	}
	return l, nil
}

// removeStale removes a socket that a killed server left; one that is being served is an error.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the socket: %w", err)
	}
	if info.Mode()&os.ModeSocket == 0 {
		return config.Usagef("notifer serve --listen unix:/other/path", "%s exists and is not a socket", path)
	}
	if conn, err := net.Dial("unix", path); err == nil {
		conn.Close()
		return &config.Passing{Err: config.Usagef("notifer serve --listen unix:/other/path", "%s is served by another program", path)}
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove the old socket: %w", err)
	}
	return nil
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// addLoopback listens on the other loopback address too, where there is one.
func (s *sockets) addLoopback() {
	_, port, _ := net.SplitHostPort(s.main[0].Addr().String())
	if l, err := net.Listen("tcp", "[::1]:"+port); err == nil {
		s.main = append(s.main, l)
	}
}
