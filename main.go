// Command notifer is a notification server in one binary: scripts publish messages to topics with a token each, and people and
// programs read them live, over server-sent events, WebSocket or polling. One SQLite file holds everything.
//
// Commands:
//
//	serve                        run the server (--demo: one with sample data that keeps nothing)
//	init, config                 print the files of a service and the configuration; check it
//	user, topic, token, key      manage what the store holds, beside a running server or without one
//	publish, subscribe, run      send, receive, and report a command that fails; these speak to a server
//	backup, restore, check       copy the store while it serves, put a copy back, read all of it
//	doctor, health, scan         look for what is wrong with an installation; find tokens in files
//
// Read these six files first, in this order:
//
//	server/routes.go           every path of topics and of the API, and the right it needs
//	server/auth/authorize.go   who may do what
//	server/wire/publish.go     from a request to a message, and to its answer
//	db/writer.go               commit, announce, answer
//	server/server.go           how a commit reaches subscribers, and how a right ends
//	server/hub/sub.go          a subscriber: a place in the log, and its states
//
// server/ARCHITECTURE.md has the picture, what to read next, and the commands to test it all. The data is in db/migrations/0001_start.sql; the
// files after it alter and add.
package main

import (
	"os"

	"notifer/server/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
