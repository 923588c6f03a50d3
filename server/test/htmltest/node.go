// Package htmltest reads a rendered page for tests, without a browser.
package htmltest

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// Node is an element, or a text when it has no name.
type Node struct {
	Name   string
	Attrs  map[string]string
	Kids   []*Node
	parent *Node
	text   string
}

// Parse reads a page. It fails the test when elements do not nest.
func Parse(t testing.TB, page string) *Node {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	root := &Node{Name: "#page"}
	at := root
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if at != root {
				t.Fatalf("<%s> is never closed", at.Name)
			}
			return root
		}
		if err != nil {
			t.Fatalf("parse page: %v", err)
		}
		at = at.take(token)
	}
}

func (n *Node) take(token xml.Token) *Node {
	switch v := token.(type) {
	case xml.StartElement:
		kid := &Node{Name: v.Name.Local, Attrs: map[string]string{}, parent: n}
		for _, a := range v.Attr {
			kid.Attrs[a.Name.Local] = a.Value
		}
		n.Kids = append(n.Kids, kid)
		return kid
	case xml.EndElement:
		return n.parent
	case xml.CharData:
		n.Kids = append(n.Kids, &Node{text: string(v), parent: n})
	}
	return n
}

// All lists the elements of a name below n, in order; "*" is any name.
func (n *Node) All(name string) []*Node {
	var out []*Node
	for _, kid := range n.Kids {
		if kid.Name != "" && (name == "*" || kid.Name == name) {
			out = append(out, kid)
		}
		out = append(out, kid.All(name)...)
	}
	return out
}

// First is the first element of a name below n, or an empty one.
func (n *Node) First(name string) *Node {
	if all := n.All(name); len(all) > 0 {
		return all[0]
	}
	return &Node{Attrs: map[string]string{}}
}

// ByID is the element with an id, or nil.
func (n *Node) ByID(id string) *Node {
	for _, e := range n.All("*") {
		if e.Attrs["id"] == id {
			return e
		}
	}
	return nil
}

// Within reports whether an element of the name holds n.
func (n *Node) Within(name string) bool {
	for p := n.parent; p != nil; p = p.parent {
		if p.Name == name {
			return true
		}
	}
	return false
}

// Text is all text below n.
func (n *Node) Text() string {
	if n.Name == "" {
		return n.text
	}
	var b strings.Builder
	for _, kid := range n.Kids {
		b.WriteString(kid.Text())
	}
	return b.String()
}

// Words is all text below n, word by word; the texts of neighbours never run together.
func (n *Node) Words() []string {
	if n.Name == "" {
		return strings.Fields(n.text)
	}
	var words []string
	for _, kid := range n.Kids {
		words = append(words, kid.Words()...)
	}
	return words
}
