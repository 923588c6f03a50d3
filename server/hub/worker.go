package hub

import (
	"context"
	"slices"
	"sync"
)

// worker delivers to its share of every topic's subscribers, so that the list is split over the cores.
type worker struct {
	wake chan struct{}

	// guarded by mu
	mu    sync.Mutex
	dirty []work
}

type work struct {
	t     *topic
	shard int
}

func (w *worker) add(t *topic, shard int) {
	w.mu.Lock()
	if !slices.Contains(w.dirty, work{t, shard}) {
		w.dirty = append(w.dirty, work{t, shard})
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *worker) run(ctx context.Context) {
	var list []work
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		w.mu.Lock()
		list, w.dirty = w.dirty, list[:0]
		w.mu.Unlock()
		for _, d := range list {
			for _, s := range d.t.shards[d.shard].list() {
				s.notify()
			}
		}
		clear(list)
	}
}

// shard is one worker's share of a topic's subscribers. A list that was handed out is never changed.
type shard struct {
	mu   sync.Mutex
	subs []*Sub
}

func (s *shard) list() []*Sub {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.subs[:len(s.subs):len(s.subs)]
}

func (s *shard) any() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.subs) > 0
}

func (s *shard) add(sub *Sub) {
	s.mu.Lock()
	s.subs = append(s.subs, sub)
	s.mu.Unlock()
}

func (s *shard) remove(sub *Sub) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.subs, sub)
	if i < 0 {
		return
	}
	rest := make([]*Sub, 0, cap(s.subs))
	rest = append(rest, s.subs[:i]...)
	s.subs = append(rest, s.subs[i+1:]...)
}
