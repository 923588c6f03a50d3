package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Setting is one key of the configuration: its names and its place in a Config.
type Setting struct {
	Key    string // limits.message_bytes
	Help   string
	Secret bool
	value  reflect.Value
}

// Env is the setting's environment variable.
func (s Setting) Env() string {
	return "NOTIFER_" + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_"))
}

// Flag is the setting's flag without the leading dashes.
func (s Setting) Flag() string {
	return strings.NewReplacer(".", "-", "_", "-").Replace(s.Key)
}

// String is the value as it would be written in the environment.
func (s Setting) String() string { return fmt.Sprint(s.value.Interface()) }

// TOML is the value as it would be written in the file.
func (s Setting) TOML() string {
	switch v := s.value.Interface().(type) {
	case int, bool:
		return fmt.Sprint(v)
	case List:
		if s.Key == "listen" && len(v) == 1 {
			return strconv.Quote(v[0])
		}
		quoted := make([]string, len(v))
		for i, word := range v {
			quoted[i] = strconv.Quote(word)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	default:
		return strconv.Quote(fmt.Sprint(v))
	}
}

// Set reads the value from text, as in a flag or the environment.
func (s Setting) Set(text string) error {
	if u, ok := s.value.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch s.value.Kind() {
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		s.value.SetInt(int64(n))
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		s.value.SetBool(b)
	default:
		s.value.SetString(text)
	}
	return nil
}

// Settings lists every single-valued key of the configuration, in the file's order.
func (c *Config) Settings() []Setting { return settingsOf(reflect.ValueOf(c).Elem(), "") }

func settingsOf(v reflect.Value, prefix string) []Setting {
	var list []Setting
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key := f.Tag.Get("toml")
		switch {
		case key == "" || f.Type.Kind() == reflect.Slice && f.Tag.Get("help") == "":
		case f.Type.Kind() == reflect.Struct:
			list = append(list, settingsOf(v.Field(i), prefix+key+".")...)
		default:
			list = append(list, Setting{
				Key: prefix + key, Help: f.Tag.Get("help"), Secret: f.Tag.Get("secret") == "true", value: v.Field(i),
			})
		}
	}
	return list
}

// Setting returns the setting of a key, and whether there is one.
func (c *Config) Setting(key string) (Setting, bool) {
	for _, s := range c.Settings() {
		if s.Key == key {
			return s, true
		}
	}
	return Setting{}, false
}

// Section is the table of the key; empty at the top level.
func (s Setting) Section() string {
	section, _, found := strings.Cut(s.Key, ".")
	if !found {
		return ""
	}
	return section
}

// Value is the value in force.
func (s Setting) Value() any { return s.value.Interface() }

// Kind is the word that the help shows for the type of the value.
func (s Setting) Kind() string {
	switch s.Value().(type) {
	case bool:
		return "bool"
	case int:
		return "number"
	case Duration:
		return "duration"
	case Size, Space:
		return "size"
	case List:
		return "list"
	case Mode:
		return "mode"
	}
	return "string"
}
