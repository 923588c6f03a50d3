package metrics

import (
	"fmt"
	"io"
)

// writeHead begins a family of numbers: what it means, and of which kind it is.
func writeHead(w io.Writer, family, kind string) {
	if text := help[family]; text != "" {
		fmt.Fprintf(w, "# HELP %s %s\n", family, text)
	}
	fmt.Fprintf(w, "# TYPE %s %s\n", family, kind)
}

// help is what each family means, as tools show it beside the name.
var help = map[string]string{
	"notifer_database_bytes":           "Size of the database file.",
	"notifer_database_wal_bytes":       "Size of the write-ahead log.",
	"notifer_disk_free_bytes":          "Free space on the disk of the database.",
	"notifer_publish_seconds":          "Time from the arrival of a publish to its message on disk.",
	"notifer_published_total":          "Messages stored.",
	"notifer_refused_total":            "Requests refused, by status and reason.",
	"notifer_store_healthy":            "1, or 0 while the database refuses writes.",
	"notifer_store_write_errors_total": "Writes to the database that failed.",
	"notifer_streams":                  "Open streams.",
	"notifer_up_seconds":               "Time since the server started.",

	"go_gc_duration_seconds":           "Pauses of the garbage collector.",
	"go_gomaxprocs":                    "Threads that run Go code at once.",
	"go_goroutines":                    "Goroutines that exist.",
	"go_info":                          "Version of Go.",
	"go_memstats_alloc_bytes":          "Bytes of live heap objects.",
	"go_memstats_alloc_bytes_total":    "Bytes allocated on the heap so far.",
	"go_memstats_frees_total":          "Heap objects freed.",
	"go_memstats_heap_alloc_bytes":     "Bytes of live heap objects.",
	"go_memstats_heap_idle_bytes":      "Bytes of heap spans without objects.",
	"go_memstats_heap_inuse_bytes":     "Bytes of heap spans with objects.",
	"go_memstats_heap_objects":         "Heap objects that exist.",
	"go_memstats_heap_released_bytes":  "Bytes of the heap returned to the system.",
	"go_memstats_heap_sys_bytes":       "Bytes of the heap obtained from the system.",
	"go_memstats_last_gc_time_seconds": "Unix time of the last garbage collection.",
	"go_memstats_mallocs_total":        "Heap objects allocated.",
	"go_memstats_next_gc_bytes":        "Heap size at which the next garbage collection begins.",
	"go_memstats_stack_inuse_bytes":    "Bytes of stacks in use.",
	"go_memstats_stack_sys_bytes":      "Bytes of stacks obtained from the system.",
	"go_memstats_sys_bytes":            "Bytes obtained from the system.",

	"process_cpu_seconds_system_total":       "Processor time in the kernel.",
	"process_cpu_seconds_total":              "Processor time.",
	"process_cpu_seconds_user_total":         "Processor time in the program.",
	"process_io_read_bytes_total":            "Bytes read by system calls.",
	"process_io_read_syscalls_total":         "System calls that read.",
	"process_io_storage_read_bytes_total":    "Bytes read from disks.",
	"process_io_storage_written_bytes_total": "Bytes written to disks.",
	"process_io_write_syscalls_total":        "System calls that write.",
	"process_io_written_bytes_total":         "Bytes written by system calls.",
	"process_major_pagefaults_total":         "Page faults that needed the disk.",
	"process_max_fds":                        "Files that may be open.",
	"process_minor_pagefaults_total":         "Page faults that needed no disk.",
	"process_num_threads":                    "Threads of the process.",
	"process_open_fds":                       "Files that are open.",
	"process_resident_memory_anon_bytes":     "Resident memory that belongs to no file.",
	"process_resident_memory_bytes":          "Resident memory.",
	"process_resident_memory_file_bytes":     "Resident memory of mapped files.",
	"process_resident_memory_peak_bytes":     "Largest resident memory so far.",
	"process_resident_memory_shared_bytes":   "Resident shared memory.",
	"process_start_time_seconds":             "Unix time of the start.",
	"process_virtual_memory_bytes":           "Virtual memory.",
	"process_virtual_memory_peak_bytes":      "Largest virtual memory so far.",
}
