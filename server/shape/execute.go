package shape

import (
	"errors"
	"fmt"
	"slices"
	"text/template/parse"
)

// Bounds of what executing the templates of one body may cost. A step is a node of a template, or some bytes that a function looks
// at: counting them, not the clock, gives the same result on a slow machine and on a busy one.
const (
	maxSteps  = 20_000
	moreSteps = 150 // for each element that becomes a message of its own
	maxOutput = 1 << 20
)

var (
	errSteps  = errors.New("the template does too much: it was stopped")
	errOutput = errors.New("the template writes too much: it was stopped")
	errDepth  = errors.New("the template or the payload is nested too deeply")
	errBreak  = errors.New("break outside of range")
	errNext   = errors.New("continue outside of range")
)

// run is the execution of the templates of one body.
type run struct {
	payload any
	header  func(string) string
	steps   int
	most    int // steps
	written int
	depth   int
	found   bool // the templates have seen anything of the payload

	parsed struct { // by fromJSON, the last text: each template of a message reads it anew
		text  string
		value any
	}

	out  []byte
	vars []variable
	args []any // of the calls that are not done, the innermost last
}

type variable struct {
	name  string
	value any
}

// saw notes that a template looks at something that is in the payload.
func (r *run) saw(v any) any {
	switch v.(type) {
	case nil:
	case string, []any, map[string]any:
		r.found = r.found || truth(v)
	default: // also zero and false
		r.found = true
	}
	return v
}

// spend counts steps; it fails when they are used up.
func (r *run) spend(n int) error {
	if r.steps += n + 1; r.steps > r.most {
		return errSteps
	}
	return nil
}

// text executes a template with a value as its dot.
func (r *run) text(t *Template, dot any) (string, error) {
	if t == nil {
		return "", nil
	}
	r.out, r.vars, r.depth = r.out[:0], append(r.vars[:0], variable{"$", r.payload}), 0
	if err := r.list(t.root, dot); err != nil {
		return "", err
	}
	return string(r.out), nil
}

func (r *run) write(s string) error {
	if r.written += len(s); r.written > maxOutput {
		return errOutput
	}
	r.out = append(r.out, s...)
	return r.spend(len(s) / 64)
}

func (r *run) list(list *parse.ListNode, dot any) error {
	if list == nil {
		return nil
	}
	mark := len(r.vars)
	defer func() { r.vars = r.vars[:mark] }()
	for _, n := range list.Nodes {
		if err := r.node(n, dot); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) node(n parse.Node, dot any) error {
	if err := r.spend(0); err != nil {
		return err
	}
	switch n := n.(type) {
	case *parse.TextNode:
		return r.write(string(n.Text))
	case *parse.ActionNode:
		v, err := r.pipe(n.Pipe, dot)
		if err != nil || len(n.Pipe.Decl) > 0 {
			return err
		}
		s, err := r.string(v)
		if err != nil {
			return err
		}
		return r.write(s)
	case *parse.IfNode:
		return r.branch(&n.BranchNode, dot, false)
	case *parse.WithNode:
		return r.branch(&n.BranchNode, dot, true)
	case *parse.RangeNode:
		return r.loop(n, dot)
	case *parse.BreakNode:
		return errBreak
	case *parse.ContinueNode:
		return errNext
	}
	return nil // comments
}

func (r *run) branch(n *parse.BranchNode, dot any, with bool) error {
	mark := len(r.vars)
	defer func() { r.vars = r.vars[:mark] }()
	v, err := r.pipe(n.Pipe, dot)
	if err != nil {
		return err
	}
	if !truth(v) {
		return r.list(n.ElseList, dot)
	}
	if with {
		dot = v
	}
	return r.list(n.List, dot)
}

func (r *run) loop(n *parse.RangeNode, dot any) error {
	mark := len(r.vars)
	defer func() { r.vars = r.vars[:mark] }()
	v, err := r.pipe(n.Pipe, dot)
	if err != nil {
		return err
	}
	names := r.vars[mark:]
	once := func(key, value any) (done bool, err error) {
		if err := r.spend(1); err != nil { // even when the body is empty
			return true, err
		}
		r.vars = r.vars[:mark+len(names)]
		switch len(names) {
		case 1:
			r.vars[mark].value = value
		case 2:
			r.vars[mark].value, r.vars[mark+1].value = key, value
		}
		err = r.list(n.List, value)
		switch {
		case errors.Is(err, errBreak):
			return true, nil
		case errors.Is(err, errNext):
			return false, nil
		}
		return err != nil, err
	}
	switch v := v.(type) {
	case []any:
		for i, value := range v {
			if done, err := once(float64(i), value); done || err != nil {
				return err
			}
		}
		if len(v) > 0 {
			return nil
		}
	case map[string]any:
		keys, err := r.keys(v)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if done, err := once(key, v[key]); done || err != nil {
				return err
			}
		}
		if len(v) > 0 {
			return nil
		}
	}
	return r.list(n.ElseList, dot) // what has no elements
}

// keys are the sorted keys of an object.
func (r *run) keys(m map[string]any) ([]string, error) {
	if err := r.spend(8 * len(m)); err != nil {
		return nil, err
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys, nil
}

func (r *run) pipe(p *parse.PipeNode, dot any) (v any, err error) {
	if p == nil {
		return nil, nil
	}
	if r.depth++; r.depth > maxDepth {
		return nil, errDepth
	}
	defer func() { r.depth-- }()
	for i, c := range p.Cmds {
		if v, err = r.command(c, dot, v, i > 0); err != nil {
			return nil, err
		}
	}
	for _, d := range p.Decl {
		if p.IsAssign {
			r.assign(d.Ident[0], v)
		} else {
			r.vars = append(r.vars, variable{d.Ident[0], v})
		}
	}
	return v, nil
}

func (r *run) assign(name string, v any) {
	for i := len(r.vars) - 1; i > 0; i-- {
		if r.vars[i].name == name {
			r.vars[i].value = v
			return
		}
	}
}

// command is one part of a pipe; piped is the value of the part before it, its last argument.
func (r *run) command(c *parse.CommandNode, dot, piped any, isPiped bool) (any, error) {
	if err := r.spend(0); err != nil {
		return nil, err
	}
	name, isCall := c.Args[0].(*parse.IdentifierNode)
	if !isCall {
		if len(c.Args) > 1 || isPiped {
			return nil, fmt.Errorf("%s is not a function", c.Args[0])
		}
		return r.value(c.Args[0], dot)
	}
	f := functions[name.Ident]
	mark := len(r.args)
	defer func() { r.args = r.args[:mark] }()
	for _, a := range c.Args[1:] {
		v, err := r.value(a, dot)
		if err != nil {
			return nil, err
		}
		r.args = append(r.args, v)
		if name.Ident == "or" && truth(v) || name.Ident == "and" && !truth(v) {
			return v, nil
		}
	}
	if isPiped {
		r.args = append(r.args, piped)
	}
	args := r.args[mark:] // no function keeps them
	if len(args) < f.least || f.most >= 0 && len(args) > f.most {
		return nil, fmt.Errorf("%s has the wrong number of arguments: %d", name.Ident, len(args))
	}
	return f.call(r, args)
}

func (r *run) value(n parse.Node, dot any) (any, error) {
	if err := r.spend(0); err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *parse.DotNode:
		return r.saw(dot), nil
	case *parse.NilNode:
		return nil, nil
	case *parse.FieldNode:
		return r.saw(fields(dot, n.Ident)), nil
	case *parse.VariableNode:
		for i := len(r.vars) - 1; i >= 0; i-- {
			if r.vars[i].name == n.Ident[0] {
				v := fields(r.vars[i].value, n.Ident[1:])
				if len(n.Ident) > 1 || n.Ident[0] == "$" { // another variable may hold a word of the template
					r.saw(v)
				}
				return v, nil
			}
		}
		return nil, nil
	case *parse.ChainNode:
		v, err := r.value(n.Node, dot)
		return r.saw(fields(v, n.Field)), err
	case *parse.PipeNode:
		return r.pipe(n, dot)
	case *parse.StringNode:
		return n.Text, nil
	case *parse.BoolNode:
		return n.True, nil
	case *parse.NumberNode:
		if n.IsFloat {
			return n.Float64, nil
		}
		return nil, fmt.Errorf("%s is not a number that templates have", n.Text)
	case *parse.IdentifierNode:
		f := functions[n.Ident]
		if f.least > 0 {
			return nil, fmt.Errorf("%s needs arguments", n.Ident)
		}
		return f.call(r, nil)
	}
	return nil, fmt.Errorf("%s cannot be used here", n)
}

// fields follows names into a value; what is not there is nil.
func fields(v any, names []string) any {
	for _, name := range names {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}
