package server

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/request"
)

// Bounds of a token's parts, in characters; the longest grace of a rotation.
const (
	maxTokenName = 60
	maxTokenNote = 200
	maxGrace     = auth.MaxGrace
	defaultGrace = 24 * time.Hour
	idleAfter    = 90 * 24 * time.Hour
	expiringIn   = 7 * 24 * time.Hour
)

// WireToken is a token of a topic in both spellings of the contract, without its secret, as it stands at a moment.
func WireToken(t *db.Token, topic *db.Topic, now time.Time) api.Token {
	live := t.Live(now)
	out := api.Token{ID: t.ID, Name: t.Name, Note: t.Note, Topic: topic.Name, TopicID: topic.PublicID, UserID: t.CreatedBy,
		Permissions: t.Permissions(), AccessLevel: accessLevel(t), TokenPrefix: auth.Prefix(t.Hint), Hint: t.Hint,
		Status: tokenStatus(t, now), IsActive: t.RevokedAt.IsZero(), IsValid: live && topic.AccessLevel == db.Private,
		CanRead: t.CanSubscribe, CanWrite: t.CanPublish, CreatedAt: api.At(t.CreatedAt),
		CreatedBy: api.Creator{ID: t.CreatedBy, Username: t.CreatedByName}, ExpiresAt: api.AtPtr(t.ExpiresAt),
		RevokedAt: api.AtPtr(t.RevokedAt), LastUsedAt: api.AtPtr(t.LastUsedAt), LastUsed: api.AtPtr(t.LastUsedAt),
		LastUsedIP: t.LastUsedIP, LastUsedVia: t.LastUsedVia, RequestCount: t.RequestCount, RefusedCount: t.RefusedCount,
		URLSeenAt: api.AtPtr(t.URLSeenAt), RefuseInURL: t.RefuseInURL, Networks: splitList(t.Networks), Tags: splitList(t.DefaultTags)}
	if t.DefaultPriority > 0 {
		out.Priority = &t.DefaultPriority
	}
	if now.Before(t.PrevUntil) {
		out.PrevHint, out.PrevUntil, out.PrevLastUsed = t.PrevHint, api.AtPtr(t.PrevUntil), api.AtPtr(t.PrevLastUsedAt)
	}
	return out
}

func accessLevel(t *db.Token) string {
	switch {
	case t.CanPublish && t.CanSubscribe:
		return "read_write"
	case t.CanPublish:
		return "write"
	}
	return "read"
}

// tokenStatus is the one word that says how a token stands.
func tokenStatus(t *db.Token, now time.Time) string {
	switch {
	case !t.RevokedAt.IsZero():
		return "revoked"
	case t.Expired(now):
		return "expired"
	case !t.LeakedAt.IsZero():
		return "leaked"
	case now.Before(t.PrevUntil):
		return "rotating"
	case !t.ExpiresAt.IsZero() && t.ExpiresAt.Sub(now) <= expiringIn:
		return "expiring"
	case t.LastUsedAt.IsZero():
		return "unused"
	case now.Sub(t.LastUsedAt) > idleAfter:
		return "idle"
	}
	return "active"
}

func (s *Server) handleTokens(c *request.Call) error {
	list, err := s.listedTokens(c)
	if err != nil {
		return err
	}
	out, now := make([]api.Token, len(list)), s.d.Now()
	for i := range list {
		out[i] = WireToken(&list[i], c.Topic, now)
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// listedTokens are the topic's tokens without those that ended too long ago.
func (s *Server) listedTokens(c *request.Call) ([]db.Token, error) {
	list, err := s.d.Tokens(c.R.Context(), c.Topic.ID)
	horizon := s.d.Now().Add(-s.c.KeepEnded)
	return slices.DeleteFunc(list, func(t db.Token) bool {
		return !t.RevokedAt.IsZero() && t.RevokedAt.Before(horizon) || !t.ExpiresAt.IsZero() && t.ExpiresAt.Before(horizon)
	}), err
}

func (s *Server) handleToken(c *request.Call) error {
	t, err := s.d.Token(c.R.Context(), c.Topic.ID, c.R.PathValue("id"))
	if err != nil {
		return noToken(c, err)
	}
	request.WriteJSON(c.W, http.StatusOK, WireToken(&t, c.Topic, s.d.Now()))
	return nil
}

// noToken says where the ids of tokens are found. Only who manages the topic gets this far.
func noToken(c *request.Call, err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return &request.Problem{Status: http.StatusNotFound, Detail: "no such token: GET /api/topics/" + c.Topic.Name + "/access-tokens lists those of the topic"}
	}
	return err
}

func (s *Server) handleCreateToken(c *request.Call) error {
	var in api.TokenRequest
	if err := request.ReadJSON(c, &in); err != nil {
		return err
	}
	t, secret, err := s.createToken(c, in)
	if err != nil {
		return err
	}
	out := WireToken(&t, c.Topic, s.d.Now())
	out.Token = secret
	request.WriteJSON(c.W, http.StatusCreated, out)
	return nil
}

// createToken makes a token for the call's topic, which must be private, and returns its secret, once.
func (s *Server) createToken(c *request.Call, in api.TokenRequest) (db.Token, string, error) {
	t := db.Token{TopicID: c.Topic.ID, Topic: c.Topic.Name, CreatedBy: c.Who.User().ID, CreatedByName: c.Who.User().Username}
	if c.Topic.AccessLevel != db.Private {
		return t, "", request.BadRequest("tokens are for private topics only: make the topic private first")
	}
	var err error
	if t.CanPublish, t.CanSubscribe, err = readPermissions(in); err != nil {
		return t, "", err
	}
	if in.Name == nil {
		return t, "", request.Unprocessable("name is missing: say where the token will live")
	}
	if in.ExpiresAt == nil && s.c.DefaultExpiry > 0 {
		t.ExpiresAt = s.auth.Now().Add(s.c.DefaultExpiry)
	}
	if _, err := s.applyToken(&t, in); err != nil {
		return t, "", err
	}
	secret, err := s.auth.IssueToken(c.R.Context(), &t)
	return t, secret, nameTaken(err, c.Topic.Name, t.Name)
}

func (s *Server) handleUpdateToken(c *request.Call) error {
	var in tokenPatch
	if err := request.ReadPatch(c, &in); err != nil {
		return err
	}
	req, err := in.request()
	if err != nil {
		return err
	}
	t, err := s.d.UpdateToken(c.Topic.ID, c.R.PathValue("id"), c.Who.Actor(), func(t *db.Token) ([]string, error) {
		if !t.Live(s.d.Now()) {
			return nil, &request.Problem{Status: http.StatusConflict, Detail: "the token has ended: create a new one instead"}
		}
		return s.applyToken(t, req)
	})
	if err != nil {
		return nameTaken(noToken(c, err), c.Topic.Name, t.Name)
	}
	request.WriteJSON(c.W, http.StatusOK, WireToken(&t, c.Topic, s.d.Now()))
	return nil
}

// handleRevokeToken ends a token. When it answers, the next request with it is refused and its streams are closed.
func (s *Server) handleRevokeToken(c *request.Call) error {
	if _, err := s.d.RevokeToken(c.Topic.ID, c.R.PathValue("id"), c.Who.Actor()); err != nil {
		return noToken(c, err)
	}
	return request.NoContent(c.W)
}

// handleRotateToken gives a token a new secret; the old one works for the grace.
func (s *Server) handleRotateToken(c *request.Call) error {
	var in api.RotateRequest
	if c.R.ContentLength != 0 {
		if err := request.ReadJSON(c, &in); err != nil {
			return err
		}
	}
	grace, err := readGrace(in)
	if err != nil {
		return err
	}
	t, secret, err := s.rotateToken(c, c.R.PathValue("id"), grace)
	if err != nil {
		return noToken(c, err)
	}
	out := WireToken(&t, c.Topic, s.d.Now())
	out.Token = secret
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// readGrace is how long the old secret works, a day unless the request says.
func readGrace(in api.RotateRequest) (time.Duration, error) {
	const most = int64(maxGrace / time.Second)
	switch n := in.GraceSeconds; {
	case n == nil:
		return defaultGrace, nil
	case *n < 0 || *n > most: // before it is multiplied
		return 0, request.Unprocessable("grace_seconds must be from 0 to %d", most)
	default:
		return time.Duration(*n) * time.Second, nil
	}
}

// rotateToken gives a token of the call's topic a new secret and returns it, once. The caller has bounded the grace.
func (s *Server) rotateToken(c *request.Call, id string, grace time.Duration) (db.Token, string, error) {
	t, err := s.d.Token(c.R.Context(), c.Topic.ID, id)
	if err != nil {
		return t, "", err
	}
	if !t.Live(s.d.Now()) {
		return t, "", &request.Problem{Status: http.StatusConflict, Detail: "the token has ended: create a new one instead"}
	}
	secret, err := s.auth.RotateToken(c.R.Context(), &t, grace, c.Who.Actor())
	if err != nil {
		return t, "", err
	}
	t, err = s.d.Token(c.R.Context(), c.Topic.ID, id)
	return t, secret, err
}

func (s *Server) handleTokenUsage(c *request.Call) error {
	days, err := readDays(c.Query.Get("days"))
	if err != nil {
		return err
	}
	t, err := s.d.Token(c.R.Context(), c.Topic.ID, c.R.PathValue("id"))
	if err != nil {
		return noToken(c, err)
	}
	used, err := s.d.TokenDays(c.R.Context(), t.ID, s.d.Now().UTC().AddDate(0, 0, 1-days))
	if err != nil {
		return err
	}
	addresses, err := s.d.TokenAddresses(c.R.Context(), t.ID)
	if err != nil {
		return err
	}
	request.WriteJSON(c.W, http.StatusOK, WireUsage(used, addresses))
	return nil
}

// WireUsage is what a token did, by day and by address, in the form of the contract.
func WireUsage(days []db.TokenDay, addresses []db.TokenAddress) api.TokenUsage {
	out := api.TokenUsage{Days: []api.UsageDay{}, Addresses: []api.UsageAddress{}}
	for _, d := range days {
		out.Days = append(out.Days, api.UsageDay{Day: d.Day.Format(time.DateOnly), OK: d.OK, Refused: d.Refused})
	}
	for _, a := range addresses {
		out.Addresses = append(out.Addresses, api.UsageAddress{Address: a.Address, LastAt: api.At(a.LastAt), Count: a.Count})
	}
	return out
}

// handleEndOwnToken lets whoever finds a token end it: it revokes the token it is called with, and nothing else.
func (s *Server) handleEndOwnToken(c *request.Call) error {
	t := c.Who.Token()
	if _, err := s.d.RevokeToken(t.TopicID, t.ID, "the token itself"); err != nil {
		return err
	}
	return request.NoContent(c.W)
}
