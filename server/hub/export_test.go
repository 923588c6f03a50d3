package hub

// Bytes is how many bytes of memory the buffers of all topics take.
func (h *Hub) Bytes() int64 { return h.bytes.Load() }
