package cli

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/cli/command"
	"notifer/server/config"
	"notifer/server/manage"
)

func topicCommand(app *App) *cobra.Command {
	return group("topic", "Create, list and delete topics", "admin",
		topicCreateCommand(app), topicListCommand(app), topicDeleteCommand(app))
}

// cliActor names the command line in the activity log.
const cliActor = "command line"

func topicCreateCommand(app *App) *cobra.Command {
	var owner, access, description string
	var discoverable bool
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Create a topic, private unless --access says otherwise", Args: command.Words("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.withStore(cmd, func(ctx context.Context, s *store) error {
				u, err := s.owner(ctx, owner)
				if err != nil {
					return err
				}
				v := manage.TopicValues{AccessLevel: &access, Description: &description, Discoverable: &discoverable}
				t, err := s.m.CreateTopic(by(u), args[0], v)
				if err != nil {
					return refusal(cmd, err)
				}
				if app.JSON {
					return app.PrintJSON(manage.APITopic(&t, 0))
				}
				app.Printf("Created the %s topic %s of %s.\n", t.AccessLevel, t.Name, u.Username)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&owner, "owner", "", "account that owns it (default the only account)")
	cmd.Flags().StringVar(&access, "access", db.Private, "public, protected or private")
	completeFlag(cmd, "access", db.Private, db.Protected, db.Public)
	cmd.Flags().StringVar(&description, "description", "", "what it is for")
	cmd.Flags().BoolVar(&discoverable, "discoverable", false, "list it in the catalog")
	app.Flags(cmd, "data_dir")
	return cmd
}

func topicListCommand(app *App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List all topics", Args: command.Words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.withStore(cmd, func(ctx context.Context, s *store) error {
				list, err := s.d.Topics(ctx, db.TopicFilter{All: true})
				if err != nil {
					return err
				}
				return app.printTopics(list)
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func (a *App) printTopics(list []db.Topic) error {
	if a.JSON {
		out := make([]api.Topic, len(list))
		for i := range list {
			out[i] = manage.APITopic(&list[i], 0)
		}
		return a.PrintJSON(out)
	}
	w := tabwriter.NewWriter(a.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tACCESS\tOWNER\tMESSAGES\tLAST MESSAGE")
	for _, t := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", t.Name, t.AccessLevel, t.OwnerName, t.MessageCount, moment(t.LastMessageAt))
	}
	return w.Flush()
}

func topicDeleteCommand(app *App) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "delete NAME", Short: "Delete a topic with its messages and tokens", Args: command.Words("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !yes {
				return config.Usagef("notifer topic delete "+args[0]+" --yes", "this deletes the topic, its messages and its tokens for good")
			}
			return app.withStore(cmd, func(ctx context.Context, s *store) error {
				t, err := s.topic(ctx, args[0])
				if err != nil {
					return err
				}
				if err := s.m.DeleteTopic(by(ownerOf(&t)), t); err != nil {
					return err
				}
				if app.JSON {
					return app.PrintJSON(manage.APITopic(&t, 0))
				}
				app.Printf("Deleted %s.\n", t.Name)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do it without asking")
	app.Flags(cmd, "data_dir")
	return cmd
}
