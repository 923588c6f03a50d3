package db

import (
	"hash/crc32"
	"unsafe"
)

// crcString reads the string in place: a copy per field of each message would be the largest cost of a history page.
func crcString(c uint32, s string) uint32 {
	return crc32.Update(c, castagnoli, unsafe.Slice(unsafe.StringData(s), len(s)))
}
