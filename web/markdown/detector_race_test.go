//go:build race

package markdown_test

// raceDetector is set where sync.Pool drops what is put back now and then, so that memory says nothing, and all takes ten times as long.
const raceDetector = true
