package tokens

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/contract"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/tokens"
)

const (
	activityOnTab = 20
	maxNotices    = 2
	urlSeenFor    = 30 * 24 * time.Hour
	idleToShow    = 3
)

// ShowTokens is the tab. With ?created=ID it shows a new secret, once; asking without looking does not use it up.
func (p *Tokens) ShowTokens(c *request.Call) error {
	if c.Asked("new") && c.Topic.AccessLevel == db.Private {
		return p.showNewToken(c)
	}
	created := c.Query.Get("created")
	list, err := p.Manage.Tokens(c.R.Context(), c.Topic)
	if err != nil {
		return err
	}
	days, err := p.DB.TopicTokenDays(c.R.Context(), c.Topic.ID, frame.ChartStart(p.DB.Now()))
	if err != nil {
		return err
	}
	v := views.List{Settings: frame.SettingsOf(c.Topic, "tokens"), Show: c.Query.Get("show"), Sort: c.Query.Get("sort")}
	for i := range list {
		t := p.webToken(&list[i], days[list[i].ID])
		if t.Status == api.Revoked || t.Status == api.Expired {
			v.Ended = append(v.Ended, t)
		} else {
			v.Tokens = append(v.Tokens, t)
		}
	}
	sortTokens(v.Tokens, tokenOrderBy(v.Sort))
	sortTokens(v.Ended, func(a, b *views.Token) int { return b.EndedAt.Compare(a.EndedAt) })
	return p.tokensView(c, v, created)
}

// tokensView completes and answers with the tab.
func (p *Tokens) tokensView(c *request.Call, v views.List, created string) error {
	if i := slices.IndexFunc(v.Tokens, func(t views.Token) bool { return t.ID == created }); i >= 0 {
		if err := p.revealOn(c, &v, v.Tokens[i]); err != nil {
			return err
		}
	}
	if v.Next = c.Query.Get("next"); v.Next == "none" {
		v.Focus = true
	}
	var err error
	if v.Refused, err = p.refusals(c); err != nil {
		return err
	}
	v.Notices = p.tokenNotices(c, &v)
	list, err := p.DB.Activity(c.R.Context(), c.Topic.ID, db.ActivityFilter{Limit: activityOnTab})
	if err != nil {
		return err
	}
	v.Activity = frame.ActivityLines(list)
	v.Count()
	v.Tokens = slices.DeleteFunc(v.Tokens, func(t views.Token) bool { return !t.Fits(v.Show) })
	return p.Render(c, http.StatusOK, views.Page(v))
}

// revealOn puts the new secret on the page, and forgets it; or says that it was shown already.
func (p *Tokens) revealOn(c *request.Call, v *views.List, t views.Token) error {
	secret, read, err := p.TakeSecret(c, t.ID)
	switch {
	case err != nil:
		return err
	case secret != "":
		v.Reveal = &views.Secret{Token: t, Secret: secret, Sender: senderOf(t.Shape)}
	case read:
		v.Gone = &t
		if !p.Site.Stale(c) {
			v.Once = frame.NewFormID()
		}
	}
	return nil
}

// tokenRank orders states on the tab: what needs a decision first, what is unused last.
var tokenRank = map[api.Status]int{api.Leaked: 0, api.Rotating: 1, api.Expiring: 2, api.Active: 3, api.Unused: 4, api.Idle: 5}

func sortTokens(list []views.Token, order func(a, b *views.Token) int) {
	slices.SortStableFunc(list, func(a, b views.Token) int { return order(&a, &b) })
}

// tokenOrderBy is the order of a column of the list; by default, what needs a decision comes first.
func tokenOrderBy(column string) func(a, b *views.Token) int {
	switch column {
	case "name":
		return func(a, b *views.Token) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) }
	case "used":
		return func(a, b *views.Token) int { return b.LastUsedAt.Compare(a.LastUsedAt) }
	case "total":
		return func(a, b *views.Token) int { return cmp.Compare(b.Requests, a.Requests) }
	case "expires":
		return func(a, b *views.Token) int { return web.SoonerEnd(a.ExpiresAt, b.ExpiresAt) }
	case "by":
		return func(a, b *views.Token) int { return cmp.Compare(a.CreatedBy, b.CreatedBy) }
	}
	return tokenOrder
}

func tokenOrder(a, b *views.Token) int {
	if d := tokenRank[a.Status] - tokenRank[b.Status]; d != 0 {
		return d
	}
	if d := b.LastUsedAt.Compare(a.LastUsedAt); d != 0 {
		return d
	}
	return b.CreatedAt.Compare(a.CreatedAt)
}

// webToken is a token as the pages show it; days are its recent counts.
func (p *Tokens) webToken(t *db.Token, days []db.TokenDay) views.Token {
	now := p.DB.Now()
	v := views.Token{ID: t.ID, Name: t.Name, Hint: t.Hint, Note: t.Note, Publish: t.CanPublish, Subscribe: t.CanSubscribe,
		CreatedBy: t.CreatedByName, CreatorID: t.CreatedBy, CreatedAt: t.CreatedAt, LastUsedAt: t.LastUsedAt, LastUsedFrom: t.LastUsedIP,
		LastUsedVia: t.LastUsedVia, Requests: int(t.RequestCount), Refused: int(t.RefusedCount), ExpiresAt: t.ExpiresAt,
		Streams: p.Site.Streams.Held(t.ID), Status: contract.TokenStatus(t, now), Networks: t.Networks,
		Priority: t.DefaultPriority, Tags: t.DefaultTags, Shape: t.Shape, Sender: senderName(t.Shape), Days: tokenCounts(days, now, frame.ChartDays)}
	if now.Before(t.PrevUntil) {
		v.OldHint, v.OldUntil, v.OldUsedAt = t.PrevHint, t.PrevUntil, t.PrevLastUsedAt
		v.LastOld = !t.PrevLastUsedAt.IsZero() && t.PrevLastUsedAt.Equal(t.LastUsedAt)
	}
	for _, n := range v.Days[len(v.Days)-7:] {
		v.Week += n
	}
	v.Warnings, v.Warning, v.WarningAt = int(t.WarningCount), t.LastWarning, t.LastWarningAt
	v.InURL = !t.URLSeenAt.IsZero() && now.Sub(t.URLSeenAt) < urlSeenFor
	switch v.Status {
	case api.Revoked:
		v.EndedAt, v.EndedBy = t.RevokedAt, t.RevokedBy
	case api.Expired:
		v.EndedAt = t.ExpiresAt
	}
	return v
}

// tokenCounts spreads counts per day over the last n days, the newest last.
func tokenCounts(list []db.TokenDay, now time.Time, n int) []int {
	out := make([]int, n)
	for _, d := range list {
		if i, ok := frame.DayIndex(d.Day, now, n); ok {
			out[i] = int(d.OK + d.Refused)
		}
	}
	return out
}
