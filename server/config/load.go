package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"notifer/server/spelling"
)

// Environment looks a variable up, as os.LookupEnv does.
type Environment func(name string) (string, bool)

// Load reads and validates the configuration: flags override the environment, which overrides the file, which overrides the defaults.
// An empty path means the usual places; any other path must exist. flags may be nil.
func Load(path string, env Environment, flags *pflag.FlagSet) (*Config, error) {
	c := Default()
	for _, s := range c.Settings() {
		c.origins[s.Key] = "default"
	}
	path, err := c.findConfig(path, env)
	if err != nil {
		return nil, err
	}
	if path != "" {
		if err := c.readFile(path, env); err != nil {
			return nil, err
		}
	}
	for _, s := range c.Settings() {
		if err := c.Override(s, env, flags); err != nil {
			return nil, err
		}
	}
	c.TLS.Cert, c.TLS.Key = credentialPath(c.TLS.Cert, env), credentialPath(c.TLS.Key, env)
	c.warnings = append(c.warnings, unknownVariables(c, os.Environ())...)
	for _, p := range c.TrustedProxies {
		if strings.HasSuffix(p, "/0") {
			c.warnings = append(c.warnings, "trusted_proxies holds every IP address, so anyone can forge where a request comes from: list only your proxies")
		}
	}
	return c, c.Validate()
}

// findConfig returns the file to read, or "" when none of the usual ones exists.
func (c *Config) findConfig(path string, env Environment) (string, error) {
	if path == "" {
		path, _ = env("NOTIFER_CONFIG")
	}
	if path != "" {
		_, err := os.Stat(path)
		if err != nil {
			return "", &Passing{Err: Usagef("notifer config example > "+ShellWord(path), "read the configuration: %v", err)}
		}
		return path, nil
	}
	places := []string{"notifer.toml", "/etc/notifer/notifer.toml"}
	if dir, ok := env("CONFIGURATION_DIRECTORY"); ok {
		places = append([]string{filepath.Join(dir, "notifer.toml")}, places...)
	}
	for _, p := range places {
		if _, err := os.Stat(p); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if why := plantable(p); why != nil {
			c.Ignored = fmt.Sprintf("%s is ignored: %v. Name it to use it all the same: --config %[1]s", p, why)
			continue
		}
		return p, nil
	}
	return "", nil
}

// Override applies the environment, then the flag, to one setting.
func (c *Config) Override(s Setting, env Environment, flags *pflag.FlagSet) error {
	text, origin, err := fromEnvironment(s, env, c.origins[s.Key] == "default")
	if err != nil {
		return err
	}
	if flags != nil && flags.Changed(s.Flag()) {
		text, origin = flags.Lookup(s.Flag()).Value.String(), "flag --"+s.Flag()
	}
	if origin == "" {
		return nil
	}
	if err := s.Set(text); err != nil {
		return Usagef("notifer config example", "%s (%s): %v", s.Key, origin, err)
	}
	c.origins[s.Key] = origin
	return nil
}

// fromEnvironment finds a setting's text in the environment; the origin is empty if there is none.
func fromEnvironment(s Setting, env Environment, unset bool) (text, origin string, err error) {
	text, ok := env(s.Env())
	if !s.Secret {
		if ok {
			origin = "environment " + s.Env()
		}
		return text, origin, nil
	}
	file, hasFile := env(s.Env() + "_FILE")
	switch {
	case ok && hasFile:
		return "", "", Usagef("unset one of them", "%s and %s_FILE are both set", s.Env(), s.Env())
	case ok:
		return text, "environment " + s.Env(), nil
	case hasFile:
		text, err = ReadSecret(file)
		return text, "environment " + s.Env() + "_FILE", err
	}
	dir, ok := env("CREDENTIALS_DIRECTORY")
	if !ok || !unset {
		return "", "", nil
	}
	text, err = ReadSecret(filepath.Join(dir, s.Key))
	if errors.Is(err, os.ErrNotExist) {
		return "", "", nil
	}
	return text, "credential " + s.Key, err
}

// ReadSecret reads a secret of one line from a file, without what an editor adds to it; see TrimSecret.
func ReadSecret(path string) (string, error) {
	text, err := os.ReadFile(path)
	switch {
	case err != nil && isCredential(path):
		return "", fmt.Errorf("cannot read the secret file %s: only the service has this variable. To let a command read root's files, "+
			"put this before it: sudo CREDENTIALS_DIRECTORY=/etc/notifer", path)
	case errors.Is(err, os.ErrPermission):
		return "", fmt.Errorf("cannot read the secret file %s: user %d may not: chgrp and chmod it, or pass it with LoadCredential= in the unit (%w)",
			path, os.Geteuid(), os.ErrPermission)
	case err != nil:
		return "", fmt.Errorf("cannot read the secret file: %w", err)
	}
	secret := TrimSecret(string(text))
	if strings.ContainsAny(secret, "\r\n") {
		return "", fmt.Errorf("the secret file %s has more than one line: it must hold nothing but the secret", path)
	}
	return secret, nil
}

// TrimSecret removes what an editor adds to a secret: a byte order mark and the end of the line.
func TrimSecret(text string) string {
	return strings.TrimRight(strings.TrimPrefix(text, "\uFEFF"), "\r\n")
}

// clientVariables are the variables that are not settings.
var clientVariables = []string{
	"NOTIFER_CONFIG", "NOTIFER_URL", "NOTIFER_TOPIC_TOKEN", "NOTIFER_TOKEN_FILE", "NOTIFER_API_KEY", "NOTIFER_TOPIC",
}

// unknownVariables names NOTIFER_ variables that nothing reads, one warning each.
func unknownVariables(c *Config, environ []string) []string {
	known := append([]string{}, clientVariables...)
	for _, s := range c.Settings() {
		known = append(known, s.Env())
		if s.Secret {
			known = append(known, s.Env()+"_FILE")
		}
	}
	var list []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "NOTIFER_") && !slices.Contains(known, name) {
			list = append(list, fmt.Sprintf("unknown variable %s; did you mean %s?", name, spelling.Nearest(name, known)))
		}
	}
	return list
}
