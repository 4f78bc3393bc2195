package tenon

import "sync/atomic"

// lifetime counts the uses of an object of C, which is deleted by whoever ends the last one after close. So close never
// waits, and can be called in a use.
type lifetime struct {
	uses atomic.Int64 // and isClosed
	end  func()
}

const isClosed = 1 << 62

// enter begins a use. Returns false if the object is closed.
func (l *lifetime) enter() bool {
	if l.uses.Add(1)&isClosed == 0 {
		return true
	}
	l.exit()
	return false
}

// exit ends a use.
func (l *lifetime) exit() {
	if l.uses.Add(-1) == isClosed && l.uses.CompareAndSwap(isClosed, isEnded) {
		l.end()
	}
}

// No use ends it again.
const isEnded = isClosed | 1<<61

// hasEnded says whether the object is deleted, or will be at once.
func (l *lifetime) hasEnded() bool { return l.uses.Load()&isEnded == isEnded }

// close may be called several times.
func (l *lifetime) close() {
	if l.uses.Or(isClosed)&isClosed == 0 {
		l.uses.Add(1)
		l.exit()
	}
}
