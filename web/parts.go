package web

// Tab is one of several sibling pages.
type Tab struct{ ID, Path, Name string }

func noticeIcon(kind string) string {
	switch kind {
	case "good":
		return "check"
	case "warn", "bad":
		return "warn"
	}
	return "info"
}

func accessIcon(access string) string {
	switch access {
	case "public":
		return "globe"
	case "protected":
		return "shield"
	}
	return "lock"
}
