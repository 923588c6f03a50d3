package wire

import (
	"net/http"

	"notifer/server/request"
)

// PublishFile publishes what curl -T FILE sends to a URL with a slash at its end: curl appends the name of the file, which becomes the
// title of a message that has no other.
func (w *Wire) PublishFile(c *request.Call) error {
	switch name := c.R.PathValue("file"); name {
	case "json", "sse", "ws":
		c.W.Header().Set("Allow", "GET, HEAD, OPTIONS")
		return &request.Problem{Status: http.StatusMethodNotAllowed, Detail: "the path does not take PUT: use GET",
			Hint: "To publish, send it to the path of the topic: PUT " + c.Site.Base + "/" + c.Topic.Name + "."}
	case "publish", "send", "trigger":
		return w.Publish(c)
	default:
		return w.publish(c, publication{side: sideFields{file: name}})
	}
}
