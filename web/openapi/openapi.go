// Package openapi holds the description of the HTTP interface, written by hand, and the reference that is made from it.
package openapi

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

//go:embed openapi.json
var text string

// Text is the description as it is served.
func Text() string { return text }

// Group is a group of operations with one tag.
type Group struct {
	Name, Text string
	Operations []Operation
}

// Operation is one method of one path.
type Operation struct {
	Method, Path, Summary, Text string
	Inputs                      []Input
	Body                        string // name of the body's schema, or what kind of text it is
	Example                     string
	Replies                     []Reply
	Auth                        string // what it is called with: "Topic token", "API key", "Session", or nothing
	Plain                       bool   // the body is text
	Reply                       string // an example of what comes back
	ReplyStatus                 string
	Also                        []string // methods and paths that do the same
}

// Input is a parameter in the path, the query or a header.
type Input struct{ Name, In, Text string }

// Reply is one status an operation answers with.
type Reply struct{ Status, Text, Schema string }

// Schema is one kind of object.
type Schema struct {
	Name   string
	Fields []Field
}

// Field is one field of an object.
type Field struct{ Name, Type, Text string }

// Reference is what the page of the reference shows.
type Reference struct {
	Groups  []Group
	Schemas []Schema
}

// Read is the reference made from the description, once.
var Read = sync.OnceValue(func() Reference {
	var o description
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	return Reference{Groups: o.groups(), Schemas: o.schemas()}
})

// First reports whether an operation is the one that a newcomer looks for.
func (op Operation) First() bool { return op.Method == "POST" && op.Path == "/{topic}" }

// ID names an operation within the page.
func (op Operation) ID() string {
	return strings.ToLower(op.Method) + strings.NewReplacer("/", "-", "{", "", "}", "", ".", "-").Replace(op.Path)
}

// Short is the summary without what it says after a comma.
func (op Operation) Short() string {
	short, _, _ := strings.Cut(op.Summary, ", ")
	return short
}

// Verb is the kind of the method: "get", "post", "patch" or "del".
func (op Operation) Verb() string {
	switch op.Method {
	case "POST", "PUT":
		return "post"
	case "DELETE":
		return "del"
	case "PATCH":
		return "patch"
	}
	return "get"
}

// Kind is "good" or "bad".
func (r Reply) Kind() string {
	if r.Status < "300" {
		return "good"
	}
	return "bad"
}

var sampleValues = map[string]any{
	"id": "0c9k2m4p7r1t", "topic": "server-alerts", "name": "server-alerts", "title": "Nightly job", "message": "It works", "priority": 3, "token": "tk_...",
	"key": "noti_...", "hint": "tk_FjZT…REFc", "status": "active", "access_level": "private", "username": "ann", "email": "ann@home.example",
	"detail": "what went wrong", "next": nil, "last_used_ip": "192.168.1.20",
}

// SchemaOf is the name of an object's schema in the type of a field, or empty.
func (r Reference) SchemaOf(word string) string {
	name := strings.TrimPrefix(word, "list of ")
	if slices.ContainsFunc(r.Schemas, func(s Schema) bool { return s.Name == name }) {
		return name
	}
	return ""
}
