package wire

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/shape"
	"notifer/server/wire/jsonslips"
)

// GotifyPath is where senders that were made for Gotify post.
const GotifyPath = "/message"

// TopicOf is the topic of a publish whose path names none: the field topic of its JSON, as ntfy's senders write it, else that of the topic
// token. The body is read here, and once more from memory when it is published.
func (w *Wire) TopicOf(c *request.Call) (string, error) {
	if c.R.ContentLength != 0 {
		raw, err := request.KeepBody(c, max(w.site.BodyBytes(), w.site.MessageJSON()), "the message")
		if err != nil {
			return "", err
		}
		body, err := readBody(c, w.site.BodyBytes(), &manage.Draft{}) // whose faults are found again
		request.Rewind(c, raw)
		if err != nil {
			return "", err
		}
		if name := topicIn(decodeText(body, c.R.Header.Get("Content-Type"), &manage.Draft{})); name != "" {
			if !request.IsJSON(c.R.Header.Get("Content-Type")) { // ntfy does not ask, and curl -d says that it is a form
				c.R.Header.Set("Content-Type", request.TypeJSON)
			}
			return name, nil
		}
	}
	if t := c.Who.Token(); t != nil {
		names, err := w.site.DB.TopicNames(c.R.Context(), []int64{t.TopicID})
		return names[t.TopicID], err
	}
	if c.Who.Anonymous() && isGotify(c) {
		return "", &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.NoCredential, Detail: "authentication required: send a topic token as X-Gotify-Key or ?token="}
	}
	c.W.Header().Set("Allow", "GET, HEAD")
	return "", &request.Problem{Status: http.StatusMethodNotAllowed, Detail: c.R.Method + " without a topic is not allowed here: send JSON with the field topic, or a topic token",
		Hint: "To publish, send it to the path of a topic: POST " + w.site.Base + "/TOPIC."}
}

// isGotify reports whether a request came to the path of Gotify.
func isGotify(c *request.Call) bool { return strings.HasSuffix(c.Route.Pattern, GotifyPath) }

// topicIn is the field topic of a text that is a JSON object, empty when there is none.
func topicIn(text string) string {
	if !isObject(text) || shape.Crowded(text) {
		return ""
	}
	var in struct{ Topic string }
	if json.Unmarshal([]byte(text), &in) != nil {
		corrected, _ := jsonslips.Correct(text)
		_ = json.Unmarshal([]byte(corrected), &in) // what cannot be read names no topic
	}
	return in.Topic
}

// PublishGotify publishes what a sender posts that was made for Gotify: its priorities run from 0 to 10, it may send a form, and it reads
// an answer with numbers as ids.
func (w *Wire) PublishGotify(c *request.Call) error { return w.publish(c, publication{gotify: true}) }

// fromGotify is a priority of Gotify as one of ours. What is no number from 0 to 10 is judged as any other.
func fromGotify(priority string) string {
	n, err := strconv.Atoi(strings.TrimSpace(priority))
	switch {
	case err != nil || n < 0 || n > 10:
		return priority
	case n == 0:
		return "1"
	case n < 4:
		return "2"
	case n < 8:
		return "3"
	case n < 10:
		return "4"
	}
	return "5"
}

// writeGotify answers with the message as Gotify describes it.
func writeGotify(c *request.Call, p *publication) {
	m := p.first
	request.WriteAppended(c.W, http.StatusOK, func(dst []byte) []byte {
		dst = strconv.AppendInt(append(dst, `{"id":`...), int64(m.ID), 10)
		dst = strconv.AppendInt(append(dst, `,"appid":`...), c.Topic.ID, 10)
		dst = api.AppendString(append(dst, `,"message":`...), m.Body, api.UTF8)
		dst = api.AppendString(append(dst, `,"title":`...), m.Title, api.UTF8)
		dst = strconv.AppendInt(append(dst, `,"priority":`...), int64(m.Priority), 10)
		dst = append(m.At.UTC().AppendFormat(append(dst, `,"date":"`...), time.RFC3339Nano), '"')
		return append(appendWarnings(dst, p.draft.Faults), "}\n"...)
	})
}
