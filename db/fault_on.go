//go:build faulttest

package db

import (
	"os"
	"slices"
	"strings"
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
