package api

// Event is something that happened to an account. Names are those of the moment; ids stay. An empty id is not an account's.
type Event struct {
	ID       int64  `json:"id"`
	At       Time   `json:"at"`
	Verb     string `json:"verb"`
	Actor    string `json:"actor"`
	ActorID  string `json:"actor_id"`
	Via      string `json:"via"`   // id of the API key or topic token that was used; empty for a session
	Topic    string `json:"topic"` // that was deleted
	Target   string `json:"target"`
	TargetID string `json:"target_id"`
	Address  string `json:"address"`
	Detail   string `json:"detail"`
}

// Events is a page of events, the newest first. Next is what before has to be for the next page; null on the last one.
type Events struct {
	Events []Event `json:"events"`
	Next   *int64  `json:"next"`
}
