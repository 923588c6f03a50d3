package db

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Bounds of what one search looks at before it answers with a cursor: there is no full-text index.
const (
	scanLimit = 100_000 // rows
	scanBytes = 64 << 20
	scanTime  = 300 * time.Millisecond
)

// Search says which messages are wanted. Zero fields do not restrict. Before is the cursor of the page.
type Search struct {
	Topics      []int64      // nil finds nothing; at most 32,000
	Text        string       // in the title or the text, in any letter case
	Tags        []string     // any of them
	AllTags     bool         // all of Tags
	PriorityMin int          // 1 to 5
	Sender      string       // id or name
	Newer       map[int64]ID // of each topic: only what is newer than the id; an absent topic is not restricted
	Since       time.Time    // of the message, inclusive as Until is
	After       ID           // exclusive, as Before is
	Until       time.Time
	Before      ID
	Oldest      bool // oldest first, from After
	Offset      int  // matches that are skipped
	Limit       int  // matches on the page; there is no default

	sentBy map[int64][]int64 // numbers of Sender in the topics
}

// Search returns a page of matches, the newest first unless Oldest: at most Limit, and about 1 MiB of text. Next is the Before (with
// Oldest: the After) of the following page, 0 when there is none.
func (d *DB) Search(ctx context.Context, s Search) (found []Message, next ID, err error) {
	if s.plain() {
		found, err = d.searchPage(ctx, s, s.lower(), s.upper())
		return found, s.nextOf(found), err
	}
	size := 0
	next, err = d.scan(ctx, s, func(m *Message) bool {
		if found == nil {
			found = make([]Message, 0, min(s.Limit, searchPageRows))
		}
		found = append(found, *m)
		size += m.size()
		return len(found) < s.Limit && size < pageBytes
	})
	return found, next, err
}

// UseSearch calls use with what Search would return. The list is valid during the call only: an ordinary page is not copied.
func (d *DB) UseSearch(ctx context.Context, s Search, use func(found []Message, next ID) error) error {
	if s.plain() {
		return d.usePage(ctx, s, s.lower(), s.upper(), func(found []Message) error { return use(found, s.nextOf(found)) })
	}
	found, next, err := d.Search(ctx, s)
	if err != nil {
		return err
	}
	return use(found, next)
}

// plain reports whether every row of the range matches and one page of them is the answer.
func (s *Search) plain() bool {
	return !s.Scans() && s.Offset == 0 && s.Limit > 0 && s.Limit <= searchPageRows
}

// nextOf is the Next of a plain page.
func (s *Search) nextOf(found []Message) ID {
	size := 0
	for i := range found {
		size += found[i].size()
	}
	if len(found) > 0 && (len(found) == s.Limit || size >= pageBytes) {
		return found[len(found)-1].ID
	}
	return 0
}

// Count counts matches up to most. more reports that there may be more: a search for words stops where one page of it would.
func (d *DB) Count(ctx context.Context, s Search, most int) (n int, more bool, err error) {
	if !s.Scans() {
		err = d.read.QueryRowContext(ctx, `
			select count(*)
			from (
			  select 1
			  from message
			  where topic_id in (`+marks(len(s.Topics))+`) and id > ? and id < ?
			  limit ?)`, arguments(s.Topics, s.lower(), s.upper(), most)...).Scan(&n)
		return n, n == most, classify(err)
	}
	next, err := d.scan(ctx, s, func(*Message) bool {
		n++
		return n < most
	})
	return n, next != 0, err
}

// scan calls keep with each match until it wants no more. Next is as in Search.
func (d *DB) scan(ctx context.Context, s Search, keep func(*Message) bool) (next ID, err error) {
	if found, err := d.narrow(ctx, &s); err != nil || !found {
		return 0, err
	}
	text := strings.ToLower(s.Text)
	lower, upper := s.lower(), s.upper()
	skip := s.Offset
	size, began := 0, time.Now()
	for seen := 0; seen < scanLimit && size < scanBytes && (seen == 0 || time.Since(began) < scanTime); {
		page, err := d.searchPage(ctx, s, lower, upper)
		if err != nil || len(page) == 0 {
			return 0, err
		}
		for i := range page {
			if next = page[i].ID; s.Oldest {
				lower = next
			} else {
				upper = next
			}
			size += page[i].size()
			if !s.matches(&page[i], text) {
				continue
			}
			if skip > 0 {
				skip--
				continue
			}
			if !keep(&page[i]) {
				return next, nil
			}
		}
		seen += len(page)
	}
	return next, nil
}

// upper is the exclusive upper end of the scan. An id may run ahead of the wall clock, so Until is checked per row too.
func (s *Search) upper() ID {
	if s.Before > 0 {
		return s.Before
	}
	return idMax
}

func (s *Search) lower() ID {
	lower := s.After
	if !s.Since.IsZero() {
		lower = max(lower, FirstID(s.Since)-1)
	}
	if s.Newer == nil || len(s.Topics) == 0 {
		return lower
	}
	first := idMax
	for _, t := range s.Topics {
		first = min(first, s.Newer[t])
	}
	return max(lower, first)
}

const searchPageRows = 500

func (d *DB) searchPage(ctx context.Context, s Search, lower, upper ID) (page []Message, err error) {
	err = d.usePage(ctx, s, lower, upper, func(list []Message) error {
		page = slices.Clone(list)
		return nil
	})
	return page, err
}

func (d *DB) usePage(ctx context.Context, s Search, lower, upper ID, use func([]Message) error) error {
	order := "desc"
	if s.Oldest {
		order = "asc"
	}
	return d.useMessages(unwatched(ctx, s.Topics), use, pageBytes, `
		select `+messageFields+`
		from message
		where topic_id in (`+marks(len(s.Topics))+`) and id > ? and id < ?
		order by id `+order+`
		limit ?`, arguments(s.Topics, lower, upper, max(min(searchPageRows, s.rows()), 1)))
}

// Scans reports whether anything but the range of ids decides what matches.
func (s *Search) Scans() bool {
	return s.Text != "" || len(s.Tags) > 0 || s.PriorityMin > 1 || s.Sender != "" || s.Newer != nil || !s.Since.IsZero() || !s.Until.IsZero()
}

// rows is how many rows a page should look at: without filters no more than will be answered.
func (s *Search) rows() int {
	if s.Scans() {
		return searchPageRows
	}
	return s.Offset + s.Limit
}

func (s *Search) matches(m *Message, text string) bool {
	if m.Damaged && (text != "" || len(s.Tags) > 0 || s.PriorityMin > 1 || s.sentBy != nil) {
		return false // nobody knows whether it did
	}
	if m.ID <= s.Newer[m.TopicID] || m.Priority < s.PriorityMin || s.sentBy != nil && !slices.Contains(s.sentBy[m.TopicID], m.sender) {
		return false
	}
	if !s.Since.IsZero() && m.At.Before(s.Since) || !s.Until.IsZero() && m.At.After(s.Until) {
		return false
	}
	if text != "" && !m.mentions(text) {
		return false
	}
	return s.matchesTags(m)
}

func (s *Search) matchesTags(m *Message) bool {
	if len(s.Tags) == 0 {
		return true
	}
	have := m.TagList()
	for _, t := range s.Tags {
		if slices.Contains(have, t) != s.AllTags {
			return !s.AllTags
		}
	}
	return s.AllTags
}
