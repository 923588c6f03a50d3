package web

import "time"

// Home is the first page after signing in: one list of topics and the form that makes one.
type Home struct {
	Tab    string // "mine", "all" or "catalog"
	Words  string // that the names must contain
	Topics []TopicRow
	New    Form   // values: name, access, description, discoverable
	Open   bool   // the form is unfolded
	Newer  string // path of the page before, empty on the first
	Older  string // path of the next page, empty on the last
	Stream string // path of the stream of all readable topics of the page, empty without any
}

// first reports whether the reader has nothing yet.
func (v Home) first() bool { return v.Tab == "mine" && len(v.Topics) == 0 && v.Newer == "" && v.Open }

// TopicRow is one topic in a list.
type TopicRow struct {
	Name, Display, Description, Owner string
	Sign                              Sign
	Access                            string // "private", "protected" or "public"
	Mine, Readable                    bool
	Unread                            int  // since the reader's last visit
	Urgent                            bool // one of them is urgent
	Pinned                            bool
	MayPin                            bool // the reader has a list of its own to pin it in
	LastAt                            time.Time
	LastText                          string
	Days                              []int // messages per day, the newest last
}

// list is the path of the whole list.
func (v Home) list() string {
	if v.Tab == "mine" {
		return "/"
	}
	return "/?show=" + v.Tab
}

// filterNone is said when nothing of the page fits; there are more topics than it shows when it has neighbours.
func filterNone(neighbours string) string {
	if neighbours != "" {
		return "Not on this page: press Enter to search all"
	}
	return "No matches"
}

var homeTabs = []Tab{
	{"mine", "/", "My topics"},
	{"all", "/?show=all", "All"},
	{"catalog", "/?show=catalog", "Catalog"},
}

func (r TopicRow) title() string {
	if r.Display != "" {
		return r.Display
	}
	return r.Name
}

func accessChoice(value string) Choice {
	if value == "" {
		value = "private"
	}
	return Choice{ID: "access", Label: "Access", Value: value, Options: []Option{
		{"private", accessName("private"), "Only you, your tokens and admins can publish and read."},
		{"protected", accessName("protected"), "Anyone can read. Publishing needs an account or an API key."},
		{"public", accessName("public"), "Anyone can read and publish, without credentials."},
	}}
}

func accessName(access string) string {
	switch access {
	case "public":
		return "Public"
	case "protected":
		return "Protected"
	}
	return "Private"
}

func discoverable(f Form) Check {
	return Check{ID: "discoverable", Name: "discoverable", Value: "1", On: f.Value("discoverable") != "",
		Label: "List it in the catalog", Help: "Its name and description become visible there. Reading a private topic still needs permission."}
}

// unread is the number of new messages, at most 99+.
func unread(n int) string {
	if n > 99 {
		return "99+"
	}
	return Number(n)
}
