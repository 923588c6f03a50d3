package hub

// Reason is why a stream ends; the connection expresses it in its protocol.
type Reason uint8

// The reasons.
const (
	Gone     Reason = iota // nothing is wrong: the stream has to be opened again
	Revoked                // the credential or the topic ended
	Shutdown               // the server stops
	Failed                 // the messages or the rights could not be read
	Invalid                // the peer broke the protocol
)

// Conn is a subscriber's connection. Try and Write are called by one goroutine at a time; Hurry, Abort and Alive by any.
type Conn interface {
	// Try writes what the connection takes without blocking and reports how much that was.
	Try(p []byte) (int, error)
	// Write writes all of p or fails when the peer does not read within the connection's deadline.
	Write(p []byte) error
	// Beat is the keep-alive frame.
	Beat() []byte
	// End sends the reason and lets the connection close itself shortly after.
	End(Reason)
	// Hurry gives a Write that is under way one second more.
	Hurry()
	// Abort closes at once.
	Abort()
	// Alive reports whether the peer has been heard of recently enough.
	Alive() bool
}
