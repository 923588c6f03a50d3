package web

import (
	"cmp"
	"time"
)

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
	Factor            bool // it has a second factor
	MustChange        bool // it chooses a new password at the next sign-in
	Topics            int
	CreatedAt, SeenAt time.Time
}

// AdminTopic is one topic as admins see it.
type AdminTopic struct {
	Name, Display, Access, Owner, OwnerID string
	Sign                                  Sign
	Messages, Tokens                      int // tokens that work
	Size                                  string
	LastAt                                time.Time // zero: never
}

func (t AdminTopic) title() string { return cmp.Or(t.Display, t.Name) }

// AllTopics is every topic of the server.
type AllTopics struct {
	Topics       []AdminTopic
	Words        string // that the names or the owners contain
	Newer, Older string
}

// question is what an admin is asked before an account is changed.
func (v AdminQuestion) question() Question {
	name, topics := v.Account.Name, Plural(v.Account.Topics, "topic", "topics")
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
		q.Body = []string{"Every browser and app that is signed in with this account has to sign in again. API keys and tokens keep working."}
	case "reset":
		q.Title, q.Yes = "Reset the password of "+name+"?", "Reset password"
		q.Body = []string{"You get a new password to hand over, and all sessions end. The user must choose another password at the next sign-in. API keys and " + topics + " stay as they are."}
	case "factor-off":
		q.Title, q.Yes = "Turn off the second factor of "+name+"?", "Turn off"
		q.Body = []string{"For a user who has lost the app and the recovery codes. Afterwards, the password alone is enough to sign in, and all sessions end. Make sure that the request comes from " + name + "."}
	}
	return q
}

// AdminQuestion asks before an account is changed; verb is "disable", "signout", "delete", "reset" or "factor-off".
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
