package push

import "time"

// unwritten is the pause before a device is served again for which something could not be read or written.
const unwritten = time.Minute

// note stores the result of a delivery. What cannot be stored, as on a full disk, is kept, and the device is sent nothing until it is
// stored: otherwise each attempt would send the same again. It reports whether it was stored. The log says once that storing fails, and
// once that everything is stored again, for all devices.
func (p *Pusher) note(device string, write func() error) bool {
	p.mu.Lock()
	before := len(p.owed[device])
	p.mu.Unlock()
	var err error
	if before == 0 {
		if err = write(); err == nil {
			return true
		}
	}
	p.mu.Lock()
	first := len(p.owed) == 0
	p.owed[device] = append(p.owed[device], write)
	p.mu.Unlock()
	if first {
		p.o.Log.Error("cannot store what was pushed; devices wait until it can", "device", device, "err", err)
	}
	return false
}

// settle stores what is kept for a device, in its order. It reports whether nothing is left.
func (p *Pusher) settle(device string) bool {
	for {
		p.mu.Lock()
		list := p.owed[device]
		if len(list) == 0 {
			delete(p.owed, device)
			p.mu.Unlock()
			return true
		}
		p.mu.Unlock()
		if list[0]() != nil {
			return false
		}
		p.mu.Lock()
		if p.owed[device] = p.owed[device][1:]; len(p.owed[device]) == 0 {
			delete(p.owed, device)
		}
		last := len(p.owed) == 0
		p.mu.Unlock()
		if last {
			p.o.Log.Info("what was pushed is stored again")
		}
	}
}
