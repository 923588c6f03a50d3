package remote

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"notifer/server/api"
)

// completionTimeout bounds how long a shell waits for the names of topics.
const completionTimeout = time.Second

// completeTopics lets a shell complete the first arguments, at most this many, with the caller's topics. That needs an API key. Without one,
// or without an answer in time, it prints nothing: the text would end up in the command line.
func (r *remote) completeTopics(most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		const nothingElse = cobra.ShellCompDirectiveNoFileComp
		if len(args) >= most || strings.Contains(begun, "/") {
			return nil, nothingElse
		}
		c, _, err := r.open(cmd, nil)
		if key, failed := r.credential(); err != nil || failed != nil || !strings.HasPrefix(key, "noti_") {
			return nil, nothingElse
		}
		ctx, cancel := context.WithTimeout(context.Background(), completionTimeout)
		defer cancel()
		var topics []api.Topic
		if c.Do(ctx, http.MethodGet, "/api/topics/my?limit=100", nil, &topics) != nil {
			return nil, nothingElse
		}
		var names []string
		for _, t := range topics {
			if strings.HasPrefix(t.Name, begun) && !slices.Contains(args, t.Name) {
				names = append(names, t.Name)
			}
		}
		return names, nothingElse
	}
}
