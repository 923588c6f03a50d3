package daemon

import (
	"io"
	"log/slog"

	"notifer/server/config"
)

// newLogger makes the server's log: text at a terminal, JSON otherwise, without a time of its own when systemd's journal
// reads it. The level can be changed while it is in use.
func newLogger(c *config.Config, w io.Writer, terminal bool, env config.Environment) (*slog.Logger, *slog.LevelVar) {
	level := &slog.LevelVar{}
	level.Set(logLevel(c.LogLevel))
	options := &slog.HandlerOptions{Level: level}
	if _, journal := env("JOURNAL_STREAM"); journal {
		options.ReplaceAttr = dropTime
	}
	if c.LogFormat == "text" || c.LogFormat == "auto" && terminal {
		return slog.New(slog.NewTextHandler(w, options)), level
	}
	return slog.New(slog.NewJSONHandler(w, options)), level
}

// logLevel reads a level's name, which the configuration has checked.
func logLevel(name string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return slog.LevelInfo
	}
	return level
}

func dropTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
