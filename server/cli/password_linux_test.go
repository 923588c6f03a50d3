package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

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

// Ctrl-C at the question ends the command, and the terminal shows again what is typed.
func TestAnInterruptAtThePasswordLeavesTheTerminalAsItWas(t *testing.T) {
	if os.Getenv(asksForPassword) != "" {
		os.Exit(cli.Main([]string{"user", "add", "ann@example.com", "--data-dir", t.TempDir()}, os.Stdin, os.Stdout, os.Stderr))
	}
	keyboard, screen := terminal(t)
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), asksForPassword+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen, screen, screen
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true} // the keyboard's Ctrl-C reaches it
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for tries := 0; echoes(t, screen); tries++ { // the question is asked once nothing is shown
		select {
		case err := <-ended:
			t.Fatalf("it ended without asking: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
		if tries == 1000 {
			t.Fatal("what is typed is shown")
		}
	}
	if _, err := keyboard.Write([]byte{3}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		cmd.Process.Kill()
		t.Fatal("it goes on after Ctrl-C")
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 || !echoes(t, screen) {
		t.Errorf("exit code %d, echo %v; want 130, true", code, echoes(t, screen))
	}
}

// asksForPassword makes this test the command itself, in a process of its own.
const asksForPassword = "TEST_ASKS_FOR_PASSWORD"

func echoes(t *testing.T, screen *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(screen.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}
