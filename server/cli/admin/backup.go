package admin

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/cli/owner"
	"notifer/server/config"
)

func backupCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "backup FILE", Short: "Back up the database to a file, even while the server is running", GroupID: "admin",
		Long: `Back up the database to a file, even while the server is running.

The backup contains every message acknowledged before the command began. It is
verified before it appears under its name, complete and with mode 0600. An older
file of that name is replaced.

  notifer backup /mnt/usb/notifer.db

For scheduled backups set backup.dir in the configuration.`,
		Args: command.Words("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := app.Load(cmd)
			if err != nil {
				return err
			}
			if err := local.CheckStore(cmd, c); err != nil {
				return err
			}
			err = owner.Backup(cmd.Context(), c.DataDir, args[0])
			if dir := filepath.Dir(args[0]); errors.Is(err, fs.ErrNotExist) {
				return config.Usagef("mkdir -p "+config.ShellWord(dir), "there is no directory %s", dir)
			}
			if errors.Is(err, db.ErrFull) {
				return &command.CodedError{Code: command.ExitFailed, Err: config.Usagef("notifer backup /OTHER/DISK/notifer.db", "%v", err)}
			}
			if err != nil {
				return err
			}
			if app.JSON {
				return app.PrintJSON(map[string]string{"file": args[0]})
			}
			app.Printf("%s\n", args[0])
			return nil
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func restoreCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Restore the database from a backup; the server must be stopped", GroupID: "admin",
		Long: `Restore the database from a backup that "notifer backup" made.

The backup is verified first. Nothing is changed if it is damaged, if it was
written by a newer version, or if a server or another program, such as
Litestream, is using the database. A backup in which only texts of messages are
damaged is restored, and the messages are named. The old database is kept next
to the new one.

Tokens and keys that were revoked or rotated since the backup work as they did
then: revoke them again.`,
		Args: command.Words("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := app.Load(cmd)
			if err != nil {
				return err
			}
			kept, err := owner.Restore(cmd.Context(), c.DataDir, args[0])
			if errors.Is(err, db.ErrRunning) || errors.Is(err, db.ErrInUse) {
				return fmt.Errorf("%w: stop it first", err)
			}
			if _, missing := os.Stat(args[0]); errors.Is(missing, fs.ErrNotExist) {
				return config.Usagef("notifer restore FILE", "there is no file %s", args[0])
			}
			if err != nil {
				return err
			}
			restored := filepath.Join(c.DataDir, db.FileName)
			if err := owner.Do(c.DataDir, func() error { return db.CheckMessages(cmd.Context(), c.DataDir) }); err != nil {
				fmt.Fprintf(app.Stderr, "notifer restore: restored, but %v\n", err)
			}
			if app.JSON {
				return app.PrintJSON(map[string]string{"restored": restored, "replaced": kept})
			}
			app.Printf("restored %s\n", restored)
			if kept != "" {
				app.Printf("the replaced database is %s\n", kept)
			}
			app.Printf("tokens and keys revoked or rotated since this backup work as they did then: revoke them again\n")
			return nil
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func checkCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "check", Short: "Check the database, its files and its disk", GroupID: "admin",
		Long: `Check the database, its files and its disk; this reads the whole database.

It checks SQLite's structure, every message against its checksum, the file modes
and the free space. It changes nothing, works while the server is running, and
exits with code 1 if something is wrong.`,
		Args: command.Words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := app.Load(cmd)
			if err != nil {
				return err
			}
			if err := local.CheckStore(cmd, c); err != nil {
				return err
			}
			var found []db.Finding
			err = owner.Do(c.DataDir, func() error {
				found = db.Check(cmd.Context(), c.DataDir)
				return nil
			})
			if err != nil {
				return err
			}
			return printFindings(app, found)
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func printFindings(app *local.App, found []db.Finding) error {
	var bad []string
	for _, f := range found {
		mark := "ok "
		if f.Bad {
			mark = "BAD"
			bad = append(bad, f.Subject)
		}
		if !app.JSON {
			app.Printf("%s  %-11s  %s\n", mark, f.Subject, f.Text)
		}
	}
	if app.JSON {
		if err := app.PrintJSON(found); err != nil {
			return err
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("checks failed: %s", strings.Join(bad, ", "))
	}
	return nil
}
