package server

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"notifer/db"
	"notifer/web"
)

// sweepExpiries is how often tokens are looked through for an end that is near.
const sweepExpiries = time.Hour

// warnBefore says how long before its end the owner of a token is told, the last warning first.
var warnBefore = []time.Duration{24 * time.Hour, 7 * 24 * time.Hour}

// tokenCare tells owners, in their inbox topics, what they would want to know of their tokens. One goroutine runs it.
type tokenCare struct {
	s     *Server
	tried chan string // ids of expired tokens that somebody still uses

	// owned by run
	uses  uint64
	swept time.Time
	told  map[string]bool // expired tokens whose owners know
}

func newTokenCare(s *Server) *tokenCare {
	// No number of uses is this one: the first look finds what was written when the last server stopped.
	return &tokenCare{s: s, tried: make(chan string, 64), told: map[string]bool{}, uses: math.MaxUint64}
}

// noteTried hands over an expired token that was refused; when much waits, the next refusal will do.
func (k *tokenCare) noteTried(id string) {
	select {
	case k.tried <- id:
	default:
	}
}

func (k *tokenCare) run(ctx context.Context) {
	tick := time.NewTicker(k.s.c.CareEvery)
	defer tick.Stop()
	for {
		var work func() error
		select {
		case <-ctx.Done():
			return
		case id := <-k.tried:
			work = func() error { return k.tellTried(ctx, id) }
		case <-tick.C:
			work = func() error { return k.look(ctx) }
		}
		if err := k.survive(work); err != nil && ctx.Err() == nil && !errors.Is(err, db.ErrClosed) {
			k.s.log.Warn("care for tokens", "err", err.Error())
		}
	}
}

// survive turns a panic into an error: the other tokens still want care.
func (k *tokenCare) survive(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return work()
}

func (k *tokenCare) look(ctx context.Context) error {
	now := k.s.d.Now()
	if since := now.Sub(k.swept); since >= sweepExpiries || since < 0 {
		k.swept = now
		if err := k.tellExpiring(ctx, now); err != nil {
			return err
		}
	}
	if uses := k.s.d.TokenUses(); uses != k.uses {
		k.uses = uses
		return k.tellNetworks(ctx)
	}
	return nil
}

// tellExpiring warns seven days and one day before an end.
func (k *tokenCare) tellExpiring(ctx context.Context, now time.Time) error {
	list, err := k.s.d.ExpiringTokens(ctx, now, now.Add(warnBefore[len(warnBefore)-1]))
	if err != nil {
		return err
	}
	for i := range list {
		t := &list[i]
		if !warningDue(t, now) {
			continue
		}
		title := fmt.Sprintf("The token \"%s\" expires soon", t.Name)
		text := fmt.Sprintf("\"%s\" of the topic %s expires %s. Extend it on its page, or let it expire.", t.Name, t.Topic, web.Distance(t.ExpiresAt.Sub(now)))
		if err := k.tell(ctx, t.Topic, title, text, 4, "token"); err != nil {
			return err
		}
		if err := k.s.d.WarnToken(t.ID, now); err != nil {
			return err
		}
	}
	return nil
}

// warningDue reports whether a warning's time has come since the owner was told last, or the token was made.
func warningDue(t *db.Token, now time.Time) bool {
	told := t.CreatedAt
	if t.WarnedAt.After(told) {
		told = t.WarnedAt
	}
	for _, before := range warnBefore {
		if due := t.ExpiresAt.Add(-before); !now.Before(due) {
			return told.Before(due)
		}
	}
	return false
}

// tellTried says once that an expired token is still in use.
func (k *tokenCare) tellTried(ctx context.Context, id string) error {
	if k.told[id] {
		return nil
	}
	t, err := k.s.d.TokenByID(ctx, id)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	now := k.s.d.Now()
	if !t.Expired(now) {
		return nil
	}
	if !t.WarnedAt.After(t.ExpiresAt) {
		title := fmt.Sprintf("The token \"%s\" has expired and is still in use", t.Name)
		text := fmt.Sprintf("A request with the expired token \"%s\" of the topic %s was refused. Its sender can no longer publish or subscribe.", t.Name, t.Topic)
		if err := k.tell(ctx, t.Topic, title, text, 4, "token"); err != nil {
			return err
		}
		if err := k.s.d.WarnToken(id, now); err != nil {
			return err
		}
	}
	if len(k.told) > 10_000 {
		clear(k.told)
	}
	k.told[id] = true
	return nil
}

// tellNetworks says where a token was used from for the first time.
func (k *tokenCare) tellNetworks(ctx context.Context) error {
	list, err := k.s.d.NewNetworks(ctx)
	if err != nil {
		return err
	}
	for _, n := range list {
		title := fmt.Sprintf("The token \"%s\" is used from a new network", n.Token.Name)
		text := fmt.Sprintf("\"%s\" of the topic %s was used from the network %s for the first time, by the IP address %s.", n.Token.Name, n.Token.Topic, n.Network, n.Address)
		if err := k.tell(ctx, n.Token.Topic, title, text, 2, "token"); err != nil {
			return err
		}
		if err := k.s.d.NoticeNetwork(n.Token.ID, n.Network); err != nil {
			return err
		}
	}
	return nil
}

// tell puts a message into the inbox of a topic's owner.
func (k *tokenCare) tell(ctx context.Context, topic, title, text string, priority int, tags string) error {
	of, err := k.s.d.Topic(ctx, topic)
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	inbox, err := k.s.inbox(ctx, of.OwnerID, of.OwnerName)
	if err != nil {
		return err
	}
	return k.s.d.Publish(&db.Message{TopicID: inbox.ID, Topic: inbox.Name, Title: title, HasTitle: true,
		Body: text, Priority: priority, Tags: tags}, nil)
}

// inbox is the private topic that the server writes to an account in; it is made on first use. Others may have taken the names
// it should have, so one that nobody can foresee comes last: care that one account keeps failing stops for all of them.
func (s *Server) inbox(ctx context.Context, user, name string) (db.Topic, error) {
	t, err := s.d.Inbox(ctx, user)
	for n := 1; errors.Is(err, db.ErrNotFound) || errors.Is(err, db.ErrTaken) && n < 20; n++ {
		t = db.NewTopic("inbox-"+name, db.User{ID: user, Username: name})
		t.Inbox = true
		switch {
		case n > 9:
			t.Name = db.NewName(t.Name)
		case n > 1:
			t.Name += "-" + strconv.Itoa(n)
		}
		err = s.d.CreateTopic(&t, name)
	}
	return t, err
}
