package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Finding is one line of an examination.
type Finding struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Bad     bool   `json:"bad"`
}

// Check reads the whole store of a data directory and examines its files and its disk. It changes nothing and may run beside a
// server.
func Check(ctx context.Context, dir string) []Finding {
	path := filepath.Join(dir, FileName)
	var list []Finding
	if err := withReadable(ctx, path, "", nil, func(path string) error {
		list = []Finding{finding("integrity", "sound", CheckFile(ctx, path)), checkRows(ctx, path)}
		return nil
	}); err != nil {
		list = append(list, Finding{"integrity", "the database cannot be read: " + err.Error(), true})
	}
	if onReadOnly(path) {
		list = append(list, Finding{"file system", "read-only, so no message can be stored; make a backup on another disk: notifer backup FILE", true})
	}
	return append(list, finding("permissions", "closed to other users", ClosedToOthers(dir)),
		checkSpace(dir))
}

func finding(subject, good string, err error) Finding {
	if err != nil {
		return Finding{subject, err.Error(), true}
	}
	return Finding{subject, good, false}
}

// checkRows proves every message against its checksum and every reference against its table.
func checkRows(ctx context.Context, path string) Finding {
	n, err := verifyRows(ctx, path)
	return finding("messages", fmt.Sprintf("%d match their checksums", n), err)
}

// CheckMessages proves every message of a data directory's store against its checksum, and every reference against its table. It fails
// with ErrCorrupt and names what is damaged.
func CheckMessages(ctx context.Context, dir string) error {
	_, err := verifyRows(ctx, filepath.Join(dir, FileName))
	return err
}

func verifyRows(ctx context.Context, path string) (n int, err error) {
	pool, err := sql.Open("sqlite", fileDSN(path, "mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(5000)"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	d := &DB{read: pool}
	fields, err := storedFields(ctx, pool)
	if err != nil {
		return 0, classify(err)
	}
	var wrong []string
	for after := ID(0); ; {
		ids, bad, err := d.verifyAfter(ctx, fields, after)
		if err != nil {
			return n, err
		}
		wrong = append(wrong, bad...)
		if len(ids) == 0 {
			break
		}
		n += len(ids) - len(bad)
		after = ids[len(ids)-1]
	}
	if len(wrong) > 0 {
		return n, fmt.Errorf("%w: these messages (%d) do not match their checksums, and readers see that in their place "+
			"until they are deleted (DELETE /api/TOPIC/messages/ID): %s", ErrCorrupt, len(wrong), shorten(wrong))
	}
	return n, foreignKeys(ctx, d.read)
}

// TryRestore restores a backup into a new directory under parent, as Restore does, opens it as a server would, reads it whole, and
// deletes it again. It returns the number of messages.
func TryRestore(ctx context.Context, file, parent string) (messages int, err error) {
	old, _ := filepath.Glob(filepath.Join(escapePattern(parent), scratchPrefix+"*"))
	for _, dir := range old { // of a program that was killed
		err = errors.Join(err, os.RemoveAll(dir))
	}
	dir, bad := os.MkdirTemp(parent, scratchPrefix)
	if err = errors.Join(err, bad); err != nil {
		return 0, full(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	err = CheckFile(ctx, file)
	if err == nil {
		_, err = replaceBy(ctx, dir, file)
	}
	if err != nil {
		return 0, full(err)
	}
	d, err := Open(dir, Options{})
	if err != nil {
		return 0, err
	}
	if err := d.Close(); err != nil {
		return 0, full(err)
	}
	return verifyRows(ctx, filepath.Join(dir, FileName))
}

// scratchPrefix begins the names of directories for trial restores.
const scratchPrefix = ".verify-"

// escapePattern makes a path match only itself.
func escapePattern(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// storedFields is messageFields for a store that the next start will upgrade: a column that it does not have yet is null, as it is
// in its messages afterwards.
func storedFields(ctx context.Context, pool *sql.DB) (string, error) {
	fields := strings.Split(messageFields, ", ")
	for i, name := range fields {
		var there bool
		err := pool.QueryRowContext(ctx, "select count(*) > 0 from pragma_table_info('message') where name = ?", name).Scan(&there)
		if err != nil {
			return "", err
		}
		if !there {
			fields[i] = "null"
		}
	}
	return strings.Join(fields, ", "), nil
}

// verifyAfter reads one page of all topics' messages; a damaged row is named and passed over.
func (d *DB) verifyAfter(ctx context.Context, fields string, after ID) (ids []ID, bad []string, err error) {
	rows, err := d.read.QueryContext(ctx, "select "+fields+" from message where id > ? order by id limit 1000", after)
	if err != nil {
		return nil, nil, classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		var m Message
		if err := m.scanRow(rows); err != nil {
			bad = append(bad, m.ID.String())
		}
		ids = append(ids, m.ID)
	}
	return ids, bad, classify(rows.Err())
}

func shorten(list []string) string {
	if len(list) > 5 {
		return strings.Join(list[:5], ", ") + ", ..."
	}
	return strings.Join(list, ", ")
}

// foreignKeys fails when a row refers to one that is not there.
func foreignKeys(ctx context.Context, conn querier) error {
	var table string
	err := conn.QueryRowContext(ctx, "select \"table\" from pragma_foreign_key_check limit 1").Scan(&table)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return classify(err)
	}
	return fmt.Errorf("%w: a row of the table %s refers to a row that does not exist", ErrCorrupt, table)
}

// ClosedToOthers fails when another user than the owner may read the directory or a file of the store, and says what to type.
func ClosedToOthers(dir string) error {
	var open []string
	for _, name := range []string{".", FileName, FileName + "-wal", FileName + "-shm"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			open = append(open, fmt.Sprintf("%s has mode %04o", name, info.Mode().Perm()))
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("open to other users: %s; run: chmod -R go= %s", strings.Join(open, ", "), dir)
	}
	return nil
}

func checkSpace(dir string) Finding {
	free, total, ok := diskSpace(dir)
	if !ok {
		return Finding{"space", "unknown on this system", false}
	}
	text := fmt.Sprintf("%d MiB of %d MiB free", free>>20, total>>20)
	return Finding{"space", text, free < max(min(floorBytes, total/50), floorSlack)}
}
