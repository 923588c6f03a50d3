package db

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// onReadOnly reports whether a file lies on a file system that takes no writes, as a disk's becomes after errors.
func onReadOnly(path string) bool {
	return errors.Is(unix.Access(filepath.Dir(path), unix.W_OK), syscall.EROFS)
}

// readOnly is the query of a data source for a file where SQLite can make no files of its own.
func readOnly(query string) string {
	return strings.Replace(query, "mode=rw", "mode=ro", 1) + "&immutable=1"
}

// withReadable calls use with a store file that can be read. On a read-only file system with a WAL, which SQLite cannot read there,
// that is a copy of both in a directory below scratch. Who has the file open passes it, since to open and close it once more would end
// the locks of the process; others pass nil.
func withReadable(ctx context.Context, path, scratch string, file *os.File, use func(path string) error) (err error) {
	if sizeOf(path+"-wal") == 0 || !onReadOnly(path) {
		return use(path)
	}
	dir, err := os.MkdirTemp(scratch, "notifer-read-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copied := filepath.Join(dir, FileName)
	if file != nil {
		err = copyOpen(copied, file)
	} else {
		err = copyFile(copied, path)
	}
	if err = errors.Join(err, copyFile(copied+"-wal", path+"-wal")); err != nil {
		return err
	}
	return use(copied)
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return copyOpen(to, in)
}

func copyOpen(to string, from *os.File) error {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, io.NewSectionReader(from, 0, info.Size()))
	return errors.Join(err, out.Close())
}
