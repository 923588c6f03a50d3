package server

import "golang.org/x/time/rate"

// Reload takes the limits of c into force for new requests and streams; everything else of c is ignored.
func (s *Server) Reload(c Config) {
	c.Fill()
	s.auth.SetOpenPublish(!c.ClosedPublish)
	s.largest.Store(int64(c.MessageBytes))
	s.limits.anonymous.set(rate.Limit(c.AnonymousPerMinute)/60, c.AnonymousPerMinute)
	s.limits.streams.set(c.Streams, c.StreamsPerAddress, c.StreamsPerKey)
}

// messageBytes is the largest message text.
func (s *Server) messageBytes() int { return int(s.largest.Load()) }

// set changes the bounds; what was used up so far is forgotten.
func (b *buckets[K]) set(every rate.Limit, burst int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.every != every || b.burst != burst {
		b.every, b.burst = every, burst
		clear(b.list)
	}
}

// set changes the bounds; streams that are open stay open.
func (n *streamCount) set(all, perAddress, perKey int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all, n.perAddress, n.perKey = all, perAddress, perKey
}
