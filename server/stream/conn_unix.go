//go:build unix

package stream

import (
	"sync"
	"syscall"
)

// attempt is one write that does not wait. Its function is made once and kept: a closure for each delivery to each
// subscriber would be most of what a busy server allocates.
type attempt struct {
	p     []byte
	n     int
	err   error
	write func(fd uintptr) bool
}

var attempts = sync.Pool{New: func() any {
	a := &attempt{}
	a.write = a.try
	return a
}}

func (a *attempt) try(fd uintptr) bool {
	for {
		if a.n, a.err = syscall.Write(int(fd), a.p); a.err != syscall.EINTR {
			return true
		}
	}
}

// writeNow writes what a non-blocking socket takes at once.
func writeNow(raw syscall.RawConn, p []byte) (int, error) {
	a := attempts.Get().(*attempt)
	a.p = p
	werr := raw.Write(a.write)
	n, err := a.n, a.err
	a.p, a.n, a.err = nil, 0, nil
	attempts.Put(a)
	switch {
	case werr != nil:
		return 0, werr
	case err == syscall.EAGAIN:
		return 0, nil
	}
	return max(n, 0), err
}
