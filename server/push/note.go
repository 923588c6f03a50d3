package push

import "time"

// unwritten is the pause before a device is served again for which something could not be read or written.
const unwritten = time.Minute

// note writes what has become of a delivery. What cannot be written, as on a full disk, is kept, and the device is sent nothing
// before it is written: else each attempt would send the same again. It reports whether it was written.
func (p *Pusher) note(device string, write func() error) bool {
	p.mu.Lock()
	before := len(p.owed[device])
	p.mu.Unlock()
	if before == 0 && p.wrote(device, write()) {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.owed[device] = append(p.owed[device], write)
	return false
}

// settle writes what is kept of a device, in its order. It reports whether nothing is left.
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
		if !p.wrote(device, list[0]()) {
			return false
		}
		p.mu.Lock()
		p.owed[device] = p.owed[device][1:]
		p.mu.Unlock()
	}
}

// wrote reports whether a write succeeded. The log says once that writes fail, and once that they succeed again.
func (p *Pusher) wrote(device string, err error) bool {
	p.mu.Lock()
	was := p.failing
	p.failing = err != nil
	p.mu.Unlock()
	switch {
	case err != nil && !was:
		p.o.Log.Error("cannot store what was pushed; devices wait until it can", "device", device, "err", err)
	case err == nil && was:
		p.o.Log.Info("what was pushed is stored again")
	}
	return err == nil
}
