package admin

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/cli/local"
	"notifer/server/contract"
	"notifer/server/manage"
	"notifer/server/shape"
)

func tokenShapeCommand(app *local.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "shape [TOPIC TOKEN SHAPE]", Short: "Set which program sends with a token, or list the programs",
		Long: `Set which program sends with a token, so that its payloads become readable messages.
The token is named by its id or its name. Without arguments the shapes are listed.
"none" removes the shape; well-known payloads are recognised without one.

  notifer token shape server-alerts Grafana grafana`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return command.Words("TOPIC", "TOKEN", "SHAPE")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listShapes(app)
			}
			return app.WithStore(cmd, func(ctx context.Context, s *local.Store) error {
				topic, t, err := findToken(ctx, s, args[0], args[1])
				if err != nil {
					return err
				}
				id := args[2]
				if id == "none" {
					id = shape.None
				}
				t, err = s.Manage.UpdateToken(local.Actor(ownerOf(&topic)), &topic, t.ID, manage.TokenValues{Shape: &id})
				if err != nil {
					return refusal(cmd, err)
				}
				if app.JSON {
					return app.PrintJSON(contract.Token(&t, &topic, s.DB.Now()))
				}
				app.Printf("%q has the shape %s.\n", t.Name, args[2])
				return nil
			})
		},
	}
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) != 2 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return append(shapeIDs(), "none"), cobra.ShellCompDirectiveNoFileComp
	}
	app.Flags(cmd, "data_dir")
	return cmd
}

func shapeIDs() []string {
	var ids []string
	for _, s := range shape.All() {
		ids = append(ids, s.ID)
	}
	return ids
}

func listShapes(app *local.App) error {
	if app.JSON {
		type row struct {
			ID    string `json:"id"`
			Name  string `json:"name"`
			About string `json:"about"`
		}
		list := []row{}
		for _, s := range shape.All() {
			list = append(list, row{s.ID, s.Name, s.About})
		}
		return app.PrintJSON(list)
	}
	w := tabwriter.NewWriter(app.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "SHAPE\tWHAT SENDS")
	for _, s := range shape.All() {
		fmt.Fprintf(w, "%s\t%s\n", s.ID, s.Name)
	}
	return w.Flush()
}
