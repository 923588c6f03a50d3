package remote

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"notifer/server/auth/secrets"
	"notifer/server/cli/command"
	"notifer/server/client"
)

// exitFound is the exit code of scan when it has found a secret.
const exitFound = 3

// scanLine is how many bytes are read as one line; longer lines are read in pieces that overlap by the length of a secret.
const scanLine = 1 << 20

// scan looks for secrets in files.
type scan struct {
	remote
	check   bool
	found   []finding
	unread  error             // what could not be read
	skipped []skipped         // what was not searched
	live    map[string]string // by secret: "live" or "not live"
}

// finding is one secret in one place. It holds the hint only.
type finding struct {
	Path string `json:"path"`
	Line int    `json:"line"`
	Kind string `json:"kind"`
	Hint string `json:"hint"`
	Live string `json:"live,omitempty"`

	secret string
}

// ScanCommand looks for secrets in files.
func ScanCommand(app *command.App) *cobra.Command {
	s := &scan{remote: remote{app: app}, live: map[string]string{}}
	cmd := &cobra.Command{
		Use: "scan PATH...", Short: "Find tokens and keys in files or in a git log", GroupID: "use",
		Long: `Find topic access tokens (tk_) and API keys (noti_) in files. Directories are
searched, links in them are skipped and listed; "-" reads standard input, such as
the output of git. Files compressed with gzip are read. Of archives and files
compressed in another way, only uncompressed parts are searched; they are listed
as skipped, and so are the objects of git. The check characters of a secret are
verified offline, so made-up ones are not reported. With --check the server is
asked which of them are live. Those are then shown as leaked in the dashboard,
so that you can rotate them.

  notifer scan .
  git log -p --all | notifer scan -
  notifer scan --check --server https://home.example ~/scripts

The exit code is 3 when something was found. Only hints are printed.`,
		Args: command.AtLeast("PATH"),
		RunE: func(cmd *cobra.Command, args []string) error { return s.run(cmd, args) },
	}
	cmd.Flags().BoolVar(&s.check, "check", false, "ask the server which are live, and report them")
	cmd.Flags().StringVar(&s.server, "server", "", "URL of the server, or unix:/path (NOTIFER_URL)")
	return cmd
}

func (s *scan) run(cmd *cobra.Command, paths []string) error {
	for _, path := range paths {
		s.path(path)
	}
	if s.check {
		s.unread = errors.Join(s.unread, s.ask(cmd)) // what was found is printed in any case
	}
	if err := s.print(); err != nil {
		return err
	}
	for _, name := range s.skipped {
		fmt.Fprintf(s.app.Stderr, "notifer scan: skipped %s: %s\n", command.Plain(name.path), name.why)
	}
	if len(s.found) > 0 {
		return &command.CodedError{Code: exitFound, Err: errors.Join(fmt.Errorf("%d found", len(s.found)), s.unread)}
	}
	return s.unread
}

// path searches a file or a tree. It follows a link only if that is the path itself. What it skips or cannot read is reported at the end.
func (s *scan) path(path string) {
	if path == "-" {
		s.unread = errors.Join(s.unread, s.content("-", s.app.Stdin))
		return
	}
	root, err := filepath.EvalSymlinks(path)
	if err != nil {
		s.unread = errors.Join(s.unread, errors.New(withoutCall(err)))
		return
	}
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		below, _ := filepath.Rel(root, name) // what a walk meets is below its root
		shown := filepath.Join(path, below)
		switch {
		case err == nil && d.IsDir() && isObjects(name):
			s.skip(shown, "the history of git is compressed: git log -p --all | notifer scan -")
			return filepath.SkipDir
		case err != nil || d.IsDir():
		case d.Type().IsRegular() || name == root: // a named pipe, such as <(...) of a shell, is read too
			err = s.file(shown, name)
		default:
			s.skip(shown, "a link, or not a file")
		}
		if err != nil {
			s.unread = errors.Join(s.unread, err)
		}
		return nil
	})
}

func (s *scan) file(shown, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return s.content(shown, f)
}

func (s *scan) read(path string, in io.Reader) error {
	r := bufio.NewReaderSize(in, scanLine)
	const keep = 128 // bytes: at least a secret in UTF-16
	var tail string
	for line := 1; ; {
		piece, err := r.ReadSlice('\n')
		text := tail + string(piece)
		for _, secret := range found(text) {
			s.add(path, line, secret)
		}
		tail = ""
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			tail = text[max(0, len(text)-keep):]
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read %s: %w", path, err)
		}
		line++
	}
}

func (s *scan) add(path string, line int, secret string) {
	kind := "token"
	if strings.HasPrefix(secret, secrets.KeyPrefix) {
		kind = "key"
	}
	for _, f := range s.found[max(0, len(s.found)-4):] { // pieces of a line overlap, so a secret may be found twice
		if f.Path == path && f.Line == line && f.secret == secret {
			return
		}
	}
	s.found = append(s.found, finding{Path: path, Line: line, Kind: kind, Hint: secrets.Hint(secret), secret: secret})
}

// ask asks the server once about each secret whether it is live.
func (s *scan) ask(cmd *cobra.Command) error {
	c, _, err := s.open(cmd, nil)
	if err != nil {
		return err
	}
	for i := range s.found {
		f := &s.found[i]
		if _, known := s.live[f.secret]; !known {
			if s.live[f.secret], err = s.state(cmd.Context(), c.With(f.secret), f.Kind); err != nil {
				return err
			}
		}
		f.Live = s.live[f.secret]
	}
	return nil
}

func (s *scan) state(ctx context.Context, c *client.Client, kind string) (string, error) {
	err := error(nil)
	if kind == "token" {
		_, err = c.ReportToken(ctx)
	} else {
		_, err = c.Me(ctx)
	}
	var refused *client.Error
	switch {
	case err == nil:
		return "live", nil
	case errors.As(err, &refused) && refused.Status == 401:
		return "not live", nil
	case errors.As(err, &refused) && refused.Status == 403:
		return "live", nil // a key without the scope for its own account
	}
	return "", Error(err)
}

func (s *scan) print() error {
	if s.app.JSON {
		if s.found == nil {
			s.found = []finding{}
		}
		return s.app.PrintJSON(s.found)
	}
	for _, f := range s.found {
		s.app.Printf("%s:%d: %s %s", command.Plain(f.Path), f.Line, f.Kind, f.Hint)
		if f.Live != "" {
			s.app.Printf(" (%s)", f.Live)
		}
		s.app.Printf("\n")
	}
	return nil
}
