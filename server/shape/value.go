package shape

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"notifer/server/plaintext"
)

// truth is Go's rule for templates: false, zero, nothing and what is empty are not true.
func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	n, _ := number(v)
	return n != 0
}

// number reads a number, also one in a text. What is infinite is none: it is beyond every bound and no place in a list.
func number(v any) (float64, bool) {
	n, ok := anyNumber(v)
	return n, ok && !math.IsInf(n, 0) && !math.IsNaN(n)
}

func anyNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case json.Number:
		n, err := v.Float64()
		return n, err == nil
	case string:
		if len(v) > 200 {
			return 0, false
		}
		v = strings.TrimSpace(v)
		if v == "" || len(v) > 40 || !strings.Contains("+-.0123456789", v[:1]) { // the parser copies what it refuses
			return 0, false
		}
		n, err := strconv.ParseFloat(v, 64)
		return n, err == nil
	}
	return 0, false
}

// string is a value as text: nothing is empty, lists and objects are JSON.
func (r *run) string(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case json.Number:
		return v.String(), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return r.json(v, "")
}

// json writes a value with sorted keys, on several lines when an indent is given.
func (r *run) json(v any, indent string) (string, error) {
	var b strings.Builder
	if err := r.appendJSON(&b, v, indent, 0); err != nil {
		return "", err
	}
	return b.String(), nil
}

func (r *run) appendJSON(b *strings.Builder, v any, indent string, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	if err := r.spend(3); err != nil {
		return err
	}
	if b.Len() > maxOutput {
		return errOutput
	}
	line := func(depth int) {
		if indent != "" {
			b.WriteByte('\n')
			for range depth {
				b.WriteString(indent)
			}
		}
	}
	switch v := v.(type) {
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			line(depth + 1)
			if err := r.appendJSON(b, e, indent, depth+1); err != nil {
				return err
			}
		}
		if len(v) > 0 {
			line(depth)
		}
		b.WriteByte(']')
		return nil
	case map[string]any:
		keys, err := r.keys(v)
		if err != nil {
			return err
		}
		b.WriteByte('{')
		for i, key := range keys {
			if i > 0 {
				b.WriteByte(',')
			}
			line(depth + 1)
			if err := r.appendJSON(b, key, "", depth+1); err != nil {
				return err
			}
			b.WriteByte(':')
			if indent != "" {
				b.WriteByte(' ')
			}
			if err := r.appendJSON(b, v[key], indent, depth+1); err != nil {
				return err
			}
		}
		if len(v) > 0 {
			line(depth)
		}
		b.WriteByte('}')
		return nil
	case string:
		if err := r.spend(len(v) / 8); err != nil {
			return err
		}
		quote(b, v)
		return nil
	case nil:
		b.WriteString("null")
		return nil
	}
	s, err := r.string(v)
	b.WriteString(s)
	return err
}

// quote writes a text as JSON. It is valid UTF-8, since it was JSON before.
func quote(b *strings.Builder, s string) {
	b.WriteByte('"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b.WriteString(s[from:i])
		from = i + 1
		switch c {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\t':
			b.WriteString(`\t`)
		case '\r':
			b.WriteString(`\r`)
		default:
			const hex = "0123456789abcdef"
			b.WriteString(`\u00`)
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	b.WriteString(s[from:])
	b.WriteByte('"')
}

// cut is a text of at most n bytes, at a character, with an ellipsis where it was longer.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.TrimRight(plaintext.Cut(s, n), " ") + "…"
}
