// Package notices writes to the inboxes of token owners what they should know about their tokens: that one expires soon, that an expired
// one is still used, and that one was used from a network for the first time. Admins also read there how the trial restore of a backup
// went.
package notices

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"time"

	"notifer/db"
	"notifer/web"
)

// sweepExpiries is how often tokens are checked for an expiry that is near.
const sweepExpiries = time.Hour

// mostNotified bounds the memory of expired tokens.
const mostNotified = 10_000

// warnBefore says how long before its end the owner of a token is warned, the last warning first.
var warnBefore = []time.Duration{24 * time.Hour, 7 * 24 * time.Hour}

// Notices writes to the owners' inbox topics. One goroutine calls Run; ExpiredTokenUsed may be called from any.
type Notices struct {
	// immutable after New
	db    *db.DB
	log   *slog.Logger
	every time.Duration
	tried chan string // ids of expired tokens that are still used

	// owned by Run
	uses     uint64
	swept    time.Time
	notified map[string]bool // expired tokens whose owners were notified, as far as that was looked up since the last sweep
}

// New makes the notices of a store, which is checked once per interval every.
func New(d *db.DB, log *slog.Logger, every time.Duration) *Notices {
	// No number of uses is this one: the first check finds what was written when the last server stopped.
	return &Notices{db: d, log: log, every: every, tried: make(chan string, 64), notified: map[string]bool{}, uses: math.MaxUint64}
}

// ExpiredTokenUsed reports an expired token that was refused. When many reports wait it drops this one: the next refusal brings another.
func (n *Notices) ExpiredTokenUsed(id string) {
	select {
	case n.tried <- id:
	default:
	}
}

// Run writes notices until the context ends, and returns when the last write has. It is called once.
func (n *Notices) Run(ctx context.Context) {
	tick := time.NewTicker(n.every)
	defer tick.Stop()
	for {
		var work func() error
		select {
		case <-ctx.Done():
			return
		case id := <-n.tried:
			work = func() error { return n.notifyExpiredUse(ctx, id) }
		case <-tick.C:
			work = func() error { return n.check(ctx) }
		}
		if err := n.recovered(work); err != nil && ctx.Err() == nil && !errors.Is(err, db.ErrClosed) {
			n.log.Warn("token notices", "err", err.Error())
		}
	}
}

// recovered turns a panic into an error: the other tokens still get their notices.
func (n *Notices) recovered(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return work()
}

func (n *Notices) check(ctx context.Context) error {
	now := n.db.Now()
	if since := now.Sub(n.swept); since >= sweepExpiries || since < 0 {
		n.swept = now
		clear(n.notified) // a token that was extended may have expired again; the store knows whose owners were notified of this expiry
		if err := n.notifyExpiring(ctx, now); err != nil {
			return err
		}
	}
	if uses := n.db.TokenUses(); uses != n.uses {
		n.uses = uses
		return n.notifyNetworks(ctx)
	}
	return nil
}

// notifyExpiring warns seven days and one day before an end.
func (n *Notices) notifyExpiring(ctx context.Context, now time.Time) error {
	list, err := n.db.ExpiringTokens(ctx, now, now.Add(warnBefore[len(warnBefore)-1]))
	if err != nil {
		return err
	}
	for i := range list {
		t := &list[i]
		if !warningDue(t, now) {
			continue
		}
		title := fmt.Sprintf("The token \"%s\" expires soon", t.Name)
		text := fmt.Sprintf("The token \"%s\" of the topic %s expires %s. Extend it on its page, or let it expire.", t.Name, t.Topic, web.Until(t.ExpiresAt.Sub(now)))
		if err := n.send(ctx, t.Topic, title, text, 4, "token"); err != nil {
			return err
		}
		if err := n.db.WarnToken(t.ID, now); err != nil {
			return err
		}
	}
	return nil
}

// warningDue reports whether a warning's time has come since the last one, or the token was made.
func warningDue(t *db.Token, now time.Time) bool {
	last := t.CreatedAt
	if t.WarnedAt.After(last) {
		last = t.WarnedAt
	}
	for _, before := range warnBefore {
		if due := t.ExpiresAt.Add(-before); !now.Before(due) {
			return last.Before(due)
		}
	}
	return false
}

// notifyExpiredUse says once that an expired token is still in use.
func (n *Notices) notifyExpiredUse(ctx context.Context, id string) error {
	if n.notified[id] {
		return nil
	}
	t, err := n.db.TokenByID(ctx, id)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	now := n.db.Now()
	if !t.Expired(now) {
		return nil
	}
	if !t.WarnedAt.After(t.ExpiresAt) {
		title := fmt.Sprintf("The token \"%s\" has expired and is still in use", t.Name)
		text := fmt.Sprintf("A request with the expired token \"%s\" of the topic %s was refused. Its sender can no longer publish or subscribe.", t.Name, t.Topic)
		if err := n.send(ctx, t.Topic, title, text, 4, "token"); err != nil {
			return err
		}
		if err := n.db.WarnToken(id, now); err != nil {
			return err
		}
	}
	if len(n.notified) >= mostNotified {
		clear(n.notified)
	}
	n.notified[id] = true
	return nil
}

// notifyNetworks says where a token was used from for the first time.
func (n *Notices) notifyNetworks(ctx context.Context) error {
	list, err := n.db.NewNetworks(ctx)
	if err != nil {
		return err
	}
	for _, use := range list {
		title := fmt.Sprintf("The token \"%s\" was used from a new network", use.Token.Name)
		text := fmt.Sprintf("The token \"%s\" of the topic %s was used from the network %s for the first time. The IP address was %s.", use.Token.Name, use.Token.Topic, use.Network, use.Address)
		if err := n.send(ctx, use.Token.Topic, title, text, 2, "token"); err != nil {
			return err
		}
		if err := n.db.NoticeNetwork(use.Token.ID, use.Network); err != nil {
			return err
		}
	}
	return nil
}

// send puts a message into the inbox of a topic's owner.
func (n *Notices) send(ctx context.Context, topic, title, text string, priority int, tags string) error {
	of, err := n.db.Topic(ctx, topic)
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	return n.write(ctx, of.OwnerID, of.OwnerName, title, text, priority, tags)
}

// Admins writes to the inbox of every admin. It may be called from any goroutine.
func (n *Notices) Admins(ctx context.Context, title, text string, priority int) error {
	users, err := n.db.Users(ctx)
	for _, u := range users {
		if u.IsAdmin && !u.Disabled {
			err = errors.Join(err, n.write(ctx, u.ID, u.Username, title, text, priority, "server"))
		}
	}
	return err
}

// write puts a message into the inbox of an account.
func (n *Notices) write(ctx context.Context, user, name, title, text string, priority int, tags string) error {
	inbox, err := n.inbox(ctx, user, name)
	if err != nil {
		return err
	}
	return n.db.Publish(&db.Message{TopicID: inbox.ID, Topic: inbox.Name, Title: title, HasTitle: true,
		Body: text, Priority: priority, Tags: tags}, nil)
}

// inbox is the private topic that the server writes to an account in; it is made on first use. Others may have taken the names
// it should have, so one that cannot be foreseen comes last: one account for which this keeps failing stops the notices of all.
func (n *Notices) inbox(ctx context.Context, user, name string) (db.Topic, error) {
	t, err := n.db.Inbox(ctx, user)
	for try := 1; errors.Is(err, db.ErrNotFound) || errors.Is(err, db.ErrTaken) && try < 20; try++ {
		t = db.NewTopic("inbox-"+name, db.User{ID: user, Username: name})
		t.Inbox = true
		switch {
		case try > 9:
			t.Name = db.NewName(t.Name)
		case try > 1:
			t.Name += "-" + strconv.Itoa(try)
		}
		err = n.db.CreateTopic(&t, db.By{ID: user, Name: name})
	}
	return t, err
}
