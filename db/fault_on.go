//go:build faulttest

package db

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing/fstest"
	"time"
)

var (
	synchronous   = map[bool]string{false: "FULL", true: "NORMAL"}[faulty("normal")]
	answerFirst   = faulty("answer-first")
	announceFirst = faulty("announce-first")
	forgetHighest = faulty("forget-highest")
)

// faulty reports whether NOTIFER_FAULT, a comma list, names a fault.
func faulty(name string) bool {
	return slices.Contains(strings.Split(os.Getenv("NOTIFER_FAULT"), ","), name)
}

var held atomic.Bool

// holdRead keeps one read transaction open for half a minute when the fault "hold-read" is on.
func (d *DB) holdRead() {
	if !faulty("hold-read") || !held.CompareAndSwap(false, true) {
		return
	}
	tx, err := d.read.Begin()
	if err != nil {
		return
	}
	var n int
	_ = tx.QueryRow("select count(*) from topic").Scan(&n)
	time.AfterFunc(30*time.Second, func() {
		_ = tx.Rollback()
		held.Store(false)
	})
}

// migrationFiles adds one slow migration to the real ones when the fault "migration" is on.
func migrationFiles() fs.FS {
	if !faulty("migration") {
		return migrations
	}
	all := fstest.MapFS{"migrations/9999_fault.sql": {Data: []byte(slowMigration)}}
	names, _ := fs.Glob(migrations, "migrations/*.sql")
	for _, name := range names {
		text, _ := migrations.ReadFile(name)
		all[name] = &fstest.MapFile{Data: text}
	}
	return all
}

const slowMigration = `
create table fault_row (
  id integer primary key,
  text blob not null
) strict;
with recursive n (i) as (select 1 union all select i + 1 from n where i < 200000)
insert into fault_row
select i, randomblob(100) from n;
update message set title = title;
`
