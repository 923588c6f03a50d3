package daemon

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"

	systemd "github.com/coreos/go-systemd/v22/daemon"
)

// reloadable are the settings that SIGHUP applies; the others need a restart.
var reloadable = []string{
	"log_level", "limits.message_bytes", "limits.body_bytes", "limits.anonymous_per_minute", "limits.anonymous_bytes_per_day",
	"limits.token_bytes_per_day", "limits.changes_per_day", "limits.anonymous_reads_per_second", "limits.in_flight_bytes", "limits.open_publish", "limits.streams",
	"limits.streams_per_address", "limits.streams_per_credential", "limits.connections", "limits.connections_per_address",
}

// reloadSignals are the SIGHUPs from now on: one that comes while the server starts or stops must not end it.
func reloadSignals() (reload chan os.Signal, stop func()) {
	reload = make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	return reload, func() { signal.Stop(reload) }
}

// watchReload reads the configuration and the certificates again on each SIGHUP, until ctx ends.
func (s *service) watchReload(ctx context.Context, reload <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-reload:
			notifySystemd(s.log, systemd.SdNotifyReloading+"\n"+monotonicNow())
			s.reload()
			notifySystemd(s.log, systemd.SdNotifyReady)
		}
	}
}

// reload keeps what is in force when the new configuration or certificate is wrong.
func (s *service) reload() {
	c, err := s.o.Load()
	if err != nil {
		s.log.Error("reload: the configuration stays as it was", "err", err)
		return
	}
	if err := s.certificates.Reload(); err != nil {
		s.log.Error("reload: the certificate stays as it was", "err", err)
	}
	s.warnOfCertificate()
	settings, err := ServerConfig(c, s.log, s.o.Version)
	if err != nil {
		s.log.Error("reload: the configuration stays as it was", "err", err)
		return
	}
	s.server.Reload(settings)
	s.places.Set(c)
	s.level.Set(logLevel(c.LogLevel))
	changed, restart := s.c.Differences(c, reloadable)
	s.log.Info("reloaded", "changed", strings.Join(changed, " "), "restart_needed", strings.Join(restart, " "))
	s.c.Adopt(c, changed)
}
