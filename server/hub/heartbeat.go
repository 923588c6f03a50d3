package hub

import "time"

// beatSlots spreads the heartbeats of many streams over their interval.
const beatSlots = 10

// beat sends keep-alives, drops peers that were not heard of, and ends streams whose time is over.
func (h *Hub) beat() {
	tick := time.NewTicker(max(h.o.Beat/beatSlots, time.Millisecond))
	defer tick.Stop()
	for slot := 0; ; slot++ {
		select {
		case <-h.ctx.Done():
			return
		case <-tick.C:
		}
		now := h.o.Now()
		h.each(func(s *Sub) {
			if !s.endOverdue(now) && (s.slot+slot)%beatSlots == 0 {
				s.beatOnce()
			}
		})
	}
}

// endOverdue checks a stream whose time is over before its timer has fired, because the clock was set, and reports whether that
// ended it.
func (s *Sub) endOverdue(now time.Time) bool {
	s.mu.Lock()
	over := !s.ended && !s.until.IsZero() && !now.Before(s.until)
	s.mu.Unlock()
	return over && s.Check() != nil
}

func (s *Sub) beatOnce() {
	s.mu.Lock()
	s.beatDue = !s.ended && s.started
	due := s.beatDue
	s.mu.Unlock()
	if !due {
		return
	}
	if s.conn.Alive() {
		s.notify()
	} else {
		s.PeerGone()
	}
}
