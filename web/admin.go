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

// question is what an admin is asked before an account is changed.
func (v AdminQuestion) question() Question {
	name, topics := v.Account.Name, plural(v.Account.Topics, "topic", "topics")
	q := Question{No: "Keep it", Action: "/admin/users/" + v.Account.ID + "/" + v.Verb, Back: "/admin/users", Kind: "bad", Alert: true}
	switch v.Verb {
	case "disable":
		q.Title, q.Yes = "Disable "+name+"?", "Disable"
		q.Body = []string{"Sign-in, API keys and the tokens of " + topics + " stop working until you enable the account again."}
	case "delete":
		q.Title, q.Yes = "Delete "+name+"?", "Delete"
		q.Body = []string{"The account and " + topics + " with all messages and tokens are deleted. This cannot be undone."}
	case "signout":
		q.Title, q.Yes, q.Kind = "End all sessions of "+name+"?", "End sessions", ""
		q.Body = []string{"Every browser and app that is signed in with this account has to sign in again. API keys and tokens go on working."}
	case "reset":
		q.Title, q.Yes = "Reset the password of "+name+"?", "Reset password"
		q.Body = []string{"You get a new password to hand over, and all sessions end. API keys and " + topics + " stay as they are."}
	}
	return q
}

// AdminQuestion asks before an account is changed; verb is "disable", "signout", "delete" or "reset".
type AdminQuestion struct {
	Verb    string
	Account Account
	Keys    int // API keys of the account that work
	Form    Form
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
		return "Worth a look"
	case "bad":
		return "Needs fixing"
	}
	return "Not checked"
}

var adminTabs = []Tab{
	{"server", "/admin", "Server"},
	{"users", "/admin/users", "Users"},
	{"topics", "/admin/topics", "Topics"},
}
