package shape

import (
	"strings"
	"unicode/utf8"
)

func length(r *run, a []any) (any, error) {
	switch v := a[0].(type) {
	case string:
		return float64(utf8.RuneCountInString(v)), r.spend(len(v) / 64)
	case []any:
		return float64(len(v)), nil
	case map[string]any:
		return float64(len(v)), nil
	}
	return 0.0, nil
}

// index follows keys and places into a value.
func index(r *run, a []any) (any, error) {
	v := a[0]
	for _, at := range a[1:] {
		switch in := v.(type) {
		case map[string]any:
			key, err := r.string(at)
			if err == nil {
				err = r.spend(len(key) / 64)
			}
			if err != nil {
				return nil, err
			}
			v = in[key]
		case []any:
			i, ok := number(at)
			if !ok || i < 0 || i >= float64(len(in)) {
				return nil, nil
			}
			v = in[int(i)]
		default:
			return nil, nil
		}
	}
	return v, nil
}

func edge(first bool) func(*run, []any) (any, error) {
	return func(_ *run, a []any) (any, error) {
		list, ok := a[0].([]any)
		if !ok || len(list) == 0 {
			return nil, nil
		}
		if first {
			return list[0], nil
		}
		return list[len(list)-1], nil
	}
}

func join(r *run, a []any) (any, error) {
	sep, err := r.string(a[0])
	if err != nil {
		return nil, err
	}
	list, ok := a[1].([]any)
	if !ok {
		return a[1], nil
	}
	var b strings.Builder
	for i, v := range list {
		if i > 0 {
			b.WriteString(sep)
		}
		s, err := r.string(v)
		if err == nil {
			err = r.spend((len(s) + len(sep)) / 16)
		}
		if err == nil && b.Len()+len(s) > maxOutput {
			err = errOutput
		}
		if err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func split(r *run, a []any) (any, error) {
	sep, err := r.string(a[0])
	if err != nil {
		return nil, err
	}
	s, err := r.string(a[1])
	if err != nil {
		return nil, err
	}
	if err := r.spend(len(s)); err != nil {
		return nil, err
	}
	var out []any
	for part := range strings.SplitSeq(s, sep) {
		out = append(out, part)
	}
	return out, nil
}

// pairs writes an object as lines "key: value".
func pairs(r *run, a []any) (any, error) {
	m, ok := a[0].(map[string]any)
	if !ok {
		return a[0], nil
	}
	keys, err := r.keys(m)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, key := range keys {
		s, err := r.string(m[key])
		if err == nil {
			err = r.spend((len(s) + len(key)) / 16)
		}
		if err == nil && b.Len()+len(s)+len(key) > maxOutput {
			err = errOutput
		}
		if err != nil {
			return nil, err
		}
		if s == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(key + ": " + s)
	}
	return b.String(), nil
}

// pluck is the list of one field of each element of a list, without those that have none.
func pluck(r *run, a []any) (any, error) {
	name, err := r.string(a[0])
	if err != nil {
		return nil, err
	}
	list, _ := a[1].([]any)
	if err := r.spend(2*len(list) + len(name)/4); err != nil {
		return nil, err
	}
	var out []any
	names := strings.Split(name, ".")
	for _, v := range list {
		if v := fields(v, names); truth(v) {
			out = append(out, v)
		}
	}
	return out, nil
}
