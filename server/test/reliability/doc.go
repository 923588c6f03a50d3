// Package reliability holds the harnesses that try to break what the server promises: a checker of recorded histories, a proxy
// that damages connections, disks that lose power or fill up, failing system calls, stalled readers, and a build of the program with
// faults written into it. Nothing in the product imports it; its tests drive the program from outside.
//
// The promises, by the numbers that the tests name. The short form of each runs in every `go test ./...`; the figure is what the
// long form has to reach (go test ./server/test/reliability -run Long -long -timeout 3h).
//
//	P1   A 200 survives kill -9: 200 kills under load, none of 100,000 acknowledged messages lost
//	P2   A 200 survives a power cut: 50 cuts, none lost; the same harness catches a build that does not sync
//	P3   A failed write is never a 200 and never seen by a subscriber: each of the first 200 syncs and writes made to fail
//	P4   Every subscriber gets every message once and in order, over SSE, WebSocket and polling, across cuts and restarts
//	P5   Nothing is lost while joining a busy topic: 1,000 joins under load
//	P6   A place that is gone, unknown or in the future is told apart from being caught up: X-Last-Event-ID echoes it or is "earliest"
//	P7   A publisher that retries makes no double: one X-Idempotency-Key is one message for ten minutes, also after a crash
//	P8   A slow reader harms nobody: at most 64 KiB for each, closed at its write deadline, others delayed by at most 1 ms at p99
//	P9   Memory is bounded: the worst mix runs inside 256 MiB and nothing is killed
//	P10  A shutdown drains: what was accepted is answered, streams end cleanly, exit 0 within 5 s, the WAL folded
//	P11  A full disk is a state, not a crash: 507, reading and revoking work, publishing is back within 2 s of free space
//	P12  The WAL stays small: at most 16 MiB under load beside slow history readers, 4 MiB when idle
//	P13  No "database is locked" and no 5xx in 100,000 requests with everything running at once
//	P14  A backup made under load holds every message acknowledged before it began, has mode 0600 and serves
//	P15  A restore is visible: ids are not given again, and a resuming client gets everything published since
//	P16  A store of every older schema is brought up to date, also when killed half way, with a copy made before; a newer one is refused
//	P17  A damaged store is refused with a clear line, or serves exactly what was written; it never becomes an empty one
//	P18  Two servers on one directory: the second gives up within 2 s and names the first
//	P19  Clock jumps lose, reorder and revive nothing, and purge nothing in haste
//	P20  A topic that is deleted and created again shares nothing with the old one
//	P21  The body that comes out is the body that went in
//	P22  It starts fast: within 300 ms with a million messages, within 3 s after kill -9 with a full WAL
//	P23  It is kind to SD cards: no write when idle, one sync for a publish, at most four for 64 at once
//	P24  A panic in one request or worker does not end the process
//	P25  It runs for weeks: goroutines and descriptors stay within 10, memory within 1 MiB an hour
//	P26  Revoked means revoked: 401 at the next request, every open stream closed within a second, also after kill -9
//	P27  The loss of the disk costs a second: what was acknowledged before is in the replica, with tokens and revocations
//	P28  Every device gets every message, and its screen shows none twice: 100,000 messages, 20 devices, a bad push service and 50 kills
package reliability
