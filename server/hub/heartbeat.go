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
		h.Each(func(s *Sub) {
			if (s.slot+slot)%beatSlots == 0 {
				s.beatOnce(now)
			}
		})
	}
}

func (s *Sub) beatOnce(now time.Time) {
	s.mu.Lock()
	s.beatDue = !s.ended && s.started
	due := s.beatDue
	over := !s.until.IsZero() && !now.Before(s.until) // before its timer, when the clock has been set
	s.mu.Unlock()
	if !due || over && s.Check() != nil {
		return
	}
	if s.conn.Alive() {
		s.notify()
	} else {
		s.PeerGone()
	}
}
