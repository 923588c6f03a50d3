package reliability

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Disk is an ext4 file system on a loop device whose backing file holds only what was flushed, so a copy of that file is
// what a power cut leaves behind.
type Disk struct {
	Dir   string // where it is mounted
	image string
}

// NewDisk makes and mounts a disk of the given size. The inner file system commits by itself only every 300 s, so that what
// the server did not flush is lost. It skips the test where root, loop devices or ext4 are missing.
func NewDisk(t testing.TB, mib int) *Disk {
	t.Helper()
	needRoot(t, "a power cut needs a loop device", "mkfs.ext4", "mount", "umount")
	d := &Disk{Dir: t.TempDir(), image: filepath.Join(t.TempDir(), "disk")}
	if err := exec.Command("truncate", "-s", fmt.Sprint(mib, "M"), d.image).Run(); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-F", d.image).CombinedOutput(); err != nil {
		t.Skipf("skipped: no power cut here: mkfs.ext4: %v: %s", err, out)
	}
	mount(t, d.image, d.Dir, "loop,commit=300")
	return d
}

// Cut copies what a power cut at this moment would leave and returns the directory where the copy is mounted, after the file
// system's own recovery. End the server first: the copy is not made at one instant.
func (d *Disk) Cut(t testing.TB) *Disk {
	t.Helper()
	after := &Disk{Dir: t.TempDir(), image: filepath.Join(t.TempDir(), "disk")}
	if out, err := exec.Command("cp", "--sparse=always", d.image, after.image).CombinedOutput(); err != nil {
		t.Fatalf("copy of the backing file: %v: %s", err, out)
	}
	mount(t, after.image, after.Dir, "loop,commit=300")
	return after
}

// Unmount ends the use of the disk before the test does.
func (d *Disk) Unmount() error {
	if out, err := exec.Command("umount", d.Dir).CombinedOutput(); err != nil {
		return fmt.Errorf("umount %s: %w: %s", d.Dir, err, out)
	}
	return os.Remove(d.image)
}

// SmallDisk mounts a memory file system of the given size, skipping the test where that is not possible.
func SmallDisk(t testing.TB, mib int) string {
	t.Helper()
	needRoot(t, "a full disk needs a small file system", "mount", "umount")
	dir := t.TempDir()
	mount(t, "tmpfs", dir, fmt.Sprintf("size=%dm,mode=0700", mib), "-t", "tmpfs")
	return dir
}

// Ballast fills a disk but for the given number of bytes and returns the file to remove.
func Ballast(t testing.TB, dir string, leave int64) string {
	t.Helper()
	free := FreeBytes(t, dir)
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	for written := int64(0); written+4096 <= free-leave; written += 4096 {
		if _, err := f.Write(block); err != nil {
			break
		}
	}
	return path
}

// mount mounts and registers the unmounting; a refusal skips the test, because containers often forbid it.
func mount(t testing.TB, what, dir, options string, more ...string) {
	t.Helper()
	args := append(more, "-o", options, what, dir)
	if out, err := exec.Command("mount", args...).CombinedOutput(); err != nil {
		t.Skipf("skipped: mount %s is not possible here: %v: %s", options, err, out)
	}
	t.Cleanup(func() { exec.Command("umount", "-l", dir).Run() })
}

func needRoot(t testing.TB, why string, tools ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skipf("skipped: %s, and that needs root", why)
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: %s, and %s is not installed", why, tool)
		}
	}
}
