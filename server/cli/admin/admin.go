// Package admin holds the commands that work on this machine's store: accounts, topics, tokens, keys, devices and backups. The rules about
// them are in package manage.
package admin

import (
	"cmp"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/cli/local"
	"notifer/server/config"
	"notifer/server/manage"
)

// Commands returns the commands of this package.
func Commands(app *local.App) []*cobra.Command {
	return []*cobra.Command{
		setupLinkCommand(app),
		userCommand(app),
		topicCommand(app),
		tokenCommand(app),
		keyCommand(app),
		deviceCommand(app),
		backupCommand(app),
		restoreCommand(app),
		checkCommand(app),
	}
}

// ownerOf is the account that a topic belongs to.
func ownerOf(t *db.Topic) db.User { return db.User{ID: t.OwnerID, Username: t.OwnerName} }

// tries says what to type when a field is refused.
var tries = map[string]string{"expires_at": "--expires-in 30d", "permissions": "--permissions publish,subscribe", "note": "--note TEXT",
	"access_level": "--access private", "topics": "--topics door,backup-*", "description": "--description TEXT", "scopes": "--scopes publish,topics:read",
	"grace_seconds": "--grace 24h"}

// refusal turns an error of the rules into a usage error, with what to type next. A conflict stays as it is.
func refusal(cmd *cobra.Command, err error) error {
	e, ok := errors.AsType[*manage.Error](err)
	if !ok || e.Kind == auth.ErrConflict {
		return err
	}
	return config.Usagef(cmp.Or(tries[e.Field], cmd.CommandPath()+" --help"), "%v", e)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04")
}
