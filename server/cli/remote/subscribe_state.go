package remote

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// loadState reads the id that the last run left in the state file. It locks the file, because two runs at once, as of cron, would handle
// the same messages.
func (r *reception) loadState() (string, error) {
	if r.state == "" {
		return "", nil
	}
	f, err := os.OpenFile(r.state, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("remember the last message: %w", err)
	}
	r.kept = f
	if errors.Is(unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK) {
		return "", fmt.Errorf("%s is in use by another subscriber", r.state)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return "", fmt.Errorf("read the last message's id: %w", err)
	}
	id := strings.TrimSpace(string(text))
	if id != "" && !messageID.MatchString(id) {
		return "", fmt.Errorf("%s does not contain a message id: delete the file to start over, or write the id of the last message that was handled into it", r.state)
	}
	return id, nil
}

// saveState stores the id after which the next run continues. A new subscription stores where it began, so that messages that arrive between
// two runs are not missed even if none came before. One write replaces the id, so that a crash leaves the old or the new one.
func (r *reception) saveState(id string) error {
	if r.state == "" {
		return nil
	}
	n, err := r.kept.WriteAt([]byte(id+"\n"), 0)
	if err == nil {
		err = r.kept.Truncate(int64(n))
	}
	if err != nil {
		return fmt.Errorf("remember the message: %w", err)
	}
	return nil
}
