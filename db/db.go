// Package db is the store: one SQLite file, one writer with group commit, and query-only readers.
//
// It owns the SQL and the types of every noun, and knows neither HTTP nor JSON. All methods may be called from any
// goroutine unless they say otherwise. Times cross its border as time.Time and are stored as unix milliseconds UTC; the zero
// time is what has not happened, or never ends.
//
// An error is one of the conditions of this package, of the change function that the caller has passed, or of its context;
// any other is a fault of the store.
package db

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
)

// FileName is the store's name inside the data directory.
const FileName = "notifer.db"

// Options says how to open a store. The zero value suits a command that works beside a running server.
type Options struct {
	Now func() time.Time // the clock; time.Now when nil
	Log *slog.Logger     // slog.Default() when nil
	// MinFree is the disk floor under which publishing is refused, in bytes; 0 means the built-in rule.
	MinFree int64
}

// DB is an open store.
type DB struct {
	// immutable after Open
	path    string
	dir     string
	now     func() time.Time
	log     *slog.Logger
	minFree int64
	reserve int64    // bytes allocated for the WAL; see reserve.go
	file    *os.File // the database; open as long as SQLite is, see makeFile
	locked  bool     // the caller holds the lock of the directory
	read    *sql.DB
	w       *writer
	usage   *usage
	senders senders
	names   topicNames
	damage  damage

	hooks   atomic.Pointer[hooks] // see Notify
	copying sync.Mutex            // held while a copy for a download exists

	closing  sync.Once
	stop     context.CancelFunc
	workers  sync.WaitGroup
	closeErr error
}

// Open opens the store in a directory, makes both when they are absent, and brings the schema up to date.
// The directory is made with mode 0700, the file with 0600. It fails with ErrNewer when a newer program wrote the
// store and with ErrCorrupt when the file is not a sound database; it never replaces a file that does not open.
func Open(dir string, o Options) (*DB, error) { return open(dir, o, false) }

func open(dir string, o Options, locked bool) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	path := filepath.Join(dir, FileName)
	file, err := makeFile(dir, path)
	if err != nil {
		return nil, err
	}
	if locked {
		err := lockStore(file)
		if err == nil {
			err = dropUnfinished(dir) // only now: until then it may be the copy of a server that runs
		}
		if err != nil {
			file.Close()
			return nil, err
		}
	}
	d := &DB{path: path, dir: dir, now: o.Now, log: o.Log, minFree: o.MinFree, locked: locked, usage: newUsage(), file: file}
	d.hooks.Store(&hooks{})
	if err := d.open(); err != nil {
		file.Close()
		return nil, fmt.Errorf("open %s: %w", path, classify(err))
	}
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	d.workers.Go(func() { d.w.watch(ctx) })
	return d, nil
}

func (d *DB) open() error {
	// As durable as fsync, without the file's timestamps, which a journaling file system writes on their own. Where the
	// system has no such call, fsync stays.
	_, _ = sqlite.Fdatasync(true)
	_, total, _ := diskSpace(d.dir)
	d.reserve = reserveFor(total)
	write, err := sql.Open("sqlite", writerDSN(d.path, d.reserve))
	if err != nil {
		return err
	}
	write.SetMaxOpenConns(1)
	if d.w, err = newWriter(d, write); err != nil {
		write.Close()
		return err
	}
	d.read = sql.OpenDB(&readers{write.Driver(), readerDSN(d.path)})
	d.read.SetMaxOpenConns(4)
	d.read.SetMaxIdleConns(2)
	d.read.SetConnMaxIdleTime(30 * time.Second)
	return nil
}

// makeFile makes the directory and an empty file with tight modes before SQLite can make them with wide ones. The file may be closed
// only after SQLite has closed it: closing any descriptor of a file ends all POSIX locks that the process has on it. Without them
// another program that opens and closes the database takes itself for its last user, and deletes the WAL that the server writes.
func makeFile(dir, path string) (*os.File, error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	return openPlain(path, os.O_RDWR|os.O_CREATE)
}

// writerDSN names the database for the one connection that writes: it syncs each commit to the disk.
func writerDSN(path string, reserve int64) string {
	return dsn(path, append([]string{"journal_mode(WAL)", "synchronous(FULL)", "cache_size(-2048)"}, reservePragmas(reserve)...))
}

// readerDSN names the database for connections that cannot write.
func readerDSN(path string) string { return dsn(path, []string{"query_only(1)", "cache_size(-1024)"}) }

func dsn(path string, pragmas []string) string {
	q := url.Values{"_pragma": append([]string{"busy_timeout(5000)", "foreign_keys(1)", "temp_store(2)"}, pragmas...)}
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) + "?" + q.Encode()
}

// Path is the database file.
func (d *DB) Path() string { return d.path }

// Now is the store's clock.
func (d *DB) Now() time.Time { return d.now() }

// Close flushes the counters and closes the store. Later writes fail with ErrClosed.
func (d *DB) Close() error {
	d.closing.Do(func() {
		d.stop()
		d.workers.Wait()
		d.closeErr = d.w.write(&job{flush: true, last: true})
		if err := d.w.close(); d.closeErr == nil {
			d.closeErr = err
		}
		if err := d.read.Close(); d.closeErr == nil {
			d.closeErr = err
		}
		d.file.Close()
	})
	return d.closeErr
}

// write runs a function in a transaction and returns when it has committed. fn may run together with other writes.
func (d *DB) write(fn func(*Tx) error) error {
	return d.w.write(&job{fn: fn})
}
