//go:build race

package web_test

// raceDetector is set where sync.Pool drops what is put back now and then, so that memory says nothing.
const raceDetector = true
