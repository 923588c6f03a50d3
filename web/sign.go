package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark-emoji/definition"
)

// Sign is how a topic looks in lists: an emoji, or the first letter of its title, on a colour.
type Sign struct {
	Icon  string // an emoji or its short name; any other word is the letter
	Color string // one of Colors; any other word is the colour that follows from the name
}

// keycap ends the emoji of a digit, which begins like a word.
const keycap = "\u20e3"

// usual is the sign of a topic without a choice.
var usual = Sign{"bell", "blue"}

// Colors are the grounds of a sign, in the order of their classes.
var Colors = []string{"red", "orange", "yellow", "green", "teal", "blue", "purple", "pink"}

// Icons are those that the settings of a topic offer; any other emoji can be typed.
var Icons = []string{"🚨", "🔔", "🏠", "🚪", "🌡️", "💧", "🔋", "🌱", "🚗", "📷", "🔒", "💾", "🖥️", "🐳", "🌐", "🚀", "🛠️", "📦", "📈", "💬"}

// Chosen is the sign as it was chosen: the emoji itself, and nothing where no choice was made.
func (s Sign) Chosen() Sign {
	if s == usual {
		return Sign{}
	}
	s.Icon = s.picture()
	if s.number() == 0 {
		s.Color = ""
	}
	return s
}

// With is the sign with another emoji, typed as such or by its short name, unless that is empty.
func (s Sign) With(typed string) Sign {
	if typed = strings.Trim(typed, ": "); typed == "" {
		return s
	}
	if picture := (Sign{Icon: typed}).picture(); picture != "" {
		typed = picture
	}
	return Sign{typed, s.Color}
}

// Stored is what is kept of a choice.
func (s Sign) Stored() Sign {
	switch {
	case s == Sign{}:
		return usual
	case s.Icon == "":
		s.Icon = "letter"
	case s.Color == "":
		s.Color = "auto"
	}
	return s
}

// picture is the emoji of the sign, or nothing.
func (s Sign) picture() string {
	if s.Icon != "" && s.Icon[0] > 127 || strings.HasSuffix(s.Icon, keycap) {
		return s.Icon
	}
	if e, ok := definition.Github().Get(s.Icon); ok && e.IsUnicode() {
		return string(e.Unicode)
	}
	return ""
}

// number is the place of the colour among Colors, from 1, or 0.
func (s Sign) number() int {
	return slices.Index(Colors, s.Color) + 1
}

// class is the style of the tile of a topic.
func (s Sign) class(name string) string {
	switch s = s.Chosen(); {
	case s.Color != "":
		return "c" + strconv.Itoa(s.number())
	case s.Icon != "":
		return ""
	}
	return tileColour(name)
}

// icons are those to choose from, with the one of the form where it is another.
func icons(f Form) []string {
	if icon := f.Value("icon"); icon != "" && !slices.Contains(Icons, icon) {
		return append([]string{icon}, Icons...)
	}
	return Icons
}
