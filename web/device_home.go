package web

// DeviceHome is the first page of a paired device.
type DeviceHome struct {
	Name, Owner string
	Topics      []TopicRow
	Stream      string
	Publish     bool
}

// may is what the device may do, in words.
func (v DeviceHome) may() string {
	if v.Publish {
		return "read and publish"
	}
	return "read"
}
