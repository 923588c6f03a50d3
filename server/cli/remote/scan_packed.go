package remote

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"notifer/server/auth/secrets"
)

// mostUnpacked is how many bytes of one compressed file are searched.
const mostUnpacked = 1 << 30

// packings are the first bytes of formats that compress or encrypt. gzip, which is unpacked, is not among them.
var packings = []struct{ begins, name string }{
	{"PK\x03\x04", "a zip archive, or a document of that kind"}, {"PK\x05\x06", "a zip archive"}, {"BZh", "compressed by bzip2"},
	{"\xfd7zXZ\x00", "compressed by xz"}, {"\x28\xb5\x2f\xfd", "compressed by zstd"}, {"\x04\x22\x4d\x18", "compressed by lz4"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive"}, {"Rar!\x1a\x07", "a rar archive"}, {"LZIP", "compressed by lzip"}, {"\x1f\x9d", "compressed by compress"},
	{"%PDF-", "a PDF, whose text is compressed"}, {"-----BEGIN PGP MESSAGE", "encrypted"}, {"age-encryption.org/", "encrypted"}, {"Salted__", "encrypted"},
}

// packing names the format of a file that begins with these bytes; empty when it is none of packings.
func packing(head []byte) string {
	for _, p := range packings {
		if bytes.HasPrefix(head, []byte(p.begins)) {
			return p.name
		}
	}
	return ""
}

// content searches a file or a stream, and unpacks gzip. Other compressed formats are listed as skipped and searched as they are: a member
// of an archive may be uncompressed.
func (s *scan) content(path string, in io.Reader) error {
	r := bufio.NewReaderSize(in, 32)
	head, err := r.Peek(22)
	if err != nil && !errors.Is(err, io.EOF) {
		return s.read(path, r) // which returns the error
	}
	if !bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		if how := packing(head); how != "" {
			s.skip(path, how+"; only its uncompressed parts were searched")
		}
		return s.read(path, r)
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		s.skip(path, "damaged gzip")
		return nil
	}
	defer z.Close()
	left := &io.LimitedReader{R: z, N: mostUnpacked}
	if err := s.read(path, left); err != nil {
		s.skip(path, "damaged gzip, read in part")
	} else if left.N == 0 {
		s.skip(path, "what follows its first GiB, unpacked")
	}
	return nil
}

// skip notes what is not searched, and why.
func (s *scan) skip(path, why string) { s.skipped = append(s.skipped, skipped{path, why}) }

// skipped is a file that was not searched.
type skipped struct{ path, why string }

// isObjects reports whether a directory holds the objects of a git repository. They are compressed.
func isObjects(name string) bool {
	if filepath.Base(name) != "objects" {
		return false
	}
	_, err := os.Stat(filepath.Join(filepath.Dir(name), "HEAD"))
	return err == nil
}

// found returns the secrets in a text. The text may be UTF-16, where every other byte is zero, or binary data, where a zero ends a string.
func found(text string) []string {
	list := secrets.Find(text)
	if strings.Contains(text, "\x00") {
		for _, secret := range secrets.Find(strings.ReplaceAll(text, "\x00", "")) {
			if !slices.Contains(list, secret) {
				list = append(list, secret)
			}
		}
	}
	return list
}
