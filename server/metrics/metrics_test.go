package metrics_test

import (
	"strings"
	"testing"

	"notifer/server/metrics"
)

func TestWrite(t *testing.T) {
	s := metrics.NewSet()
	s.Counter(`refused_total{status="401"}`).Inc()
	for range 2 {
		s.Counter(`refused_total{status="403"}`).Inc()
	}
	s.Gauge("streams", func() float64 { return 3 })
	h := s.Histogram("seconds")
	for _, v := range []float64{0.0001, 0.3, 20} {
		h.Observe(v)
	}
	var b strings.Builder
	s.Write(&b)
	text := b.String()
	for _, want := range []string{
		"# TYPE refused_total counter\nrefused_total{status=\"401\"} 1\nrefused_total{status=\"403\"} 2\n",
		"# TYPE streams gauge\nstreams 3\n",
		"# TYPE seconds histogram\nseconds_bucket{le=\"0.0001\"} 1\nseconds_bucket{le=\"0.00025\"} 1\n",
		"seconds_bucket{le=\"0.5\"} 2\n", "seconds_bucket{le=\"10\"} 2\nseconds_bucket{le=\"+Inf\"} 3\nseconds_sum 20.3001\nseconds_count 3\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Count(text, "# TYPE refused_total") != 1 {
		t.Errorf("a family has two types:\n%s", text)
	}
}

func TestWriteProcess(t *testing.T) {
	var b strings.Builder
	metrics.WriteProcess(&b)
	for _, name := range []string{
		"go_goroutines", "go_memstats_heap_inuse_bytes", "go_info{", "process_cpu_seconds_total", "process_resident_memory_bytes",
		"process_resident_memory_anon_bytes", "process_open_fds", "process_max_fds", "process_start_time_seconds", "process_io_written_bytes_total",
	} {
		if !strings.Contains(b.String(), "\n"+name) {
			t.Errorf("%s is not written:\n%s", name, b.String())
		}
	}
}
