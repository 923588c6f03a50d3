package web

// How many characters the fields of forms take. A test of package manage holds them equal to its rules.
const (
	MaxTopicName   = "64"
	MaxDisplayName = "100"
	MaxDescription = "2000" // of a topic
	MaxTitle       = "250"
	MaxName        = "60" // of a token, a key or a device
	MaxNote        = "200"
	MaxUsername    = "32"
	MaxEmail       = "254"
	MinPassword    = "8"
	MaxPassword    = "128"
)
