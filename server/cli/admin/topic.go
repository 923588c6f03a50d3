package admin

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/config"
	"notifer/server/contract"
	"notifer/server/manage"
)

func topicCommand(app *local.App) *cobra.Command {
	return command.Group("topic", "Create, list and delete topics", "admin",
		topicCreateCommand(app), topicListCommand(app), topicDeleteCommand(app))
}

func topicCreateCommand(app *local.App) *cobra.Command {
	var owner, access, description string
	var discoverable bool
	cmd := &cobra.Command{
		Use: "create NAME", Short: "Create a topic, private unless --access says otherwise", Args: command.Words("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				u, err := findOwner(ctx, s, owner)
				if err != nil {
					return err
				}
				v := manage.TopicValues{AccessLevel: &access, Description: &description, Discoverable: &discoverable}
				t, err := s.Manage.CreateTopic(local.Actor(u), args[0], v)
				if err != nil {
					return refusal(cmd, err)
				}
				if app.JSON {
					return app.PrintJSON(contract.Topic(&t, 0))
				}
				app.Printf("Created the %s topic %s of %s.\n", t.AccessLevel, t.Name, u.Username)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&owner, "owner", "", "account that owns it (default the only account)")
	cmd.Flags().StringVar(&access, "access", db.Private, "public, protected or private")
	command.CompleteFlag(cmd, "access", db.Private, db.Protected, db.Public)
	cmd.Flags().StringVar(&description, "description", "", "what it is for")
	cmd.Flags().BoolVar(&discoverable, "discoverable", false, "list it in the catalog")
	app.Flags(cmd, "data_dir")
	return cmd
}

func topicListCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List all topics", Args: command.Words(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				list, err := s.DB.Topics(ctx, db.TopicFilter{All: true})
				if err != nil {
					return err
				}
				return printTopics(app, list)
			})
		},
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func printTopics(app *local.App, list []db.Topic) error {
	if app.JSON {
		out := make([]api.Topic, len(list))
		for i := range list {
			out[i] = contract.Topic(&list[i], 0)
		}
		return app.PrintJSON(out)
	}
	w := tabwriter.NewWriter(app.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tACCESS\tOWNER\tMESSAGES\tLAST MESSAGE")
	for _, t := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", t.Name, t.AccessLevel, t.OwnerName, t.MessageCount, moment(t.LastMessageAt))
	}
	return w.Flush()
}

func topicDeleteCommand(app *local.App) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "delete NAME", Short: "Delete a topic with its messages and tokens", Args: command.Words("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !yes {
				return config.Usagef("notifer topic delete "+config.ShellWord(args[0])+" --yes", "this deletes the topic, its messages and its tokens for good")
			}
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				t, err := findTopic(ctx, s, args[0])
				if err != nil {
					return err
				}
				if err := s.Manage.DeleteTopic(local.Actor(ownerOf(&t)), t); err != nil {
					return err
				}
				if app.JSON {
					return app.PrintJSON(contract.Topic(&t, 0))
				}
				app.Printf("Deleted %s.\n", t.Name)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "confirm the deletion")
	app.Flags(cmd, "data_dir")
	return cmd
}
