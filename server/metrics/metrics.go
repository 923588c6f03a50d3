// Package metrics counts and writes numbers in the text format of Prometheus. It knows nothing of what is counted, and does
// nothing before it is asked: a command that imports it reads no file of the system at its start.
package metrics

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Set is a group of numbers that are written together. Its methods may be called from any goroutine.
type Set struct {
	mu  sync.Mutex
	all map[string]metric // by name with labels
}

type metric interface {
	kind() string
	write(w io.Writer, name string)
}

// NewSet makes an empty set.
func NewSet() *Set { return &Set{all: map[string]metric{}} }

// Counter returns the counter of this name, which may carry labels: name{label="value"}.
func (s *Set) Counter(name string) *Counter {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.all[name].(*Counter)
	if !ok {
		c = &Counter{}
		s.all[name] = c
	}
	return c
}

// Gauge adds a number that value measures when it is written.
func (s *Set) Gauge(name string, value func() float64) { s.add(name, gauge{"gauge", value}) }

// Total adds a number that value measures when it is written, and that only grows.
func (s *Set) Total(name string, value func() float64) { s.add(name, gauge{"counter", value}) }

// Histogram adds a histogram of durations in seconds.
func (s *Set) Histogram(name string) *Histogram {
	h := &Histogram{}
	s.add(name, h)
	return h
}

func (s *Set) add(name string, m metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[name] = m
}

// Write writes all numbers, sorted by name.
func (s *Set) Write(w io.Writer) {
	s.mu.Lock()
	all := make(map[string]metric, len(s.all))
	names := make([]string, 0, len(s.all))
	for name, m := range s.all {
		all[name], names = m, append(names, name)
	}
	s.mu.Unlock()
	slices.Sort(names)
	last := ""
	for _, name := range names {
		family, _, _ := strings.Cut(name, "{")
		if family != last {
			writeHead(w, family, all[name].kind())
			last = family
		}
		all[name].write(w, name)
	}
}

// Counter is a number that only grows. Its methods may be called from any goroutine.
type Counter struct{ n atomic.Uint64 }

// Inc adds one.
func (c *Counter) Inc() { c.Add(1) }

// Add adds a number, which must not be negative.
func (c *Counter) Add(n int) { c.n.Add(uint64(n)) }

func (c *Counter) kind() string                   { return "counter" }
func (c *Counter) write(w io.Writer, name string) { fmt.Fprintf(w, "%s %d\n", name, c.n.Load()) }

type gauge struct {
	form  string
	value func() float64
}

func (g gauge) kind() string                   { return g.form }
func (g gauge) write(w io.Writer, name string) { fmt.Fprintf(w, "%s %s\n", name, number(g.value())) }

// bounds are the upper bounds of a histogram's buckets, in seconds.
var bounds = [...]float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// Histogram counts durations by their size.
type Histogram struct {
	counts [len(bounds) + 1]atomic.Uint64
	sum    atomic.Uint64 // bits of a float64
}

// Observe counts a duration in seconds.
func (h *Histogram) Observe(seconds float64) {
	i, _ := slices.BinarySearch(bounds[:], seconds)
	h.counts[i].Add(1)
	for {
		old := h.sum.Load()
		if h.sum.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+seconds)) {
			return
		}
	}
}

func (h *Histogram) kind() string { return "histogram" }

func (h *Histogram) write(w io.Writer, name string) {
	total := uint64(0)
	for i := range h.counts {
		total += h.counts[i].Load()
		bound := math.Inf(1)
		if i < len(bounds) {
			bound = bounds[i]
		}
		fmt.Fprintf(w, "%s_bucket{le=%q} %d\n", name, number(bound), total)
	}
	fmt.Fprintf(w, "%s_sum %s\n%[1]s_count %[3]d\n", name, number(math.Float64frombits(h.sum.Load())), total)
}

// number is a value as Prometheus reads it.
func number(v float64) string {
	if math.IsInf(v, 1) {
		return "+Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
