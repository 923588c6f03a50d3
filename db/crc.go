package db

import (
	"hash/crc32"
	"sync"
	"unsafe"
)

// crcString reads the string in place: a copy per field of each message would be the largest cost of a history page.
func crcString(c uint32, s string) uint32 {
	return crc32.Update(c, castagnoli, unsafe.Slice(unsafe.StringData(s), len(s)))
}

// jobs keeps the wake channels of publishes that have ended.
var jobs = sync.Pool{New: func() any { return &job{wake: make(chan bool, 1)} }}
