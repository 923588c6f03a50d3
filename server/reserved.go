package server

import (
	"strings"
	"sync"
)

// routedNames are the first segments that never lead to a topic: those of all routes but the topics', and some that pages
// and proxies use or the contract names.
var routedNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, n := range alsoRouted {
		names[n] = true
	}
	for _, r := range append(appRoutes(noServer()), pageRoutes(noServer())...) {
		_, p, _ := strings.Cut(r.Pattern, " ")
		names[firstSegment(p)] = true
	}
	delete(names, "")
	return names
})

// alsoRouted are first segments that are never a topic, whether a route has them or none does yet.
var alsoRouted = []string{
	"docs", "redoc", "ws", "topic", "topics", "login", "logout", "register", "settings", "account", "teams", "discover",
	"alerts", "dashboard", "static", "assets", "health", "metrics", "favicon", "robots", "openapi", "admin", "keys",
	"users", "messages", "public",
}

// keptNames are refused for new topics, since features that came later, and other dialects, need them. A topic that had one of
// them before keeps it.
var keptNames = map[string]bool{
	"message": true, "stream": true, "version": true, "application": true, "client": true, "current": true, "user": true,
	"plugin": true, "devices": true, "push": true, "webhooks": true, "inbox": true,
}

// reserved reports whether no new topic may have a name, given in lower case, on a server whose base URL has this path.
func reserved(basePath string) func(name string) bool {
	base := strings.Trim(basePath, "/")
	return func(name string) bool { return routedNames()[name] || keptNames[name] || base != "" && name == base }
}
