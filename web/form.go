package web

import (
	"slices"

	"github.com/a-h/templ"
)

// Problem is one thing wrong with a form: the field it belongs to (empty for the whole form) and
// a sentence that says so. Code stands between backquotes.
type Problem struct{ Field, Text string }

// Form is what a reader typed and what was wrong with it.
type Form struct {
	Values   map[string]string
	Problems []Problem
}

// Value is what was typed into a field.
func (f Form) Value(field string) string { return f.Values[field] }

// Wrong returns a copy of the form with one more problem.
func (f Form) Wrong(field, text string) Form {
	f.Problems = append(append([]Problem(nil), f.Problems...), Problem{field, text})
	return f
}

// Problem is the first problem of a field, empty when there is none.
func (f Form) Problem(field string) string {
	for _, p := range f.Problems {
		if p.Field == field {
			return p.Text
		}
	}
	return ""
}

// Field is one input of a form. Its id is also its name.
type Field struct {
	ID, Label, Type, Value, Help, Error string
	Required, Optional                  bool
	Attrs                               templ.Attributes // anything more the input needs
}

// Choice is a select or a group of radio buttons.
type Choice struct {
	ID, Label, Value, Help, Error string
	Options                       []Option
}

// explained reports whether any of the options has a help text.
func (c Choice) explained() bool {
	return slices.ContainsFunc(c.Options, func(o Option) bool { return o.Help != "" })
}

// label is the label of the chosen option, or its value where there is none.
func (c Choice) label() string {
	for _, o := range c.Options {
		if o.Value == c.Value {
			return o.Label
		}
	}
	return c.Value
}

// Option is one value of a Choice.
type Option struct{ Value, Label, Help string }

// Check is one check box.
type Check struct {
	ID, Name, Value, Label, Help string
	On                           bool
}

// Fill completes a field of the form with what was typed and what was wrong with it.
func (f Form) Fill(field Field) Field {
	if field.Type != "password" { // what was typed never goes back into a page
		field.Value = f.Value(field.ID)
	}
	field.Error = f.Problem(field.ID)
	return field
}

func describedBy(id, help, problem string) string {
	switch {
	case problem != "":
		return id + "-error"
	case help != "":
		return id + "-help"
	}
	return ""
}

// Question is asked before something that cannot be undone.
type Question struct {
	Title, Yes, No string
	Body           []string
	Action, Back   string // paths of the site
	Kind, Glyph    string // of the button that does it
	Alert          bool   // interrupts: announced at once, and the focus starts on No
}
