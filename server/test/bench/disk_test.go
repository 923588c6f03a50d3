package bench

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestDisk(t *testing.T) {
	needLong(t)
	n := startNotifer(t)
	tg := n.topic(t, "bench")
	fill(t, tg, 1000)
	before := n.written(t)
	l := publish(t, tg, pressure{connections: 64, span: *span})
	noErrors(t, "publish", l)
	atMost(t, "bytes to disk per publish, 64 connections", float64(n.written(t)-before)/float64(l.sent), 2048, "%d publishes", l.sent)
	syncCounts(t, n, tg)
	storedBytes(t)
}

// syncCounts holds the number of fsyncs for lone publishes and for 64 connections.
func syncCounts(t *testing.T, n *notifer, tg target) {
	t.Helper()
	const lone = 50
	alone := n.syncs(t, func() { noErrors(t, "alone", publish(t, tg, pressure{connections: 1, messages: lone})) })
	// A checkpoint may fall among them: two syncs, and one more for the WAL's new header.
	atMost(t, "fsyncs per lone publish", float64(alone)/lone, 1+3.0/lone, "%d for %d, a checkpoint may add 3", alone, lone)
	const many = 6400
	shared := n.syncs(t, func() { noErrors(t, "shared", publish(t, tg, pressure{connections: 64, messages: many})) })
	most := 0.1
	if runtime.NumCPU() == 1 {
		most = 0.5 // the senders wait for the processor, not for the disk
	}
	atMost(t, "fsyncs per publish, 64 connections", float64(shared)/many, most, "%d for %d", shared, many)
}

// storedBytes is the database's growth per message once the WAL is folded.
func storedBytes(t *testing.T) {
	t.Helper()
	const messages = 50_000
	n := startNotifer(t)
	tg := n.topic(t, "bench")
	n.stop()
	before := n.fileSize(t)
	n.serve(t)
	tg.server = n.process
	fill(t, tg, messages)
	n.stop()
	atMost(t, "database bytes per message", float64(n.fileSize(t)-before)/messages, 350, "%d messages of %d bytes", messages, bodySize)
}

// fileSize is the size of all files of the store.
func (n *notifer) fileSize(t *testing.T) int64 {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(n.server.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	return total
}
