//go:build !race

package server_test

const poolMisses = 0
