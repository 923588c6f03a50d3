package reliability

import (
	"fmt"
	"sync"
)

// Kind says what a client recorded.
type Kind int

// What a subscriber does and sees.
const (
	Joined     Kind = iota // opened a stream or a poll; ID is the cursor it asked to resume after, "" for from now on
	Delivered              // got the message ID with Body
	Bookmarked             // was told that everything up to ID has been sent
	CaughtUp               // claims to have everything in the final log
)

// All is the cursor of a client that asks for everything kept: it sorts before every message id.
const All = "000000000000"

// Event is one line of a client's record, in the order the client saw it.
type Event struct {
	Client string
	Kind   Kind
	ID     string
	Body   string
}

// Message is one row of the final log, or one acknowledged publish.
type Message struct {
	ID      string
	Body    string
	Damaged bool // the server says that it is, so the body is not what was published
}

// History collects what many clients record. It is safe for use by many goroutines.
type History struct {
	mu     sync.Mutex
	events []Event
	acks   []Message
	newest map[string]string // client -> greatest id delivered
}

// Record appends one event of a client.
func (h *History) Record(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
	if e.Kind == Delivered {
		if h.newest == nil {
			h.newest = map[string]string{}
		}
		h.newest[e.Client] = max(h.newest[e.Client], e.ID)
	}
}

// Ack records a publish that was answered 200 in full.
func (h *History) Ack(m Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acks = append(h.acks, m)
}

// Acks returns the acknowledged publishes so far.
func (h *History) Acks() []Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Message(nil), h.acks...)
}

// Newest is the greatest id delivered to one client, "" before the first.
func (h *History) Newest(client string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.newest[client]
}

// Check runs the checker over everything recorded against the final log.
func (h *History) Check(log []Message) []Violation {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Check(log, h.acks, h.events)
}

// Violation is one broken rule.
type Violation struct {
	Rule   string
	Client string
	Text   string
}

func (v Violation) String() string {
	return fmt.Sprintf("%s: %s: %s", v.Rule, v.Client, v.Text)
}
