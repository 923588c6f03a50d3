package cli

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/coreos/go-systemd/v22/daemon"
)

// reloadable are the settings that SIGHUP takes into force; the rest needs a restart.
var reloadable = []string{
	"log_level", "limits.message_bytes", "limits.anonymous_per_minute", "limits.open_publish", "limits.streams",
	"limits.streams_per_address", "limits.streams_per_credential", "limits.connections", "limits.connections_per_address",
}

// hangups are the SIGHUPs from now on: one that comes while the server starts or stops must not end it.
func hangups() (hangup chan os.Signal, stop func()) {
	hangup = make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	return hangup, func() { signal.Stop(hangup) }
}

// watchReload reads the configuration and the certificates again on each SIGHUP, until ctx ends.
func (s *service) watchReload(ctx context.Context, hangup <-chan os.Signal, load func() (*Config, error)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			tellSystemd(s.log, daemon.SdNotifyReloading+"\n"+monotonicNow())
			s.reload(load)
			tellSystemd(s.log, daemon.SdNotifyReady)
		}
	}
}

// reload keeps what is in force when the new configuration or certificate is wrong.
func (s *service) reload(load func() (*Config, error)) {
	c, err := load()
	if err != nil {
		s.log.Error("reload: the configuration stays as it was", "err", err)
		return
	}
	if err := s.certificates.Reload(); err != nil {
		s.log.Error("reload: the certificate stays as it was", "err", err)
	}
	config, err := serverConfig(c, s.log)
	if err != nil {
		s.log.Error("reload: the configuration stays as it was", "err", err)
		return
	}
	s.server.Reload(config)
	s.connections.set(c)
	s.level.Set(logLevel(c.LogLevel))
	changed, restart := s.c.differences(c)
	s.log.Info("reloaded", "changed", strings.Join(changed, " "), "restart_needed", strings.Join(restart, " "))
	s.c.adopt(c, changed)
}

// differences lists the keys whose values differ: those a reload takes over and those that need a restart.
func (c *Config) differences(other *Config) (changed, restart []string) {
	theirs := other.Settings()
	for i, s := range c.Settings() {
		switch {
		case s.String() == theirs[i].String():
		case slices.Contains(reloadable, s.Key):
			changed = append(changed, s.Key)
		default:
			restart = append(restart, s.Key)
		}
	}
	return changed, restart
}

// adopt takes the values of the keys from other, so that the next reload compares with what is in force.
func (c *Config) adopt(other *Config, keys []string) {
	theirs := other.Settings()
	for i, s := range c.Settings() {
		if slices.Contains(keys, s.Key) {
			s.value.Set(theirs[i].value)
		}
	}
}
