package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Setting is one key of the configuration: its names and its place in a Config.
type Setting struct {
	*field

	value reflect.Value
}

// field is what a setting is in every Config.
type field struct {
	Key    string // limits.message_bytes
	Help   string
	Secret bool
	bounds string // see Config; empty: none
	flag   string
	index  []int // in a Config, as package reflect names it
}

// Env is the setting's environment variable.
func (s Setting) Env() string {
	return "NOTIFER_" + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_"))
}

// Flag is the setting's flag without the leading dashes.
func (s Setting) Flag() string { return s.flag }

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
func (c *Config) Settings() []Setting {
	v, fields := reflect.ValueOf(c).Elem(), fields()
	list := make([]Setting, len(fields))
	for i, f := range fields {
		list[i] = Setting{field: f, value: v.FieldByIndex(f.index)}
	}
	return list
}

// fields are those of a Config. Every command makes flags of them many times, and finding them costs more than the rest of its start.
var fields = sync.OnceValue(func() []*field { return fieldsOf(reflect.TypeFor[Config](), "", nil) })

func fieldsOf(t reflect.Type, prefix string, above []int) []*field {
	var list []*field
	for i := range t.NumField() {
		f := t.Field(i)
		key, index := f.Tag.Get("toml"), append(slices.Clone(above), i)
		switch {
		case key == "" || f.Type.Kind() == reflect.Slice && f.Tag.Get("help") == "":
		case f.Type.Kind() == reflect.Struct:
			list = append(list, fieldsOf(f.Type, prefix+key+".", index)...)
		default:
			key = prefix + key
			bounds := f.Tag.Get("bounds")
			list = append(list, &field{Key: key, Help: f.Tag.Get("help") + boundsHelp(bounds), Secret: f.Tag.Get("secret") == "true", bounds: bounds,
				flag: strings.NewReplacer(".", "-", "_", "-").Replace(key), index: index})
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
