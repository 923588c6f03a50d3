package shape

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// function is what a template may call. It sees its arguments and nothing else.
type function struct {
	least, most int // arguments; most -1: any number
	call        func(r *run, args []any) (any, error)
}

// functions are all there are.
var functions = map[string]function{
	"and": {1, -1, last}, "or": {1, -1, last}, "not": {1, 1, func(_ *run, a []any) (any, error) { return !truth(a[0]), nil }},
	"eq": {2, -1, equal}, "ne": {2, 2, func(r *run, a []any) (any, error) { v, err := equal(r, a); return v != true, err }},
	"lt":      {2, 2, compare(func(a, b float64) bool { return a < b })},
	"le":      {2, 2, compare(func(a, b float64) bool { return a <= b })},
	"gt":      {2, 2, compare(func(a, b float64) bool { return a > b })},
	"ge":      {2, 2, compare(func(a, b float64) bool { return a >= b })},
	"default": {2, 2, func(_ *run, a []any) (any, error) { return pick(truth(a[1]), a[1], a[0]), nil }},
	"choose":  {2, -1, choose}, "severity": {1, 1, severity}, "color": {1, 1, color}, "header": {1, 1, header},
	"len": {1, 1, length}, "index": {2, -1, index}, "first": {1, 1, edge(true)}, "last": {1, 1, edge(false)},
	"join": {2, 2, join}, "split": {2, 2, split}, "pairs": {1, 1, pairs}, "pluck": {2, 2, pluck},
	"json":   {1, 1, func(r *run, a []any) (any, error) { return r.json(a[0], "") }},
	"indent": {1, 1, func(r *run, a []any) (any, error) { return r.json(a[0], "  ") }},
	"upper":  {1, 1, text(strings.ToUpper)}, "lower": {1, 1, text(strings.ToLower)}, "trim": {1, 1, text(strings.TrimSpace)},
	"capital": {1, 1, text(capital)}, "words": {1, 1, text(words)}, "line": {1, 1, text(firstLine)}, "plain": {1, 1, text(plainText)},
	"fromJSON": {1, 1, fromJSON},
	"urlquery": {1, 1, text(url.QueryEscape)}, "slack": {1, 1, text(slackText)}, "slackLink": {1, 1, text(slackLink)}, "discord": {1, 1, text(discordText)},
	"replace":    {3, 3, texts(func(a []string) any { return strings.ReplaceAll(a[2], a[0], a[1]) })},
	"contains":   {2, 2, texts(func(a []string) any { return strings.Contains(a[1], a[0]) })},
	"hasPrefix":  {2, 2, texts(func(a []string) any { return strings.HasPrefix(a[1], a[0]) })},
	"hasSuffix":  {2, 2, texts(func(a []string) any { return strings.HasSuffix(a[1], a[0]) })},
	"trimPrefix": {2, 2, texts(func(a []string) any { return strings.TrimPrefix(a[1], a[0]) })},
	"trimSuffix": {2, 2, texts(func(a []string) any { return strings.TrimSuffix(a[1], a[0]) })},
	"before":     {2, 2, texts(func(a []string) any { s, _, _ := strings.Cut(a[1], a[0]); return s })},
	"after":      {2, 2, texts(func(a []string) any { _, s, _ := strings.Cut(a[1], a[0]); return s })},
	"truncate":   {2, 2, truncate}, "time": {1, 1, moment}, "add": {2, 2, add},
}

// known are the names of the functions for the parser.
var known = func() map[string]any {
	names := map[string]any{}
	for name := range functions {
		names[name] = true
	}
	return names
}()

func pick(first bool, a, b any) any {
	if first {
		return a
	}
	return b
}

func last(_ *run, a []any) (any, error) { return a[len(a)-1], nil }

// equal reports whether the first argument is like one of the others. Numbers are equal whatever their notation.
func equal(r *run, a []any) (any, error) {
	for _, b := range a[1:] {
		x, isNumber := number(a[0])
		if y, ok := number(b); ok && isNumber {
			if x == y {
				return true, nil
			}
			continue
		}
		s, err := r.string(a[0])
		if err != nil {
			return nil, err
		}
		t, err := r.string(b)
		if err == nil && len(s) == len(t) {
			err = r.spend(len(s) / 64)
		}
		if err != nil {
			return nil, err
		}
		if s == t {
			return true, nil
		}
	}
	return false, nil
}

func compare(holds func(a, b float64) bool) func(*run, []any) (any, error) {
	return func(_ *run, a []any) (any, error) {
		x, ok := number(a[0])
		y, too := number(a[1])
		return ok && too && holds(x, y), nil
	}
}

// choose takes a value, pairs of a word and its result, and what is chosen when no word fits: the letter case does not count.
func choose(r *run, a []any) (any, error) {
	s, err := r.string(a[0])
	if err != nil {
		return nil, err
	}
	for i := 1; i+1 < len(a); i += 2 {
		word, err := r.string(a[i])
		if err == nil {
			err = r.spend(min(len(s), len(word)) / 16)
		}
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(s, word) {
			return a[i+1], nil
		}
	}
	if len(a)%2 == 0 {
		return a[len(a)-1], nil
	}
	return nil, nil
}

// severities are the words for how bad something is, as priorities.
var severities = map[string]float64{
	"emergency": 5, "disaster": 5, "critical": 5, "crit": 5, "fatal": 5, "alert": 5, "page": 5, "panic": 5, "down": 5, "p1": 5,
	"error": 4, "err": 4, "high": 4, "major": 4, "failure": 4, "failed": 4, "fail": 4, "unreachable": 4, "p2": 4,
	"warning": 3, "warn": 3, "average": 3, "medium": 3, "moderate": 3, "minor": 3, "unknown": 3, "normal": 3, "notice": 3, "p3": 3,
	"info": 2, "information": 2, "informational": 2, "low": 2, "ok": 2, "up": 2, "success": 2, "clear": 2, "p4": 2, "none": 2,
	"debug": 1, "trace": 1, "p5": 1,
}

// severity is the priority for a word; empty when the word is not known.
func severity(r *run, a []any) (any, error) {
	s, err := r.string(a[0])
	if len(s) > 100 { // too long for a word
		return nil, err
	}
	if n, ok := severities[strings.ToLower(strings.TrimSpace(s))]; ok {
		return n, err
	}
	return nil, err
}

// Severity is the priority for a common word such as critical, as a text; empty when the word is not known.
func Severity(word string) string {
	if n, ok := severities[strings.ToLower(strings.TrimSpace(word))]; ok {
		return strconv.Itoa(int(n))
	}
	return ""
}

// color is the priority for the colour that a program gives to what it reports: #ff0000, 16711680, or one of Slack's words; empty when
// there is none.
func color(r *run, a []any) (any, error) {
	s, err := r.string(a[0])
	if len(s) > 100 { // too long for a colour
		return nil, err
	}
	if s = strings.ToLower(strings.TrimSpace(s)); s == "" || len(s) > 20 {
		return nil, err
	}
	switch s {
	case "danger", "red":
		return 5.0, err
	case "warning", "orange", "yellow":
		return 4.0, err
	case "good", "green":
		return 2.0, err
	}
	digits, hex := strings.CutPrefix(s, "#")
	base := 10
	if _, isText := a[0].(string); hex || isText && len(s) == 6 {
		base = 16
	}
	if hex && len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	n, bad := strconv.ParseUint(digits, base, 24)
	if bad != nil || base == 16 && len(digits) != 6 {
		return nil, err
	}
	return colorPriority(float64(n>>16), float64(n>>8&0xff), float64(n&0xff)), err
}

// colorPriority judges a colour by its hue, because each program has shades of its own.
func colorPriority(red, green, blue float64) float64 {
	high := max(red, green, blue)
	span := high - min(red, green, blue)
	if span < high/4 || high < 64 { // grey, or black
		return 3
	}
	var hue float64 // degrees: 0 is red, 120 green, 240 blue
	switch high {
	case red:
		hue = math.Mod(360+60*(green-blue)/span, 360)
	case green:
		hue = 120 + 60*(blue-red)/span
	default:
		hue = 240 + 60*(red-green)/span
	}
	switch {
	case hue < 20 || hue >= 335:
		return 5
	case hue < 70:
		return 4
	case hue < 170:
		return 2
	}
	return 3
}

// fromJSON is the value that a text holds as JSON; what is no text is itself, and any other text nothing.
func fromJSON(r *run, a []any) (any, error) {
	s, isText := a[0].(string)
	if !isText {
		return a[0], nil
	}
	if len(s) == len(r.parsed.text) {
		if err := r.spend(len(s) / 64); err != nil {
			return nil, err
		}
		if s == r.parsed.text {
			return r.parsed.value, nil
		}
	}
	if err := r.spend(len(s)); err != nil {
		return nil, err
	}
	v, err := ReadJSON([]byte(s))
	if err != nil {
		v = nil
	}
	r.parsed.text, r.parsed.value = s, v
	return v, nil
}

func header(r *run, a []any) (any, error) {
	s, err := r.string(a[0])
	if err != nil || r.header == nil || len(s) > 100 {
		return nil, err
	}
	return strings.ToValidUTF8(r.header(s), "\ufffd"), nil
}

// isCredential reports whether a header may hold a secret of the sender or of a proxy: in a message every subscriber would read it.
func isCredential(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"auth", "cookie", "token", "key", "secret", "signature", "jwt", "session", "credential", "password", "oidc", "assertion"},
		func(word string) bool { return strings.Contains(name, word) })
}

func add(_ *run, a []any) (any, error) {
	x, ok := number(a[0])
	y, too := number(a[1])
	if !ok || !too {
		return nil, fmt.Errorf("add needs two numbers")
	}
	if math.IsInf(x+y, 0) {
		return nil, fmt.Errorf("the sum is too large")
	}
	n, err := strconv.ParseFloat(strconv.FormatFloat(x+y, 'g', 15, 64), 64)
	return n, err
}
