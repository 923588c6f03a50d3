// Package qr draws QR codes for pages and terminals.
package qr

import (
	"fmt"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// quiet is the width of the light border, in modules; readers need four (ISO/IEC 18004 section 6.3.8).
const quiet = 4

// Code is a QR code of error correction level M. It is a square of modules, its light border included.
type Code struct {
	size int
	code *qr.Code
}

// Longest is the length in bytes up to which cameras can read a text's code from the screen of a phone.
const Longest = 800

// Encode returns the QR code of a text. It fails for more than about 2,300 bytes.
func Encode(text string) (Code, error) {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return Code{}, fmt.Errorf("make a QR code of %d bytes: %w", len(text), err)
	}
	return Code{c.Size + 2*quiet, c}, nil
}

// Size is the width and the height in modules.
func (c Code) Size() int { return c.size }

// Dark reports whether a module is dark.
func (c Code) Dark(x, y int) bool { return c.code.Black(x-quiet, y-quiet) }

// Path is the outline of the dark modules, as the attribute "d" of a path in an SVG whose view box is "0 0 Size Size". It must be dark on a
// light ground, even on dark pages: many readers do not read inverted codes.
func (c Code) Path() string {
	var b strings.Builder
	for y := range c.size {
		for x := 0; x < c.size; x++ {
			from := x
			for c.Dark(x, y) {
				x++
			}
			if n := strconv.Itoa(x - from); x > from {
				b.WriteString("M" + strconv.Itoa(from) + " " + strconv.Itoa(y) + "h" + n + "v1h-" + n + "z")
			}
		}
	}
	return b.String()
}

// OnWhite is the sequence to send to a terminal before each line of Lines: black on white, whatever the terminal's own colours are.
const OnWhite = "\x1b[30;107m"

// Lines draws the code for a terminal with half blocks, two rows of modules in a line.
func (c Code) Lines() []string {
	var lines []string
	for y := 0; y < c.size; y += 2 {
		var b strings.Builder
		for x := range c.size {
			b.WriteString(halves[c.Dark(x, y)][c.Dark(x, y+1)])
		}
		lines = append(lines, b.String())
	}
	return lines
}

// halves are the characters of an upper and a lower module.
var halves = map[bool]map[bool]string{
	false: {false: " ", true: "▄"},
	true:  {false: "▀", true: "█"},
}
