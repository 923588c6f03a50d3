package daemon

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"
)

// notifySystemd sends one line to systemd's notification socket; without one it does nothing.
func notifySystemd(log *slog.Logger, state string) {
	if _, err := systemd.SdNotify(false, state); err != nil {
		log.Warn("systemd was not notified", "state", state, "error", err)
	}
}

// feedWatchdog reports to systemd twice per watchdog period that the server works, as long as healthy says so. It returns
// when ctx ends, at once when no watchdog is set. A server that hangs is then killed and started again.
func feedWatchdog(ctx context.Context, log *slog.Logger, healthy func() bool) {
	period, err := systemd.SdWatchdogEnabled(false)
	if err != nil || period <= 0 {
		return
	}
	ticker := time.NewTicker(period / 2)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if healthy() {
				notifySystemd(log, systemd.SdNotifyWatchdog)
			}
		}
	}
}

// monotonicNow is the line systemd wants beside RELOADING=1.
func monotonicNow() string {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		return ""
	}
	return "MONOTONIC_USEC=" + strconv.FormatInt(t.Nano()/1000, 10)
}
