package metrics_test

import (
	"os/exec"
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

// promtool, where it is installed, finds nothing to complain about.
func TestPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed")
	}
	s := metrics.NewSet()
	s.Counter("notifer_published_total").Inc()
	s.Counter(`notifer_refused_total{status="401",reason="no_credential"}`).Inc()
	s.Histogram("notifer_publish_seconds").Observe(0.001)
	var b strings.Builder
	s.Write(&b)
	metrics.WriteProcess(&b)
	cmd := exec.Command(promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(b.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

func TestEveryFamilyHasHelp(t *testing.T) {
	var b strings.Builder
	metrics.WriteProcess(&b)
	previous := ""
	for line := range strings.Lines(b.String()) {
		family, _, _ := strings.Cut(strings.TrimPrefix(line, "# TYPE "), " ")
		if strings.HasPrefix(line, "# TYPE ") && !strings.HasPrefix(previous, "# HELP "+family+" ") {
			t.Errorf("%s has no help", family)
		}
		previous = line
	}
}
