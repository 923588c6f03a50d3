package run

import (
	"os/exec"
	"syscall"
)

// endWithTest has the kernel kill the process when the test's process dies, however that happens.
func endWithTest(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
