package daemon

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// memoryShare is the part of the cgroup's limit the Go heap may use; the rest is for SQLite's caches and stacks.
const memoryShare = 0.8

// cgroupMemory returns the smallest memory limit of the process's cgroup and those above it, or 0 when there is none.
// root is the file system from its root.
func cgroupMemory(root fs.FS) int64 {
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	least := int64(0)
	for line := range strings.Lines(string(text)) {
		id, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, _ := strings.Cut(rest, ":")
		switch {
		case id == "0" && controllers == "":
			least = smaller(least, limitAlong(root, "sys/fs/cgroup", group, "memory.max"))
		case slices.Contains(strings.Split(controllers, ","), "memory"):
			least = smaller(least, limitAlong(root, "sys/fs/cgroup/memory", group, "memory.limit_in_bytes"))
		}
	}
	return least
}

// limitAlong reads the limit of the group and of every group above it. In a container the path may name a group that is
// not visible; the limit then stands at the mount itself.
func limitAlong(root fs.FS, mount, group, file string) int64 {
	least := int64(0)
	for {
		text, err := fs.ReadFile(root, path.Join(mount, group, file))
		if n, parseErr := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && parseErr == nil && n < 1<<50 {
			least = smaller(least, n)
		}
		if group == "/" || group == "" || group == "." {
			return least
		}
		group = path.Dir(group)
	}
}

// smaller is the smaller limit; 0 is no limit.
func smaller(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
