// Package reliability holds the harnesses that try to break what the server promises: a checker of recorded histories, a proxy
// that damages connections, disks that lose power or fill up, failing system calls, stalled readers, and a runner of the
// built binary. Nothing in the product imports it; its tests drive the binary from outside.
package reliability
