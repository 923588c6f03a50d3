package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// List is a list of words: an array in TOML, comma-separated elsewhere.
type List []string

// UnmarshalText reads words separated by commas.
func (l *List) UnmarshalText(text []byte) error {
	*l = List{}
	for word := range strings.SplitSeq(string(text), ",") {
		if word = strings.TrimSpace(word); word != "" {
			*l = append(*l, word)
		}
	}
	return nil
}

// UnmarshalTOML reads an array of strings, or one string of words separated by commas.
func (l *List) UnmarshalTOML(v any) error {
	if text, ok := v.(string); ok {
		return l.UnmarshalText([]byte(text))
	}
	words, ok := v.([]any)
	if !ok {
		return fmt.Errorf("want a string or an array of strings, not %v", v)
	}
	*l = List{}
	for _, w := range words {
		text, ok := w.(string)
		if !ok {
			return fmt.Errorf("want strings in the array, not %v", w)
		}
		*l = append(*l, text)
	}
	return nil
}

func (l List) String() string { return strings.Join(l, ", ") }

// Duration is a duration such as 90s, 24h or 30d; empty is zero.
type Duration time.Duration

// UnmarshalText reads Go's notation, with d for days and w for weeks.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := parseSpan(string(text))
	*d = Duration(v)
	return err
}

// Set makes it the value of a flag, with Type and String.
func (d *Duration) Set(text string) error { return d.UnmarshalText([]byte(text)) }

// Type is the word that the help shows for the value.
func (d *Duration) Type() string { return "duration" }

// String is a text that UnmarshalText reads: whole days from two on as days, others in Go's notation without parts that are zero.
func (d Duration) String() string {
	const day = Duration(24 * time.Hour)
	if d == 0 {
		return ""
	}
	if d >= 2*day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	text := time.Duration(d).String()
	text = strings.TrimSuffix(text, "m0s") + map[bool]string{true: "m"}[strings.HasSuffix(text, "m0s")]
	if s, ok := strings.CutSuffix(text, "h0m"); ok {
		text = s + "h"
	}
	return text
}

func parseSpan(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	hours := map[byte]float64{'d': 24, 'w': 24 * 7}[text[len(text)-1]]
	if hours > 0 {
		n, err := strconv.ParseFloat(text[:len(text)-1], 64)
		n *= hours * float64(time.Hour)
		if err != nil || !(n >= 0 && n < math.MaxInt64) { // also refuses NaN
			return 0, fmt.Errorf("invalid duration %q: write 90s, 24h or 30d", text)
		}
		return time.Duration(n), nil
	}
	v, err := time.ParseDuration(text)
	if err != nil || v < 0 {
		return 0, fmt.Errorf("invalid duration %q: write 90s, 24h or 30d", text)
	}
	return v, nil
}

// Size is a number of bytes such as 500MB or 2GiB; empty is zero.
type Size int64

// sizeUnits are ordered so that a unit comes before those that are its suffixes.
var sizeUnits = []struct {
	name  string
	bytes float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// UnmarshalText reads a number with an optional unit.
func (s *Size) UnmarshalText(text []byte) error {
	word, factor := string(text), 1.0
	for _, u := range sizeUnits {
		if n, ok := strings.CutSuffix(word, u.name); ok {
			word, factor = strings.TrimSpace(n), u.bytes
			break
		}
	}
	if word == "" {
		*s = 0
		return nil
	}
	n, err := strconv.ParseFloat(word, 64)
	if err != nil || !(n >= 0 && n*factor < math.MaxInt64) {
		return fmt.Errorf("invalid size %q: write 500MB or 2GiB", text)
	}
	*s = Size(n * factor)
	return nil
}

// UnmarshalTOML reads a string with a unit, or a number of bytes.
func (s *Size) UnmarshalTOML(v any) error { return s.UnmarshalText(fmt.Append(nil, v)) }

func (s Size) String() string {
	if s == 0 {
		return ""
	}
	for _, u := range []int{3, 2, 1, 0} {
		if unit := Size(sizeUnits[u].bytes); s%unit == 0 {
			return fmt.Sprintf("%d%s", s/unit, sizeUnits[u].name)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// Space is a number of bytes such as 2GiB, or a share of the disk space such as 50%, which is stored as a negative number of percent; empty
// is zero.
type Space int64

// UnmarshalText reads a size, or a whole number of percent.
func (s *Space) UnmarshalText(text []byte) error {
	if word, ok := strings.CutSuffix(string(text), "%"); ok {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > 95 {
			return fmt.Errorf("invalid share %q: write a size such as 2GiB, or 1%% to 95%%", text)
		}
		*s = Space(-n)
		return nil
	}
	var size Size
	err := size.UnmarshalText(text)
	*s = Space(size)
	return err
}

// UnmarshalTOML reads a string with a unit, or a number of bytes.
func (s *Space) UnmarshalTOML(v any) error { return s.UnmarshalText(fmt.Append(nil, v)) }

// Bytes is the number of bytes; 0 for a share or an empty value.
func (s Space) Bytes() int64 { return int64(max(s, 0)) }

// Percent is the share of the disk space in percent; 0 when it is none.
func (s Space) Percent() int { return int(max(-s, 0)) }

func (s Space) String() string {
	if s < 0 {
		return fmt.Sprintf("%d%%", -s)
	}
	return Size(s).String()
}

// Mode is permission bits, written in octal as a string.
type Mode uint32

// UnmarshalText reads octal digits such as 0660.
func (m *Mode) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 8, 32)
	if err != nil || n > 0o777 {
		return fmt.Errorf("invalid file mode %q: write 0660", text)
	}
	*m = Mode(n)
	return nil
}

func (m Mode) String() string { return fmt.Sprintf("%04o", uint32(m)) }
