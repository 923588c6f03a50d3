package web

import "time"

// Server is what an admin wants to know about the machine.
type Server struct {
	Version, Database, DiskLeft, DiskTotal string
	StartedAt                              time.Time
	Users, Topics, Messages, Streams       int
	Days                                   []int // messages per day, the newest last
	LastBackup                             time.Time
	Warnings                               []string // WarnBackup, WarnBase or WarnProxy
	Checks                                 []Finding
	Form                                   Form // of the backup; values: password
	Again                                  bool // the password is asked for
}

// Finding is the result of one check of the machine; its state is "ok", "warn", "bad" or "skipped".
type Finding struct{ Name, State, Text string }

func (f Finding) kind() string {
	switch f.State {
	case "ok":
		return "good"
	case "skipped":
		return ""
	}
	return f.State
}

// What an admin is warned of.
const (
	WarnBackup = "backup"
	WarnBase   = "base_url"
	WarnProxy  = "proxy"
)

var checkNames = map[string]string{"clock": "Clock", "disk": "Disk space", "file modes": "File access", "backup": "Backup", "base_url": "Public URL",
	"proxy trust": "Proxy"}

func (f Finding) title() string {
	if name, ok := checkNames[f.Name]; ok {
		return name
	}
	return f.Name
}

func (f Finding) verdict() string {
	switch f.State {
	case "ok":
		return "Fine"
	case "warn":
		return "Check this"
	case "bad":
		return "Needs fixing"
	}
	return "Not checked"
}

var adminTabs = []Tab{
	{"server", "/admin", "Server"},
	{"users", "/admin/users", "Users"},
	{"topics", "/admin/topics", "Topics"},
	{"activity", "/admin/activity", "Activity"},
}
