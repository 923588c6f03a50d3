package metrics

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// WriteProcess writes the numbers of the running process: those of the Go runtime, and those that Linux keeps in /proc.
func WriteProcess(w io.Writer) {
	s := NewSet()
	memory := runtimeNumbers(s)
	statNumbers(s)
	statusNumbers(s)
	ioNumbers(s)
	descriptorNumbers(s)
	s.Write(w)
	writePauses(w, memory)
	writeHead(w, "go_info", "gauge")
	fmt.Fprintf(w, "go_info{version=%q} 1\n", runtime.Version())
}

func (s *Set) value(name string, v float64) {
	f := func() float64 { return v }
	if strings.HasSuffix(name, "_total") {
		s.Total(name, f)
		return
	}
	s.Gauge(name, f)
}

func runtimeNumbers(s *Set) *runtime.MemStats {
	m := new(runtime.MemStats)
	runtime.ReadMemStats(m)
	for name, v := range map[string]uint64{
		"alloc_bytes": m.Alloc, "alloc_bytes_total": m.TotalAlloc, "sys_bytes": m.Sys, "mallocs_total": m.Mallocs, "frees_total": m.Frees,
		"heap_alloc_bytes": m.HeapAlloc, "heap_idle_bytes": m.HeapIdle, "heap_inuse_bytes": m.HeapInuse, "heap_objects": m.HeapObjects,
		"heap_released_bytes": m.HeapReleased, "heap_sys_bytes": m.HeapSys, "next_gc_bytes": m.NextGC, "stack_inuse_bytes": m.StackInuse,
		"stack_sys_bytes": m.StackSys,
	} {
		s.value("go_memstats_"+name, float64(v))
	}
	s.value("go_memstats_last_gc_time_seconds", float64(m.LastGC)/1e9)
	s.value("go_goroutines", float64(runtime.NumGoroutine()))
	s.value("go_gomaxprocs", float64(runtime.GOMAXPROCS(0)))
	return m
}

// writePauses writes the collector's pauses as a summary without quantiles.
func writePauses(w io.Writer, m *runtime.MemStats) {
	writeHead(w, "go_gc_duration_seconds", "summary")
	fmt.Fprintf(w, "go_gc_duration_seconds_sum %s\ngo_gc_duration_seconds_count %d\n", number(float64(m.PauseTotalNs)/1e9), m.NumGC)
}

// tick is the unit of the processor times in /proc, the same on all systems that Go runs on.
const tick = 0.01

// began is when the process started; /proc counts from the start of the machine, which a container may not see.
var began = time.Now()

func statNumbers(s *Set) {
	text, err := os.ReadFile("/proc/self/stat")
	end := bytes.LastIndexByte(text, ')') // of the program's name, which may hold anything
	if err != nil || end < 0 {
		return
	}
	f := strings.Fields(string(text[end+1:])) // from the third field on
	if len(f) < 22 {
		return
	}
	at := func(i int) float64 { v, _ := strconv.ParseFloat(f[i-3], 64); return v }
	s.value("process_minor_pagefaults_total", at(10))
	s.value("process_major_pagefaults_total", at(12))
	s.value("process_cpu_seconds_user_total", at(14)*tick)
	s.value("process_cpu_seconds_system_total", at(15)*tick)
	s.value("process_cpu_seconds_total", (at(14)+at(15))*tick)
	s.value("process_num_threads", at(20))
	s.value("process_virtual_memory_bytes", at(23))
	s.value("process_start_time_seconds", float64(began.Unix()))
}

// statusFields are lines of /proc/self/status, in KiB.
var statusFields = map[string]string{
	"VmPeak": "process_virtual_memory_peak_bytes", "VmHWM": "process_resident_memory_peak_bytes", "VmRSS": "process_resident_memory_bytes",
	"RssAnon": "process_resident_memory_anon_bytes", "RssFile": "process_resident_memory_file_bytes",
	"RssShmem": "process_resident_memory_shared_bytes",
}

func statusNumbers(s *Set) {
	eachLine("/proc/self/status", func(key string, value float64) {
		if name := statusFields[key]; name != "" {
			s.value(name, value*1024)
		}
	})
}

var ioFields = map[string]string{
	"rchar": "process_io_read_bytes_total", "wchar": "process_io_written_bytes_total", "syscr": "process_io_read_syscalls_total",
	"syscw": "process_io_write_syscalls_total", "read_bytes": "process_io_storage_read_bytes_total",
	"write_bytes": "process_io_storage_written_bytes_total",
}

func ioNumbers(s *Set) {
	eachLine("/proc/self/io", func(key string, value float64) {
		if name := ioFields[key]; name != "" {
			s.value(name, value)
		}
	})
}

func descriptorNumbers(s *Set) {
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		s.value("process_open_fds", float64(len(list)-1)) // without the one that read the directory
	}
	text, _ := os.ReadFile("/proc/self/limits")
	if _, rest, ok := strings.Cut(string(text), "\nMax open files "); ok {
		soft, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if n, err := strconv.ParseFloat(soft, 64); err == nil {
			s.value("process_max_fds", n)
		}
	}
}

// eachLine calls fn with each "key: number" of a file; without the file with none.
func eachLine(path string, fn func(key string, value float64)) {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		key, rest, _ := strings.Cut(line, ":")
		if f := strings.Fields(rest); len(f) > 0 {
			if v, err := strconv.ParseFloat(f[0], 64); err == nil {
				fn(key, v)
			}
		}
	}
}
