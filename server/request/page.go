package request

import (
	"net/url"
	"strconv"
)

const (
	defaultLimit = 50
	maxLimit     = 100
)

// ReadPage reads limit and offset, or page and per_page.
func ReadPage(q url.Values) (limit, offset int, err error) {
	limit = defaultLimit
	for _, name := range []string{"limit", "per_page"} {
		if v := q.Get(name); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 1 {
				return 0, 0, BadRequest("%s must be a whole number from 1 to %d", name, maxLimit)
			}
			limit = min(n, maxLimit)
		}
	}
	if v := q.Get("page"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 1<<20 {
			return 0, 0, BadRequest("page must be a whole number from 1")
		}
		if q.Get("per_page") == "" && q.Get("limit") == "" {
			limit = 20
		}
		offset = (n - 1) * limit
	}
	if v := q.Get("offset"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > 1<<30 {
			return 0, 0, BadRequest("offset must be a whole number from 0")
		}
		offset = n
	}
	return limit, offset, nil
}
