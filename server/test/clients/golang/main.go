// Command golang follows a stream with one of the libraries of go.mod and prints the text of each message. It is a module of its
// own, so that the product's go.mod names no library that only a test of other people's clients uses.
// usage: golang LIBRARY URL TOKEN
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	launchdarkly "github.com/launchdarkly/eventsource"
	r3labs "github.com/r3labs/sse/v2"
	tmaxmax "github.com/tmaxmax/go-sse"
	"gopkg.in/cenkalti/backoff.v1"
)

const header = "X-Topic-Token"

func main() {
	library, url, token := os.Args[1], os.Args[2], os.Args[3]
	read := map[string]func(url, token string) error{"r3labs": readR3labs, "tmaxmax": readTmaxmax, "launchdarkly": readLaunchdarkly}[library]
	if err := read(url, token); err != nil {
		log.Fatal(err)
	}
}

// got prints the text of a message. What has no data is skipped, as web/docs/receive.md says.
func got(data string) {
	if data == "" {
		return
	}
	var m struct{ Message string }
	if err := json.Unmarshal([]byte(data), &m); err != nil {
		log.Fatalf("%v in %q", err, data)
	}
	fmt.Println(m.Message)
}

func readR3labs(url, token string) error {
	c := r3labs.NewClient(url)
	c.Headers[header] = token
	c.ReconnectStrategy = backoff.NewConstantBackOff(10 * time.Millisecond)
	return c.SubscribeRaw(func(e *r3labs.Event) {
		if json.Valid(e.Data) { // it hands over the half of an event that a lost connection leaves
			got(string(e.Data))
		}
	})
}

func request(url, token string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	if err == nil {
		req.Header.Set(header, token)
	}
	return req, err
}

func readTmaxmax(url, token string) error {
	req, err := request(url, token)
	if err != nil {
		return err
	}
	c := tmaxmax.Client{Backoff: tmaxmax.Backoff{InitialInterval: 10 * time.Millisecond, Multiplier: 1}}
	conn := c.NewConnection(req)
	conn.SubscribeToAll(func(e tmaxmax.Event) { got(e.Data) })
	return conn.Connect()
}

func readLaunchdarkly(url, token string) error {
	req, err := request(url, token)
	if err != nil {
		return err
	}
	stream, err := launchdarkly.SubscribeWithRequestAndOptions(req, launchdarkly.StreamOptionInitialRetry(10*time.Millisecond),
		launchdarkly.StreamOptionErrorHandler(func(error) launchdarkly.StreamErrorHandlerResult { return launchdarkly.StreamErrorHandlerResult{} }))
	if err != nil {
		return err
	}
	for e := range stream.Events {
		got(e.Data())
	}
	return nil
}
