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
	args := append([]string{"user", "add", "--data-dir", t.TempDir() + "/data"}, strings.Fields(line)...)
	for _, c := range []struct {
		typed     string
		code      int
		out, errs string
	}{
		{"correct horse battery\ncorrect house battery\n", 1, "", "Password: \nOnce more: \nnotifer user add: read the password: the passwords differ: nothing was changed\n"},
		{"correct horse battery\ncorrect horse battery\n", 0, "Added ann (ann@example.com), an admin.\n", "Password: \nOnce more: \n"},
	} {
		if _, err := keyboard.WriteString(c.typed); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		if code := cli.Main(args, screen, &out, &errs); code != c.code || errs.String() != c.errs || out.String() != c.out {
			t.Errorf("notifer %q = %d, %q, %q; want %d, %q, %q", args, code, out.String(), errs.String(), c.code, c.out, c.errs)
		}
	}
	if code, _, errs := run(t, args...); code != 2 || !strings.Contains(errs, "Try: --password-file FILE") {
		t.Errorf("without a terminal: %d, %q, want 2 and what to give", code, errs)
	}
}

// Ctrl-C at the question ends the command, and the terminal shows again what is typed.
func TestAnInterruptAtThePasswordLeavesTheTerminalAsItWas(t *testing.T) {
	if dir := os.Getenv(asksForPassword); dir != "" {
		os.Exit(cli.Main([]string{"user", "add", "ann@example.com", "--data-dir", dir}, os.Stdin, os.Stdout, os.Stderr))
	}
	keyboard, screen := terminal(t)
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), asksForPassword+"="+t.TempDir())
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
		if tries == 6000 {
			t.Fatal("what is typed is shown")
		}
	}
	if _, err := keyboard.Write([]byte{3}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		cmd.Process.Kill()
		t.Fatal("it goes on after Ctrl-C")
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 || !echoes(t, screen) {
		t.Errorf("exit code %d, echo %v; want 130, true", code, echoes(t, screen))
	}
}

// asksForPassword makes this test the command itself, in a process of its own, with a data directory.
const asksForPassword = "TEST_ASKS_FOR_PASSWORD"

func echoes(t *testing.T, screen *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(screen.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// Nobody types a password for an account that is not there, or that cannot be made.
func TestNothingIsAskedForAnImpossibleAccount(t *testing.T) {
	_, screen := terminal(t)
	at := stocked(t)
	for _, words := range []string{"user passwd bob", "user add ann", "user add bob@example.org --username ?"} {
		var out, errs bytes.Buffer
		code := cli.Main(append(strings.Fields(words), at), screen, &out, &errs)
		if code == 0 || strings.Contains(errs.String(), "Password") {
			t.Errorf("notifer %s = %d, %q; want an error and no question", words, code, errs.String())
		}
	}
}
