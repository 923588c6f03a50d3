//go:build race

package shape_test

// scale lengthens limits of time under the race detector.
const scale = 15
