package web

import (
	"context"
	"strings"

	"github.com/a-h/templ"
)

// Problem is one thing wrong with a form: the field it belongs to (empty for the whole form) and
// the message id that says so.
type Problem struct {
	Field string
	Key   string
	Args  []any
}

// Form is what a reader typed and what was wrong with it.
type Form struct {
	Values   map[string]string
	Problems []Problem
}

// Value is what was typed into a field.
func (f Form) Value(field string) string { return f.Values[field] }

// Wrong returns a copy of the form with one more problem.
func (f Form) Wrong(field, key string, args ...any) Form {
	f.Problems = append(append([]Problem(nil), f.Problems...), Problem{field, key, args})
	return f
}

func (f Form) problem(ctx context.Context, field string) string {
	for _, p := range f.Problems {
		if p.Field == field {
			return Say(ctx, p.Key, p.Args...)
		}
	}
	return ""
}

// Field is one input of a form. Its id is also its name.
type Field struct {
	ID, Label, Type, Value, Help, Error string
	Required                            bool
	Attrs                               templ.Attributes // anything more the input needs
}

// Choice is a select or a group of radio buttons.
type Choice struct {
	ID, Label, Value, Help, Error string
	Options                       []Option
}

// Option is one value of a Choice.
type Option struct{ Value, Label, Help string }

// Check is one check box.
type Check struct {
	ID, Name, Value, Label, Help string
	On                           bool
}

// field builds an input from the message ids ID.label and ID.help under a prefix.
func (f Form) field(ctx context.Context, prefix, id, kind string, attrs templ.Attributes) Field {
	key, value := prefix+"."+id, f.Value(id)
	if kind == "password" {
		value = "" // what was typed never goes back into a page
	}
	return Field{ID: id, Type: kind, Value: value, Label: Say(ctx, key), Help: optional(ctx, key+".help"),
		Error: f.problem(ctx, id), Attrs: attrs}
}

func optional(ctx context.Context, key string) string {
	if text := Say(ctx, key); text != key {
		return text
	}
	return ""
}

func describedBy(id, help, problem string) string {
	var ids []string
	if problem != "" {
		ids = append(ids, id+"-error")
	}
	if help != "" {
		ids = append(ids, id+"-help")
	}
	return strings.Join(ids, " ")
}

// Question is asked before something that cannot be undone.
type Question struct {
	Title, Yes, No string
	Body           []string
	Action, Back   string // paths of the site
	Kind, Glyph    string // of the button that does it
	Alert          bool   // interrupts: announced at once, and the focus starts on No
}
