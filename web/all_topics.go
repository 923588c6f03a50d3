package web

import (
	"cmp"
	"time"
)

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
