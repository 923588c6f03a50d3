package daemon

import (
	"slices"
	"testing"

	"notifer/server/config"
)

func TestDifferences(t *testing.T) {
	now, next := config.Default(), config.Default()
	next.LogLevel, next.Limits.Streams, next.DataDir = "debug", 5, "/elsewhere"
	changed, restart := now.Differences(next, reloadable)
	if !slices.Equal(changed, []string{"log_level", "limits.streams"}) || !slices.Equal(restart, []string{"data_dir"}) {
		t.Errorf("changed %v, restart %v", changed, restart)
	}
	now.Adopt(next, changed)
	if changed, restart = now.Differences(next, reloadable); len(changed) != 0 || len(restart) != 1 {
		t.Errorf("after adopting: changed %v, restart %v", changed, restart)
	}
}

func TestReloadableKeysExist(t *testing.T) {
	for _, key := range reloadable {
		if _, ok := config.Default().Setting(key); !ok {
			t.Errorf("%s is no key", key)
		}
	}
}
