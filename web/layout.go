package web

import (
	"context"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// places are the entries of the main navigation.
func places(ctx context.Context) []Tab {
	user := EnvOf(ctx).User
	if EnvOf(ctx).Paired != "" {
		return []Tab{{"home", "/", "Topics"}, {"devices", "/devices", "This device"}, {"docs", "/docs", "Docs"}}
	}
	if user == nil {
		return []Tab{{"docs", "/docs", "Docs"}, {"login", "/login", "Sign in"}}
	}
	list := []Tab{{"home", "/", "Topics"}, {"inbox", "/inbox", "Inbox"}, {"devices", "/devices", "Devices"}, {"docs", "/docs", "Docs"}}
	if user.Admin {
		list = append(list, Tab{"admin", "/admin", "Admin"})
	}
	return list
}

// barPlaces are the entries at the bottom of a small screen, where the menu of the account has the others.
func barPlaces(ctx context.Context) []Tab {
	list := places(ctx)
	if EnvOf(ctx).User == nil {
		return list
	}
	return append(list[:3:3], Tab{"account", "/settings", "Account"})
}

func placeIcon(id string) string {
	switch id {
	case "home":
		return "topics"
	case "inbox":
		return "inbox"
	case "devices":
		return "phone"
	case "docs":
		return "book"
	case "admin":
		return "laptop"
	}
	return "user"
}

// initial is the first letter of a name, for its tile.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return strings.ToUpper(string(r))
		}
	}
	return "#"
}

// tileColour is the same for a name everywhere.
func tileColour(name string) string {
	h := fnv.New32a()
	h.Write([]byte(name))
	n := h.Sum32()
	return "c" + strconv.Itoa(int((n^n>>16)%8)+1) // short names differ too little in the low bits
}

// host is the name under which people reach the server.
func host(ctx context.Context) string {
	u, err := url.Parse(EnvOf(ctx).Public)
	if err != nil {
		return ""
	}
	return u.Host
}

func nextTheme(now string) string {
	switch now {
	case "":
		return "dark"
	case "dark":
		return "light"
	}
	return ""
}

func themeName(theme string) string {
	switch theme {
	case "dark":
		return "dark"
	case "light":
		return "light"
	}
	return "match system"
}
