//go:build !faulttest

package hub

// joinedAt is the cursor of a stream after a page of history.
func joinedAt(_ *Hub, last int64) int64 { return last }
