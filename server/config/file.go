package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"notifer/server/spelling"
)

// readFile reads the TOML file into c. An unknown key is an error with its line and the nearest name.
func (c *Config) readFile(path string, env Environment) error {
	source, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	c.path = path
	meta, err := toml.Decode(string(source), c)
	if err != nil {
		return Usagef("notifer config example", "%s: %s", path, decodeError(err))
	}
	lines := keyLines(string(source))
	for _, s := range c.Settings() {
		if meta.IsDefined(strings.Split(s.Key, ".")...) {
			c.origins[s.Key] = at(path, lines[s.Key])
		}
	}
	if err := c.readSecretFiles(path, lines, meta, env); err != nil {
		return err
	}
	return c.unknownKeys(path, lines, meta)
}

// decodeError says in the words of the file what the decoder has refused.
func decodeError(err error) string {
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return fmt.Sprintf("line %d: %s", parse.Position.Line, explainSyntax(parse.Message))
	}
	text := strings.TrimPrefix(err.Error(), "toml: ")
	if m := typesDiffer.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("line %s: %s: expected %s, found %s", m[1], m[2], kinds[m[4]], kinds[m[3]])
	}
	return text
}

// explainSyntax says what to write where the decoder's message only names characters.
func explainSyntax(message string) string {
	if m := definedTwice.FindStringSubmatch(message); m != nil {
		return m[1] + " is set twice: remove one of the lines"
	}
	if !strings.HasPrefix(message, "Key '") {
		message = quotedValue.ReplaceAllString(message, "…")
	}
	if strings.HasPrefix(message, "expected ") || strings.HasPrefix(message, "unexpected ") {
		return `write settings as name = "text", name = 5, name = true or name = ["a", "b"], and tables as [name] (` + message + ")"
	}
	return message
}

var (
	quotedValue  = regexp.MustCompile(`"(?:[^"\\]|\\.){3,}"|'[^']{3,}'`) // it may be a password
	definedTwice = regexp.MustCompile(`^Key '(.+)' has already been defined\.$`)
	typesDiffer  = regexp.MustCompile(`^line (\d+) \(last key "([^"]+)"\): incompatible types: TOML value has type (\w+); destination has type (\w+)$`)
	kinds        = map[string]string{
		"string": "text in quotes", "integer": "a number", "int64": "a number", "float": "a number with a point", "float64": "a number with a point",
		"boolean": "true or false", "bool": "true or false", "slice": "a list", "array": "a list", "table": "a table", "map": "a table", "int": "a number",
	}
)

// at names a place in the file; line 0 is an unknown line.
func at(path string, line int) string {
	if line == 0 {
		return path
	}
	return fmt.Sprintf("%s:%d", path, line)
}

// readSecretFiles reads the secrets whose files the configuration names, such as password_file.
func (c *Config) readSecretFiles(path string, lines map[string]int, meta toml.MetaData, env Environment) error {
	for _, s := range c.Settings() {
		key := s.Key + "_file"
		if !s.Secret || !meta.IsDefined(strings.Split(key, ".")...) {
			continue
		}
		if meta.IsDefined(strings.Split(s.Key, ".")...) {
			return Usagef("remove one of them", "%s: %s and %s are both set", at(path, lines[key]), s.Key, key)
		}
		file, err := secretFileValue(path, key)
		if err != nil {
			return err
		}
		file = resolvePath(path, file, env)
		if isCredential(file) {
			c.unread[s.Key] = file // a command beside the service does without
			continue
		}
		text, err := ReadSecret(file)
		if err != nil {
			return fmt.Errorf("%s: %w", at(path, lines[key]), err)
		}
		s.value.SetString(text)
		c.origins[s.Key] = at(path, lines[key])
	}
	return nil
}

// UnreadSecret says why the secret of a setting is empty although the configuration names its file: the service was not given that file.
func (c *Config) UnreadSecret(key string) error {
	file, unread := c.unread[key]
	if !unread {
		return nil
	}
	_, err := ReadSecret(file)
	return err
}

// OutOfReach reports whether a file that the configuration names is one that systemd passes to the service, and this is not the service.
func OutOfReach(file string, env Environment) bool { return isCredential(credentialPath(file, env)) }

// Unread lists the files that are OutOfReach, as lines for people: what names each file, and the file.
func (c *Config) Unread(env Environment) []string {
	var list []string
	note := func(what, file string) {
		if OutOfReach(file, env) {
			list = append(list, what+": "+file)
		}
	}
	note("tls.cert", c.TLS.Cert)
	note("tls.key", c.TLS.Key)
	for _, key := range slices.Sorted(maps.Keys(c.unread)) {
		note(key+"_file", c.unread[key])
	}
	for _, u := range c.Users {
		note("[[user]] "+u.Email, u.PasswordFile)
	}
	for _, t := range c.Topics {
		for _, k := range t.Tokens {
			note(fmt.Sprintf("[[topic]] %s: [[topic.token]] %q", t.Name, k.Name), k.TokenFile)
		}
	}
	return list
}

func secretFileValue(path, key string) (string, error) {
	var tree map[string]any
	if _, err := toml.DecodeFile(path, &tree); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	words := strings.Split(key, ".")
	for _, w := range words[:len(words)-1] {
		tree, _ = tree[w].(map[string]any)
	}
	file, ok := tree[words[len(words)-1]].(string)
	if !ok {
		return "", Usagef("notifer config example", "%s: %s is not a string", path, key)
	}
	return file, nil
}

// SecretFile reads a secret from a file that the configuration names.
func (c *Config) SecretFile(file string, env Environment) (string, error) {
	return ReadSecret(resolvePath(c.path, file, env))
}

// resolvePath makes a file named in the configuration absolute: beside the configuration file,
// or in systemd's directory of credentials when it starts with $CREDENTIALS_DIRECTORY.
func resolvePath(config, file string, env Environment) string {
	if isCredential(file) || filepath.IsAbs(file) || config == "" {
		return credentialPath(file, env)
	}
	return filepath.Join(filepath.Dir(config), file)
}

// credentialsPrefix begins the path of a file that systemd passes to the service with LoadCredential=.
const credentialsPrefix = "$CREDENTIALS_DIRECTORY/"

func isCredential(file string) bool { return strings.HasPrefix(file, credentialsPrefix) }

// credentialPath replaces $CREDENTIALS_DIRECTORY at the start of a path. Outside the service the path stays as it is written, so that an
// error shows what is meant.
func credentialPath(file string, env Environment) string {
	rest, found := strings.CutPrefix(file, credentialsPrefix)
	if dir, set := env("CREDENTIALS_DIRECTORY"); found && set {
		return filepath.Join(dir, rest)
	}
	return file
}

// unknownKeys reports the first key that no part of Config took.
func (c *Config) unknownKeys(path string, lines map[string]int, meta toml.MetaData) error {
	known := knownKeys(reflect.TypeFor[Config](), "")
	for _, s := range c.Settings() {
		if s.Secret {
			known = append(known, s.Key+"_file")
		}
	}
	for _, k := range meta.Undecoded() {
		key := strings.Join(k, ".")
		if slices.Contains(known, key) {
			continue
		}
		return Usagef("notifer config example", "%s: unknown key %q; did you mean %q?", at(path, lines[key]), key, spelling.Nearest(key, known))
	}
	return nil
}

// knownKeys lists every key that a file may contain, with those of declared users, topics and tokens.
func knownKeys(t reflect.Type, prefix string) []string {
	var keys []string
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("toml")
		switch {
		case key == "":
			continue
		case f.Type.Kind() == reflect.Struct:
			keys = append(keys, knownKeys(f.Type, prefix+key+".")...)
		case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
			keys = append(keys, knownKeys(f.Type.Elem(), prefix+key+".")...)
		}
		keys = append(keys, prefix+key)
	}
	return keys
}

var (
	tableLine = regexp.MustCompile(`^\s*\[\[?\s*([^\]]+?)\s*\]\]?`)
	keyLine   = regexp.MustCompile(`^\s*([A-Za-z0-9_."-]+)\s*=`)
)

// keyLines finds the line on which each key first appears, which the decoder does not report.
func keyLines(source string) map[string]int {
	lines, table := map[string]int{}, ""
	note := func(key string, line int) {
		if _, seen := lines[key]; !seen {
			lines[key] = line
		}
	}
	for i, line := range strings.Split(source, "\n") {
		if m := tableLine.FindStringSubmatch(line); m != nil {
			table = strings.ReplaceAll(m[1], `"`, "") + "."
			note(strings.TrimSuffix(table, "."), i+1)
		} else if m := keyLine.FindStringSubmatch(line); m != nil {
			note(table+strings.ReplaceAll(m[1], `"`, ""), i+1)
		}
	}
	return lines
}
