package tokens

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/request"
	views "notifer/web/tokens"
)

// tabEvery is the pace of live updates: at most one per token and tick.
const tabEvery = time.Second

// tokenTab is one open tab that follows the tokens of a topic. Its goroutine is the request's own. It looks at three
// counters each second and reads the store only when one has moved.
type tokenTab struct {
	p  *Tokens
	c  *request.Call
	rc *http.ResponseController

	seen       map[string]tokenSeen
	uses       uint64
	refused    uint64
	generation uint64
	until      time.Time // the reader's sign-in ends; zero for never
}

type tokenSeen struct {
	requests int64
	used     time.Time
	ended    bool
	label    string    // its name and hint, which the page shows
	until    time.Time // the old secret works until
}

// ShowTokenEvents is the event stream of the tab: use, denied, created, changed and revoked, as data only. With ?since= in unix
// milliseconds it begins with what happened after the page was made.
func (p *Tokens) ShowTokenEvents(c *request.Call) error {
	p.streamHeaders(c.W.Header())
	p.PageHeaders(c)
	if c.R.Method == http.MethodHead {
		return nil
	}
	leave, err := c.EnterStream()
	if err != nil {
		return err
	}
	defer leave()
	t := &tokenTab{p: p, c: c, rc: http.NewResponseController(c.W), seen: map[string]tokenSeen{}, generation: c.Rights, until: c.Who.Expires()}
	t.uses, t.refused = p.DB.TokenUses(), p.Site.Refusals.Serial() // before the tokens are read: what comes meanwhile is found by the first look
	list, err := p.DB.Tokens(c.R.Context(), c.Topic.ID)
	if err != nil {
		return err
	}
	since := p.DB.Now()
	if ms, err := strconv.ParseInt(c.Query.Get("since"), 10, 64); err == nil {
		since = time.UnixMilli(ms)
	}
	t.begin(list, since)
	c.W.WriteHeader(http.StatusOK)
	_ = t.rc.SetReadDeadline(time.Time{}) // the request is read; only its end is waited for
	t.follow(list)
	return nil
}

// begin takes the tokens as the page showed them at a moment: a use after it is not seen yet.
func (t *tokenTab) begin(list []db.Token, since time.Time) {
	for i := range list {
		seen := seenOf(&list[i], t.p.DB.Now())
		if list[i].LastUsedAt.After(since) {
			seen.requests, seen.used = 0, time.Time{}
		}
		t.seen[list[i].ID] = seen
	}
}

func seenOf(k *db.Token, now time.Time) tokenSeen {
	return tokenSeen{k.RequestCount, k.LastUsedAt, !k.Live(now), k.Name + k.Hint, k.PrevUntil}
}

// follow sends what happens until the page is closed, the server stops or the reader loses the right to see it.
func (t *tokenTab) follow(list []db.Token) {
	tick := time.NewTicker(tabEvery)
	defer tick.Stop()
	err := t.send(t.changes(list), ": here\n\n")
	every := max(1, int(t.p.Settings.Heartbeat/tabEvery))
	for quiet := 1; err == nil; quiet++ {
		select {
		case <-t.c.R.Context().Done():
			return
		case <-t.p.Stopping.Done():
			return
		case <-tick.C:
		}
		var text, beat string
		if text, err = t.look(); quiet%every == 0 {
			beat = "event: alive\ndata: {}\n\n" // a comment would not reach the page's script
		}
		if err == nil && text+beat != "" {
			err = t.send(text, beat)
		}
	}
}

func (t *tokenTab) send(parts ...string) error {
	if err := t.rc.SetWriteDeadline(time.Now().Add(t.p.Settings.WriteTimeout)); err != nil {
		return err
	}
	if _, err := t.c.W.Write([]byte(strings.Join(parts, ""))); err != nil {
		return err
	}
	return t.rc.Flush()
}

// look returns the events since the last look. It fails when the reader may no longer see them.
func (t *tokenTab) look() (string, error) {
	p, ctx := t.p, t.c.R.Context()
	uses, refused, generation := p.DB.TokenUses(), p.Site.Refusals.Serial(), p.Auth.Generation()
	over := !t.until.IsZero() && !p.Auth.Now().Before(t.until)
	if uses == t.uses && refused == t.refused && generation == t.generation && !over {
		return "", nil
	}
	if generation != t.generation || over {
		until, err := p.Auth.Reauthorize(ctx, t.c.Who, t.c.Route.Action, t.c.Topic.ID, t.c.Topic.Name)
		if err != nil {
			return "", err
		}
		t.until = until
	}
	var out string
	if uses != t.uses || generation != t.generation {
		list, err := p.DB.Tokens(ctx, t.c.Topic.ID)
		if err != nil {
			return "", err
		}
		out = t.changes(list)
	}
	out += t.denials()
	t.uses, t.refused, t.generation = uses, max(t.refused, refused), generation
	return out, nil
}

// changes compares the tokens with what was sent last.
func (t *tokenTab) changes(list []db.Token) string {
	var out strings.Builder
	for i := range list {
		k := &list[i]
		was, known := t.seen[k.ID]
		now := seenOf(k, t.p.DB.Now())
		t.seen[k.ID] = now
		switch {
		case !known:
			appendTabEvent(&out, "created", tokenEvent{ID: k.ID, Name: k.Name, By: k.CreatedByName})
		case now.ended && !was.ended && !k.RevokedAt.IsZero():
			appendTabEvent(&out, "revoked", tokenEvent{ID: k.ID, Name: k.Name, By: k.RevokedBy})
		case now.ended != was.ended || now.label != was.label || !now.until.Equal(was.until):
			appendTabEvent(&out, "changed", tokenEvent{ID: k.ID, Name: k.Name})
		case now.requests != was.requests || !now.used.Equal(was.used):
			appendTabEvent(&out, "use", t.use(k))
		}
	}
	return out.String()
}

// tokenEvent is a change of a token.
type tokenEvent struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	By   string `json:"by"`
}

// tokenUse is the state of a token's counters. Text says where %t, the time, and %a, the address, belong.
type tokenUse struct {
	ID      string   `json:"id"`
	At      api.Time `json:"at"`
	Address string   `json:"address"`
	Total   int64    `json:"total"`
	Refused int64    `json:"refused"`
	Old     bool     `json:"old"`
	Text    string   `json:"text"`
}

func (t *tokenTab) use(k *db.Token) tokenUse {
	old := !k.PrevLastUsedAt.IsZero() && k.PrevLastUsedAt.Equal(k.LastUsedAt)
	return tokenUse{ID: k.ID, At: api.At(k.LastUsedAt), Address: k.LastUsedIP, Total: k.RequestCount, Refused: k.RefusedCount,
		Old: old, Text: views.UseText(k.LastUsedVia, old)}
}

// tokenDenied is a refused request, and how often the same was refused.
type tokenDenied struct {
	Group   uint64   `json:"group"`
	Times   int      `json:"times"`
	First   api.Time `json:"first"`
	At      api.Time `json:"at"`
	Address string   `json:"address"`
	Status  int      `json:"status"`
	Text    string   `json:"text"`
	Hint    string   `json:"hint,omitempty"`
	From    string   `json:"from"`
}

// denials are the refusals that were not sent yet, the oldest first.
func (t *tokenTab) denials() string {
	var out strings.Builder
	list, sent := t.p.Site.Refusals.Newest(t.c.Topic.ID, t.p.DB.Now()), t.refused
	names := map[string]string{}
	for i := len(list) - 1; i >= 0; i-- {
		if r := list[i]; r.Serial > sent {
			t.refused = max(t.refused, r.Serial) // it may have come after the serial was read, and is not sent again
			text, err := t.p.refusalText(t.c, &r, names)
			if err != nil {
				continue // it is on the page when that is asked for again
			}
			appendTabEvent(&out, "denied", tokenDenied{Group: r.Group, Times: r.Times, First: api.At(r.First), At: api.At(r.At), Address: addressText(r.Address), Status: r.Status, Text: text,
				Hint: r.SecretHint, From: views.UseText(r.Via, false)})
		}
	}
	return out.String()
}

func appendTabEvent(out *strings.Builder, name string, v any) {
	data, err := json.Marshal(v)
	if err == nil { // these structs always encode
		out.WriteString("event: " + name + "\ndata: " + string(data) + "\n\n")
	}
}
