package web

import "time"

// Server is what an admin wants to know about the machine.
type Server struct {
	Version, Database, DiskLeft, DiskTotal string
	StartedAt                              time.Time
	Users, Topics, Messages, Streams       int
	Days                                   []int // messages per day, the newest last
	LastBackup                             time.Time
	Warnings                               []Problem // message ids of what is not as it should be
	Checks                                 []Finding
	Form                                   Form // of the backup; values: password
	Again                                  bool // the password is asked for
}

// Finding is what a look at the machine found; its state is "ok", "warn", "bad" or "skipped".
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

// Users is the list of accounts.
type Users struct {
	Users  []Account
	New    Form // values: email, username, admin
	Reset  *Reveal
	Newer  string
	Older  string
	Create bool
}

// Account is one account as admins see it.
type Account struct {
	ID, Name, Email   string
	Admin, Disabled   bool
	Self              bool
	Topics            int
	CreatedAt, SeenAt time.Time
}

// AllTopics is every topic of the server.
type AllTopics struct {
	Topics       []TopicRow
	Newer, Older string
	Text         string
}

// AdminQuestion asks before an account is changed; verb is "disable", "delete" or "reset".
type AdminQuestion struct {
	Verb    string
	Account Account
	Form    Form
}

var adminTabs = []Tab{
	{"server", "/admin", "admin.server"},
	{"users", "/admin/users", "admin.users"},
	{"topics", "/admin/topics", "admin.topics"},
}
