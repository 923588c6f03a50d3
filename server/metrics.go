package server

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"notifer/server/auth"
	"notifer/server/metrics"
)

// meters count what the server does. They hold no name of a topic, no address and nothing of a secret.
type meters struct {
	set       *metrics.Set
	published *metrics.Counter
	took      *metrics.Histogram
	refused   sync.Map // of refusalKind to *metrics.Counter: making a counter's name costs more than the refusal
}

type refusalKind struct {
	status int
	reason auth.Reason
}

func newMeters(s *Server) *meters {
	set := metrics.NewSet()
	gauge := func(name string, value func() float64) { set.Gauge(name, value) }
	gauge("notifer_streams", func() float64 { return float64(s.hub.Open()) })
	gauge("notifer_up_seconds", func() float64 { return s.d.Now().Sub(s.began).Seconds() })
	gauge("notifer_database_bytes", func() float64 { main, _ := s.d.Sizes(); return float64(main) })
	gauge("notifer_database_wal_bytes", func() float64 { _, wal := s.d.Sizes(); return float64(wal) })
	gauge("notifer_disk_free_bytes", func() float64 { free, _, _ := s.d.DiskFree(); return float64(free) })
	set.Total("notifer_store_write_errors_total", func() float64 { return float64(s.d.WriteErrors()) })
	gauge("notifer_store_healthy", func() float64 {
		if s.d.Health() != nil {
			return 0
		}
		return 1
	})
	return &meters{set: set, published: set.Counter("notifer_published_total"), took: set.Histogram("notifer_publish_seconds")}
}

// publish counts the messages of a publish, and the time from its arrival to the disk.
func (m *meters) publish(messages int, took time.Duration) {
	m.published.Add(messages)
	m.took.Observe(took.Seconds())
}

// refuse counts an answer that was an error, by its status and, for credentials, by the reason.
func (m *meters) refuse(status int, err error) {
	kind := refusalKind{status: status}
	if r, ok := errors.AsType[*auth.Refusal](err); ok {
		kind.reason = r.Reason
	}
	counter, ok := m.refused.Load(kind)
	if !ok {
		name := fmt.Sprintf("notifer_refused_total{status=\"%d\",reason=%q}", kind.status, kind.reason)
		counter, _ = m.refused.LoadOrStore(kind, m.set.Counter(name))
	}
	counter.(*metrics.Counter).Inc()
}

// WriteMetrics writes all numbers in the text format of Prometheus.
func (s *Server) WriteMetrics(w io.Writer) {
	s.meters.set.Write(w)
	metrics.WriteProcess(w)
}
