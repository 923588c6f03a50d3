package shape_test

import (
	"testing"

	"notifer/server/shape"
)

// A template reads what a sender says in headers, but not its credentials: subscribers would read them in the message.
func TestTemplatesReadNoCredentials(t *testing.T) {
	given := func(name string) string { return "value of " + name }
	for name, want := range map[string]string{
		"X-GitHub-Event": "value of X-GitHub-Event", "X-Topic-Token": "", "x-topic-TOKEN": "", "X-Api-Key": "", "Authorization": "", "Cookie": "",
		"Proxy-Authorization": "", "X-Hub-Signature-256": "", "X-Gitlab-Token": "", "Cf-Access-Jwt-Assertion": "", "Sec-Websocket-Key": "",
	} {
		set, err := shape.Templates{Text: `[{{header "` + name + `"}}]`}.Compile()
		if err != nil {
			t.Fatal(err)
		}
		got, err := set.Apply(shape.Payload{Value: map[string]any{}, Header: given})
		if err != nil || got[0].Text != "["+want+"]" {
			t.Errorf("%s gives %+v, %v; want %q", name, got, err, want)
		}
	}
}
