package hub

import "sort"

// firstSlab is the size a slab starts with; it doubles up to the hub's bound, so that quiet topics stay small.
const firstSlab = 2 << 10

// buffer holds the newest frames of a topic in one encoding: two slabs, the older of which is dropped when the newer has reached
// the bound and is full. Growing drops nothing: in a burst every stream that fell out of the buffer would read the log for
// itself. Written bytes are never changed, and a slab that grows is copied, so a reader may keep the slice it was given.
type buffer struct {
	base  int64   // every event after base is here
	slabs [2]slab // older, newer
}

type slab struct {
	buf  []byte
	ids  []int64
	ends []uint32
}

// reset drops all frames and reports how many bytes that freed.
func (r *buffer) reset(base int64) int64 {
	freed := int64(cap(r.slabs[0].buf) + cap(r.slabs[1].buf))
	*r = buffer{base: base}
	return freed
}

// shrink drops the older slab and reports how many bytes that freed.
func (r *buffer) shrink() int64 {
	old := &r.slabs[0]
	if len(old.ids) > 0 {
		r.base = max(r.base, old.ids[len(old.ids)-1])
	}
	freed := int64(cap(old.buf))
	*old = slab{}
	return freed
}

// append encodes an event into the buffer and reports how many bytes were taken.
func (r *buffer) append(e Event, bound int, encode func([]byte, Event) []byte) int64 {
	s := &r.slabs[1]
	start, room := len(s.buf), cap(s.buf)
	grown := encode(s.buf, e)
	if cap(grown) == room && room > 0 {
		s.add(e.ID, grown)
		return 0
	}
	size := min(max(2*room, firstSlab), bound)
	if len(grown) <= size {
		s.add(e.ID, append(make([]byte, 0, size), grown...))
		return int64(size - room)
	}
	frame := grown[start:]
	size = max(size, len(frame))
	taken := int64(size) - r.shrink()
	r.slabs[0] = *s
	r.slabs[1] = slab{}
	r.slabs[1].add(e.ID, append(make([]byte, 0, size), frame...))
	return taken
}

func (s *slab) add(id int64, buf []byte) {
	s.buf = buf
	s.ids = append(s.ids, id)
	s.ends = append(s.ends, uint32(len(buf)))
}

// after returns the bytes of the frames after a cursor, up to an id, as far as one slab holds them together, and the
// id of the last of them. behind reports that the buffer no longer reaches back to the cursor.
func (r *buffer) after(cursor, upTo int64) (data []byte, last int64, behind bool) {
	s, from, to, behind := r.find(cursor, upTo)
	if s == nil {
		return nil, 0, behind
	}
	return s.frames(from, to), s.ids[to-1], false
}

// next returns one frame after a cursor, up to an id.
func (r *buffer) next(cursor, upTo int64) (frame []byte, id int64, behind bool) {
	s, from, _, behind := r.find(cursor, upTo)
	if s == nil {
		return nil, 0, behind
	}
	return s.frames(from, from+1), s.ids[from], false
}

// find returns the slab that holds the first frame after a cursor, and which of its frames are after the cursor, up to an id; nil when none
// is.
func (r *buffer) find(cursor, upTo int64) (s *slab, from, to int, behind bool) {
	if cursor < r.base {
		return nil, 0, 0, true
	}
	for i := range r.slabs {
		s := &r.slabs[i]
		from := sort.Search(len(s.ids), func(k int) bool { return s.ids[k] > cursor })
		to := len(s.ids)
		for to > from && s.ids[to-1] > upTo {
			to--
		}
		if from < to {
			return s, from, to, false
		}
	}
	return nil, 0, 0, false
}

// frames are the bytes of the frames from one index to before another.
func (s *slab) frames(from, to int) []byte {
	start := uint32(0)
	if from > 0 {
		start = s.ends[from-1]
	}
	return s.buf[start:s.ends[to-1]:s.ends[to-1]]
}
