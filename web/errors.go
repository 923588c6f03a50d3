package web

import "strconv"

// Fault is an answer that is not the page asked for.
type Fault struct {
	Status int
	Detail string // what went wrong, in a sentence; may be empty
	ID     string // of an internal error, which the log has too
	Back   string // path to go on from; empty means the first page
}

// faultKey picks the texts of a status; rare ones share a text.
func faultKey(status int) string {
	switch status {
	case 400, 403, 404, 405, 413, 422, 429, 503, 507:
		return "fault." + strconv.Itoa(status)
	}
	if status < 500 {
		return "fault.400"
	}
	return "fault.500"
}

func (f Fault) back() string {
	if f.Back != "" {
		return f.Back
	}
	return "/"
}
