package shape

import (
	"regexp"
	"slices"
	"strings"
)

// Node is a place of a payload, with what a template writes to have it.
type Node struct {
	Name       string // of the field, or the place in a list
	Expression string // empty for objects and for the lists below another list
	Value      string
	Each       string // of a list: what makes one message of each of its elements
	Size       int    // of a list or an object
	Nodes      []Node
}

// Bounds of what is shown of one payload.
const (
	maxNodes     = 300
	maxNodeDepth = 12
	maxNodeValue = 160
)

// Tree is a payload as a tree. With each, the name of a list, or a dot for the payload itself, its first element is what templates
// call the dot, and the rest is below $.
func Tree(v any, each string) []Node {
	t := &tree{run: &run{most: maxSteps}}
	if path := eachPath(each); path != nil {
		if l, ok := fields(v, path).([]any); ok && len(l) > 0 {
			t.each, t.root = path, "$"
		}
	}
	nodes := t.below(v, t.root, nil, true, 0)
	if l, isList := v.([]any); isList && t.each == nil && len(nodes) > 0 {
		nodes[0].Each, nodes[0].Size = ".", len(l)
	}
	return nodes
}

type tree struct {
	run   *run
	root  string // before the fields of the whole payload
	each  []string
	count int
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// below are the nodes of an object or a list; path is nil where it is not reached by names alone.
func (t *tree) below(v any, at string, path []string, named bool, depth int) (out []Node) {
	add := func(name, at string, path []string, named bool, v any) {
		if t.count++; t.count <= maxNodes && depth < maxNodeDepth {
			out = append(out, t.node(name, v, at, path, named, depth))
		}
	}
	switch v := v.(type) {
	case map[string]any:
		keys, err := t.run.keys(v)
		if err != nil {
			return nil
		}
		for _, key := range keys {
			next := at + "." + key
			if !plainName.MatchString(key) {
				next = "(index " + or(at, ".") + " " + quoted(key) + ")"
			}
			add(key, next, append(slices.Clone(path), key), named && !strings.ContainsAny(key, ". "), v[key])
		}
	case []any:
		if len(v) == 0 {
			break
		}
		if named && t.each != nil && slices.Equal(path, t.each) {
			add("each", "", nil, false, v[0])
			break
		}
		add("first", "(index "+or(at, ".")+" 0)", nil, false, v[0])
	default:
		add("", at, path, named, v)
	}
	return out
}

func (t *tree) node(name string, v any, at string, path []string, named bool, depth int) Node {
	n := Node{Name: name}
	switch v := v.(type) {
	case map[string]any:
		n.Size, n.Nodes = len(v), t.below(v, at, path, named, depth+1)
	case []any:
		n.Size, n.Nodes = len(v), t.below(v, at, path, named, depth+1)
		if named && len(path) > 0 && len(v) > 0 {
			n.Each = strings.Join(path, ".")
		}
	default:
		s, err := t.run.string(v)
		if err != nil {
			return n
		}
		n.Expression, n.Value = "{{"+or(at, ".")+"}}", cut(s, maxNodeValue)
	}
	return n
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func quoted(s string) string {
	r := &run{most: maxSteps}
	text, _ := r.json(s, "")
	return text
}
