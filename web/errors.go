package web

import "strconv"

// Fault is an answer that is not the page asked for.
type Fault struct {
	Status int
	Detail string // what went wrong, in a sentence; may be empty
	ID     string // of an internal error, which the log has too
	Back   string // path to go on from; empty means the first page

	Topic   bool   // the page is one of a topic
	Foreign bool   // a form came from another address than ours, which is
	Site    string // the public address, empty when none is configured
}

// key picks the texts of a fault; rare statuses share one.
func (f Fault) key() string {
	switch f.Status {
	case 403:
		if f.Foreign {
			return "fault.site"
		}
		return "fault.403"
	case 400, 404, 405, 413, 422, 429, 503, 507:
		return "fault." + strconv.Itoa(f.Status)
	}
	if f.Status < 500 {
		return "fault.400"
	}
	return "fault.500"
}

// next is the key of what to do.
func (f Fault) next() string {
	if f.Foreign && f.Site == "" {
		return "fault.site.proxy"
	}
	if f.Topic && f.key() == "fault.403" {
		return "fault.403.topic"
	}
	return f.key() + ".next"
}

func (f Fault) back() string {
	if f.Back != "" {
		return f.Back
	}
	return "/"
}
