package cli_test

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"notifer/server/cli"
)

// terminal opens a pair of ends: what is written to the keyboard is typed at the screen's end.
func terminal(t *testing.T) (keyboard, screen *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	fd := int(keyboard.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	screen, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	return keyboard, screen
}

// The line of the help screen works as it is shown there.
func TestUserAddAsksForThePasswordAtATerminal(t *testing.T) {
	_, help, _ := run(t, "help")
	_, line, _ := strings.Cut(help, "notifer user add ")
	line, _, _ = strings.Cut(line, "   ")
	keyboard, screen := terminal(t)
	if _, err := keyboard.WriteString("correct horse battery\n"); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"user", "add", "--data-dir", t.TempDir() + "/data"}, strings.Fields(line)...)
	var out, errs bytes.Buffer
	code := cli.Main(args, screen, &out, &errs)
	if code != 0 || errs.String() != "Password: \n" || out.String() != "Added ann (ann@example.com), an admin.\n" {
		t.Errorf("notifer %q = %d, %q, %q", args, code, out.String(), errs.String())
	}
	if code, _, errs := run(t, args...); code != 2 || !strings.Contains(errs, "Try: --password-file FILE") {
		t.Errorf("without a terminal: %d, %q, want 2 and what to give", code, errs)
	}
}
