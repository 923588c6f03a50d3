// Package remote holds the commands that use a server over its API, on this machine or another: publish, subscribe, run and scan.
// They open no database.
package remote

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"notifer/server/cli/command"
	"notifer/server/client"
	"notifer/server/config"
)

// remote is what commands need to reach a server.
type remote struct {
	app       *command.App
	server    string
	token     string
	tokenFile string
}

const remoteHelp = `
The server is --server or NOTIFER_URL (default http://127.0.0.1:8080); TOPIC may
also be a URL such as https://home.example/server-alerts. The credential is
--token-file, NOTIFER_TOPIC_TOKEN, NOTIFER_TOKEN_FILE or NOTIFER_API_KEY.`

func (r *remote) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.server, "server", "", "URL of the server, or unix:/path (NOTIFER_URL)")
	cmd.Flags().StringVar(&r.token, "token", "", "token or key; others can see it in the process list")
	cmd.Flags().StringVar(&r.tokenFile, "token-file", "", "file with the token or key (NOTIFER_TOKEN_FILE)")
}

// open returns a client of the server, and the names of the topics, one of which may be given as a URL.
func (r *remote) open(cmd *cobra.Command, topics []string) (*client.Client, []string, error) {
	server, names, err := r.address(cmd, topics)
	if err != nil {
		return nil, nil, err
	}
	if err := config.CheckServerURL(server); err != nil {
		return nil, nil, config.Usagef("export NOTIFER_URL=https://home.example", "%v", err)
	}
	credential, err := r.credential()
	if err != nil {
		return nil, nil, err
	}
	c, err := client.New(server)
	if err != nil {
		return nil, nil, config.Usagef("export NOTIFER_URL=https://home.example", "%v", err)
	}
	return c.With(credential), names, nil
}

func (r *remote) address(cmd *cobra.Command, topics []string) (server string, names []string, err error) {
	server = r.server
	if server == "" {
		server, _ = r.app.Env("NOTIFER_URL")
	}
	if server == "" {
		server = "http://127.0.0.1:8080"
	}
	for _, topic := range topics {
		if !strings.Contains(topic, "://") {
			names = append(names, topic)
			continue
		}
		u, err := url.Parse(topic)
		slash := strings.LastIndex(strings.TrimRight(topic, "/"), "/")
		if err != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") == "" || len(topics) > 1 {
			return "", nil, config.Usagef(cmd.CommandPath()+" --help", "%q is not the URL of a topic", topic[strings.LastIndex(topic, "@")+1:]) // before it may be a password
		}
		server, names = topic[:slash], []string{strings.TrimRight(topic[slash+1:], "/")}
	}
	return server, names, nil
}

// credential is the credential that is set. A text that cannot be one is refused here, because the server would take it for none.
func (r *remote) credential() (string, error) {
	text, err := r.findCredential()
	if err == nil && text != "" && !strings.HasPrefix(text, "tk_") && !strings.HasPrefix(text, "noti_") && strings.Count(text, ".") != 2 {
		err = config.Usagef("export NOTIFER_TOPIC_TOKEN=tk_... with a token of this topic", "the credential is neither a topic token nor an API key: those begin with tk_ and noti_")
	}
	return text, err
}

// findCredential is the first credential that is set; flags override the environment.
func (r *remote) findCredential() (string, error) {
	if r.token != "" {
		return r.token, nil
	}
	if r.tokenFile != "" {
		return readToken(r.tokenFile, "--token-file FILE")
	}
	for _, name := range []string{"NOTIFER_TOPIC_TOKEN", "NOTIFER_TOKEN_FILE", "NOTIFER_API_KEY"} {
		text, ok := r.app.Env(name)
		if !ok || text == "" {
			continue
		}
		if name == "NOTIFER_TOKEN_FILE" {
			return readToken(text, "export NOTIFER_TOKEN_FILE=FILE")
		}
		return strings.TrimSpace(text), nil
	}
	return "", nil
}

// readToken reads a token from a file; try is what to type when there is none in it.
func readToken(file, try string) (string, error) {
	text, err := config.ReadSecret(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", config.Usagef(try, "there is no token file %s", file)
	case errors.Is(err, os.ErrPermission):
		return "", fmt.Errorf("user %d may not read the token file %s", os.Geteuid(), file)
	case err == nil && strings.TrimSpace(text) == "":
		return "", config.Usagef(try, "the token file %s is empty", file)
	}
	return strings.TrimSpace(text), err
}

// Error gives an error of a call its exit code, and says what to do where a credential is missing or no server answers.
func Error(err error) error {
	var refused *client.Error
	var network *url.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return refusedError(err, refused)
	case errors.As(err, &network) && strings.Contains(network.Err.Error(), "HTTP response to HTTPS client"):
		return &command.CodedError{Code: command.ExitUnreachable, Err: fmt.Errorf("%s speaks plain HTTP: write http:// instead of https://", serverOf(network.URL))}
	case errors.As(err, &network):
		return &command.CodedError{Code: command.ExitUnreachable, Err: &config.UsageError{
			Msg: fmt.Sprintf("no answer from %s: %v", serverOf(network.URL), network.Err), Try: "export NOTIFER_URL=https://home.example with the URL of the server, or start it"}}
	}
	return err
}

func refusedError(err error, refused *client.Error) error {
	switch refused.Status {
	case http.StatusUnauthorized:
		return &command.CodedError{Code: command.ExitRefused, Err: &config.UsageError{Msg: err.Error(), Try: "export NOTIFER_TOPIC_TOKEN=tk_... with a token of this topic"}}
	case http.StatusForbidden, http.StatusNotFound:
		return &command.CodedError{Code: command.ExitRefused, Err: err}
	}
	return err
}

// serverOf shortens a URL to its host, because the query may hold a token.
func serverOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the server"
	}
	return u.Scheme + "://" + u.Host
}
