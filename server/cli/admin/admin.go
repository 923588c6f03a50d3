// Package admin is the commands over the store of this machine: accounts, topics, tokens, keys, devices, and its backups. Every
// rule about them is in manage.
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

// Commands are those of this package.
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

// tries says what to type when a value is refused.
var tries = map[string]string{"expires_at": "--expires-in 30d", "permissions": "--permissions publish,subscribe", "note": "--note TEXT",
	"access_level": "--access private", "topics": "--topics door,backup-*", "description": "--description TEXT", "scopes": "--scopes publish,topics:read",
	"grace_seconds": "--grace 24h"}

// refusal is an error of the rules as a mistake of the caller, with what to type next.
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
