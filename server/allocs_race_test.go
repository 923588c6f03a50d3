//go:build race

package server_test

// poolMisses are allocations more under the race detector, where sync.Pool drops one in four of what is put back.
const poolMisses = 6
