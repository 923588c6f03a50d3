package shape

import (
	"errors"
	"fmt"
	"strings"
	"text/template/parse"
)

// Bounds of a template.
const (
	MaxTemplate = 8 << 10 // bytes
	maxDepth    = 100     // also of a payload
)

// Template is a text with fields of a payload in it, in the notation of Go's text/template. Only the notation is shared: values
// are those of JSON, without methods, and every step is counted.
type Template struct {
	Text string
	root *parse.ListNode
}

// Compile reads a template. Its error is one line for the person who wrote it.
func Compile(text string) (*Template, error) {
	if len(text) > MaxTemplate {
		return nil, fmt.Errorf("a template has at most %d bytes", MaxTemplate)
	}
	trees := map[string]*parse.Tree{}
	tree, err := parse.New("template").Parse(text, "", "", trees, known)
	if err != nil {
		return nil, parseError(err)
	}
	if len(trees) > 1 {
		return nil, errors.New("define and block are not supported")
	}
	if err := check(tree.Root, 0); err != nil {
		return nil, err
	}
	return &Template{Text: text, root: tree.Root}, nil
}

// parseError says where a template is wrong without the name that the parser gives it.
func parseError(err error) error {
	text, found := strings.CutPrefix(err.Error(), "template: template:")
	line, what, _ := strings.Cut(text, ": ")
	switch {
	case !found:
		return err
	case what == "unclosed action":
		what = "{{ without its }}"
	}
	if line == "1" {
		return errors.New(what)
	}
	return errors.New("line " + line + ": " + what)
}

// check refuses what the interpreter does not have.
func check(list *parse.ListNode, depth int) error {
	if list == nil {
		return nil
	}
	if depth > maxDepth {
		return errDepth
	}
	for _, n := range list.Nodes {
		var err error
		switch n := n.(type) {
		case *parse.IfNode:
			err = errors.Join(check(n.List, depth+1), check(n.ElseList, depth+1))
		case *parse.RangeNode:
			err = errors.Join(check(n.List, depth+1), check(n.ElseList, depth+1))
		case *parse.WithNode:
			err = errors.Join(check(n.List, depth+1), check(n.ElseList, depth+1))
		case *parse.TemplateNode:
			err = errors.New("template is not supported")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
