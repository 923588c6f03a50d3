package config

import "slices"

// Differences lists the keys whose values differ: those that a reload applies, and those that need a restart.
func (c *Config) Differences(other *Config, reloadable []string) (changed, restart []string) {
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

// Adopt takes the values of the keys from other, so that the next reload compares with what is in force.
func (c *Config) Adopt(other *Config, keys []string) {
	theirs := other.Settings()
	for i, s := range c.Settings() {
		if slices.Contains(keys, s.Key) {
			s.value.Set(theirs[i].value)
		}
	}
}
